#include "sync/node/routes.h"

#include "access/routes.h"
#include "domain/page.h"
#include "http/handler.h"
#include "store/conflicts.h"
#include "sync/core/conflict_entry.h"
#include "sync/node/report.h"
#include "sync/node/verify.h"

namespace till::node {
namespace {

using domain::Role;
using http::Lane;
using http::Method;
using http::Request;

struct StreamStatus {
  std::string name;
  int64_t last_seq = 0;
  int64_t acked_seq = 0;
  int64_t lag = 0;

  static constexpr auto fields() {
    return std::tuple(field("name", &StreamStatus::name).doc("sale: facts; shop: edits; bulk: edits by imports"),
                      field("last_seq", &StreamStatus::last_seq), field("acked_seq", &StreamStatus::acked_seq),
                      field("lag", &StreamStatus::lag).doc("envelopes that headquarters does not have yet"));
  }
};

struct ScopeStatus {
  std::string name;
  int64_t rev = 0;
  int64_t head_rev = 0;

  static constexpr auto fields() {
    return std::tuple(field("name", &ScopeStatus::name).doc("tenant: shared rows; store: facts and conflicts"),
                      field("rev", &ScopeStatus::rev).doc("what this node has"),
                      field("head_rev", &ScopeStatus::head_rev).doc("what headquarters had when it was last asked"));
  }
};

struct DigestStatus {
  std::optional<Time> matched_at;
  int64_t mismatches = 0;

  static constexpr auto fields() {
    return std::tuple(field("matched_at", &DigestStatus::matched_at).doc("when all shared rows were last the same"),
                      field("mismatches", &DigestStatus::mismatches).doc("since then"));
  }
};

struct SyncStatus {
  bool connected = false;
  bool welcomed = false;
  bool revoked = false;
  std::string trouble;
  std::vector<StreamStatus> streams;
  std::vector<ScopeStatus> scopes;
  std::optional<Time> oldest_unacknowledged;
  int64_t conflicts_open = 0;
  int64_t quarantined = 0;
  DigestStatus digest;

  static constexpr std::string_view kName = "SyncStatus";
  static constexpr auto fields() {
    return std::tuple(
        field("connected", &SyncStatus::connected).doc("to the broker"),
        field("welcomed", &SyncStatus::welcomed).doc("by headquarters"), field("revoked", &SyncStatus::revoked),
        field("trouble", &SyncStatus::trouble).doc("why it is not connected"), field("streams", &SyncStatus::streams),
        field("scopes", &SyncStatus::scopes), field("oldest_unacknowledged", &SyncStatus::oldest_unacknowledged),
        field("conflicts_open", &SyncStatus::conflicts_open),
        field("quarantined", &SyncStatus::quarantined).doc("rows and facts of the hub that this version cannot read"),
        field("digest", &SyncStatus::digest));
  }
};

// What the worker believes is newer than what is kept of it: marks are written now and then only.
core::State state_of(const Line& line, core::State kept) {
  for (const core::Stream stream : core::kStreams) {
    const size_t i = core::index_of(stream);
    if (line.state.epoch == kept.epoch)
      kept.streams[i].acked = std::max(kept.streams[i].acked, line.state.streams[i].acked);
  }
  return kept;
}

SyncStatus status_of(const Line& line, const core::State& state, const SyncReport& report) {
  SyncStatus status;
  status.connected = line.connected;
  status.welcomed = line.welcomed;
  status.revoked = line.revoked;
  status.trouble = line.trouble;
  for (const core::Stream stream : core::kStreams) {
    const core::StreamState& s = state.streams[core::index_of(stream)];
    status.streams.push_back({std::string(to_string(stream)), s.head, s.acked, s.head - s.acked});
    const auto& oldest = report.lag[core::index_of(stream)].oldest;
    if (s.head > s.acked && oldest && (!status.oldest_unacknowledged || *oldest < *status.oldest_unacknowledged))
      status.oldest_unacknowledged = oldest;
  }
  for (const core::Scope scope : core::kScopes) {
    const core::ScopeState& s = state.scopes[core::index_of(scope)];
    status.scopes.push_back({scope == core::Scope::tenant ? "tenant" : "store", s.cursor.rev, s.head.rev});
  }
  status.conflicts_open = report.open_conflicts;
  status.quarantined = report.rows_not_shown + report.facts_not_read;
  status.digest = {report.matched_at, report.mismatches};
  return status;
}

}  // namespace

http::Routes sync_routes(const Replica& replica, sqlite::Readers& readers, std::function<Line()> line) {
  using Answer = Result<http::Outcome>;
  auto status = [&replica, &readers, line](Request&) -> Answer {
    TILL_TRY(auto* db, readers.fresh());
    TILL_TRY(const core::State kept, replica.load_state(*db));
    TILL_TRY(const SyncReport report, sync_report(*db));
    const Line now = line ? line() : Line{};
    return http::row_response(status_of(now, state_of(now, kept), report));
  };
  auto conflicts = [&readers](Request& request) -> Answer {
    TILL_TRY(const http::PageQuery page, http::page_query(request));
    TILL_TRY(auto* db, readers.fresh());
    TILL_TRY(const auto found, store::list_conflicts(*db, page.cursor, page.limit));
    std::vector<core::ConflictEntry> entries;
    for (const store::KeptConflict& kept : found.items) entries.push_back(core::entry_of(kept.conflict));
    return http::list_response(request, entries, found.next);
  };
  auto verify = [&replica, &readers](Request&) -> Answer {
    TILL_TRY(auto* db, readers.fresh());
    TILL_TRY(const VerifyReport report, verify_sync(*db, replica));
    return http::row_response(report);
  };
  using access::route;
  // clang-format off
  return {
    route(Method::get, "/api/v1/sync/status", Role::manager, Lane::slow, "sync.status", "How this till stands with headquarters", status)
        .gives(answer_schema<SyncStatus>()),
    route(Method::get, "/api/v1/sync/conflicts", Role::manager, Lane::slow, "sync.conflicts", "What two sides changed, newest first", conflicts)
        .knows({"limit", "cursor", "fields"}).gives(http::list_schema<core::ConflictEntry>()),
    route(Method::get, "/api/v1/sync/verify", Role::manager, Lane::slow, "sync.verify", "Checks what is kept for sync", verify)
        .gives(answer_schema<VerifyReport>()),
  };
  // clang-format on
}

}  // namespace till::node
