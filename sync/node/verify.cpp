#include "sync/node/verify.h"

#include "store/facts.h"
#include "store/stock.h"

namespace till::node {
namespace {

Status check_rows(sqlite::Connection& db, VerifyReport& report) {
  core::SetHash computed;
  auto images = db.query("SELECT image FROM hub_rows");
  while (images.next()) {
    computed.add(images.get<Bytes>(0));
    ++report.rows;
  }
  TILL_CHECK(images.status());
  TILL_TRY(const ScopeRow tenant, get_scope(db, core::Scope::tenant));
  report.digest = to_hex(computed.sum);
  report.matched_at = tenant.matched_at;
  if (!(computed == tenant.digest)) report.fault = "the shared rows are not those that came from headquarters";
  if (tenant.mismatches > 0) report.fault = "headquarters has other rows; they are being pulled anew";
  return {};
}

// Facts are numbered without a gap: the sale stream's seq is that number.
Status check_facts(sqlite::Connection& db, VerifyReport& report) {
  TILL_TRY(const int64_t newest, store::newest_fact(db));
  TILL_TRY(const int64_t made, store::count_facts(db));
  if (made != newest) report.fault = "a sale or stock entry is missing among those with a number";
  return {};
}

// Every edit can be read, and stands where its stream says.
Status check_edits(sqlite::Connection& db, const core::State& state, VerifyReport& report) {
  for (const core::Stream stream : {core::Stream::shop, core::Stream::bulk}) {
    const core::StreamState& s = state.streams[core::index_of(stream)];
    int64_t next = s.acked + 1;
    while (next <= s.head) {
      TILL_TRY(const auto batch, outbox::load_edits(db, stream, next, core::kMaxBatchEnvelopes));
      if (batch.empty()) report.fault = "an edit that headquarters does not have is missing";
      for (const core::Envelope& envelope : batch)
        if (envelope.seq != next++ || !core::read_edit(envelope.body)) report.fault = "an edit on its way is damaged";
      if (!report.fault.empty()) return {};
    }
  }
  return {};
}

}  // namespace

Result<VerifyReport> verify_sync(sqlite::Connection& db, const Replica& replica) {
  VerifyReport report;
  TILL_TRY(const core::State state, replica.load_state(db));
  for (const core::StreamState& stream : state.streams) report.envelopes += stream.head - stream.acked;
  TILL_CHECK(check_rows(db, report));
  if (report.fault.empty()) TILL_CHECK(check_facts(db, report));
  if (report.fault.empty()) TILL_CHECK(check_edits(db, state, report));
  if (report.fault.empty()) {
    TILL_TRY(const auto unequal, store::find_unequal_stock(db));
    if (unequal) report.fault = "the stock of product " + to_string(*unequal) + " is not the sum of its ledger";
  }
  report.intact = report.fault.empty();
  return report;
}

}  // namespace till::node
