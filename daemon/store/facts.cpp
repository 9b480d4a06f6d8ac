#include "store/facts.h"

#include "domain/journal.h"
#include "store/former.h"
#include "store/orders.h"

namespace till::store {
namespace {

core::Envelope order_envelope(const domain::JournalBody& receipt) {
  const domain::Order& order = receipt.order;
  core::Envelope e{.uid = order.id,
                   .kind = core::Kind::order,
                   .hlc = order.hlc,
                   .business_date = order.business_date,
                   .trace = order.trace,
                   .body = domain::journal_body(order, receipt.once_key)};
  e.body.insert(e.body.end(), order.hash.begin(), order.hash.end());
  return e;
}

Result<std::optional<core::Envelope>> find_carried(sqlite::Connection& db, const Identity& identity, int64_t fact) {
  core::Envelope e;
  std::optional<int64_t> order_row;
  {
    auto query = db.query(
        "SELECT order_row, uid, kind, hlc, business_date, trace, body FROM carried_facts WHERE fact = ?", fact);
    const bool found = query.next();
    if (found) query.read(order_row, e.uid, e.kind, e.hlc, e.business_date, e.trace, e.body);
    TILL_CHECK(query.status());
    if (!found) return std::optional<core::Envelope>{};
  }
  if (!order_row) return std::optional(std::move(e));
  TILL_TRY(const auto receipt, find_receipt(db, identity, *order_row));
  return receipt ? std::optional(order_envelope(*receipt)) : std::nullopt;
}

}  // namespace

Result<std::optional<core::Envelope>> find_fact(sqlite::Connection& db, const Identity& identity, int64_t fact) {
  TILL_TRY(const auto receipt, find_receipt(db, identity, fact));
  if (receipt) return std::optional(order_envelope(*receipt));
  TILL_TRY(const auto entry, find_stock_entry(db, fact));
  if (!entry) return find_carried(db, identity, fact);
  return std::optional(core::Envelope{.uid = entry->fact.id,
                                      .kind = core::Kind::stock,
                                      .hlc = entry->hlc,
                                      .business_date = entry->fact.business_date,
                                      .trace = entry->trace,
                                      .body = domain::stock_body(entry->fact)});
}

Result<int64_t> newest_fact(sqlite::Connection& db) {
  TILL_TRY(const auto newest, (db.value<int64_t>("SELECT max(coalesce((SELECT max(row) FROM orders), 0),"
                                                 " coalesce((SELECT max(row) >> 12 FROM stock_entries), 0),"
                                                 " coalesce((SELECT max(fact) FROM carried_facts), 0))")));
  return newest.value_or(0);
}

Result<int64_t> count_facts(sqlite::Connection& db) {
  TILL_TRY(const auto count, (db.value<int64_t>("SELECT (SELECT count(*) FROM orders WHERE row > 0)"
                                                " + (SELECT count(*) FROM stock_entries)"
                                                " + (SELECT count(*) FROM carried_facts)")));
  return count.value_or(0);
}

Result<int64_t> row_of_tick(sqlite::Connection& db, int64_t fact) {
  TILL_TRY(const auto hlc,
           (db.value<int64_t>("SELECT coalesce(hlc, created_at << 16) FROM orders WHERE row = ?1 UNION ALL"
                              " SELECT coalesce(hlc, at << 16) FROM stock_entries WHERE row = ?1 << 12 UNION ALL"
                              " SELECT hlc FROM carried_facts WHERE fact = ?1",
                              fact)));
  return former_row(hlc.value_or(INT64_MAX));
}

Result<std::vector<core::Envelope>> load_facts(sqlite::Connection& db, const Identity& identity, int64_t first,
                                               int64_t most) {
  outbox::Batch batch;
  for (int64_t seq = first; seq - first < most; ++seq) {
    TILL_TRY(auto envelope, find_fact(db, identity, identity.sale_base + seq));
    if (!envelope) break;
    envelope->seq = seq;
    if (!batch.add(std::move(*envelope))) break;
  }
  return std::move(batch).take();
}

}  // namespace till::store
