#include "store/facts.h"

#include "domain/journal.h"
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

Result<std::optional<core::Envelope>> find_fact(sqlite::Connection& db, const Identity& identity, int64_t fact) {
  TILL_TRY(const auto receipt, find_receipt(db, identity, fact));
  if (receipt) return std::optional(order_envelope(*receipt));
  TILL_TRY(const auto entry, find_stock_entry(db, fact));
  if (!entry) return std::optional<core::Envelope>{};
  return std::optional(core::Envelope{.uid = entry->fact.id,
                                      .kind = core::Kind::stock,
                                      .hlc = entry->hlc,
                                      .business_date = entry->fact.business_date,
                                      .trace = entry->trace,
                                      .body = domain::stock_body(entry->fact)});
}

}  // namespace

Result<int64_t> newest_fact(sqlite::Connection& db) {
  TILL_TRY(const auto newest, (db.value<int64_t>("SELECT max(coalesce((SELECT max(row) FROM orders), 0),"
                                                 " coalesce((SELECT max(row) >> 12 FROM stock_entries), 0))")));
  return newest.value_or(0);
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
