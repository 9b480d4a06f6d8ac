#include "sync/node/report.h"

#include "store/conflicts.h"
#include "store/remote.h"
#include "sync/core/hlc.h"
#include "sync/node/scopes.h"
#include "sync/node/streams.h"
#include "sync/outbox/images.h"

namespace till::node {
namespace {

Result<StreamLag> lag_of(sqlite::Connection& db, const store::Identity& identity, core::Stream stream) {
  TILL_TRY(const core::StreamState state, stream_state(db, identity, stream));
  StreamLag lag{.envelopes = state.head - state.acked};
  TILL_TRY(const auto oldest, load_batch(db, identity, stream, state.acked + 1, 1));
  if (!oldest.empty()) lag.oldest = Time{oldest.front().hlc >> core::kHlcTickBits};
  return lag;
}

}  // namespace

// The epoch is the database's, not the services' in memory: that one belongs to the writer's thread.
Result<SyncReport> sync_report(sqlite::Connection& db) {
  TILL_TRY(const auto identity, store::find_identity(db));
  SyncReport report;
  for (const core::Stream stream : core::kStreams) {
    TILL_TRY(report.lag[core::index_of(stream)], lag_of(db, identity.value_or(store::Identity{}), stream));
  }
  TILL_TRY(report.open_conflicts, store::count_open_conflicts(db));
  TILL_TRY(report.rows_not_shown, outbox::count_faults(db));
  TILL_TRY(report.facts_not_read, store::count_unread_facts(db));
  TILL_TRY(const ScopeRow tenant, get_scope(db, core::Scope::tenant));
  report.matched_at = tenant.matched_at;
  report.mismatches = tenant.mismatches;
  return report;
}

}  // namespace till::node
