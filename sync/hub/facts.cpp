#include "sync/hub/facts.h"

#include "crypto/hash.h"
#include "domain/journal.h"
#include "domain/stock_fact.h"
#include "sync/core/hlc.h"

namespace till::hub {
namespace {

using core::Envelope;
using core::Kind;
using domain::Order;
using domain::StockEntryKind;
using domain::StockFact;

constexpr const char* kMalformed = "malformed";

/// What of an order stands in columns.
struct OrderColumns {
  std::optional<std::string> receipt{};
  std::optional<Link> link{};
  std::optional<Uuid> of_order{};
};

Result<Booked> insert_fact(Tx& tx, const Source& source, const Envelope& e, const OrderColumns& order) {
  TILL_CHECK(tx.db.run(
      "INSERT INTO facts (uid, store, stream, seq, kind, schema, hlc, business_date, trace, body, receipt, link,"
      " of_order) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      e.uid.bytes, source.store, source.stream, e.seq, e.kind, e.schema, e.hlc, e.business_date, e.trace, e.body,
      order.receipt, order.link, order.of_order));
  TILL_TRY(const auto row, (tx.db.value<int64_t>("SELECT last_insert_rowid()")));
  TILL_CHECK(tx.revs.take(source.store, row));
  return Booked{row.value_or(0), e.uid, e.hlc};
}

Status book_lines(Tx& tx, const Occasion& occasion, const Booked& by, const Order& order) {
  std::map<Uuid, StockRow> touched;
  for (size_t i = 0; i < order.lines.size(); ++i) {
    const domain::OrderLine& line = order.lines[i];
    if (line.moved == 0) continue;
    auto at = touched.find(line.product_id);
    if (at == touched.end()) {
      TILL_TRY(StockRow opened, open_stock(tx.db, line.product_id, occasion.scope));
      at = touched.emplace(line.product_id, opened).first;
    }
    TILL_CHECK(book_movement(tx.db, at->second, by, static_cast<int64_t>(i) + 1, line.moved));
  }
  for (auto& [product, stock] : touched) TILL_CHECK(judge_stock(tx, occasion, stock));
  return {};
}

Result<OrderColumns> judge_receipt(Tx& tx, Source& source, const Occasion& occasion, const Receipt& receipt,
                                   const Order& order) {
  OrderColumns columns{.of_order = order.of_order_id};
  if (order.receipt_number.empty()) return columns;
  columns.receipt = order.receipt_number;
  TILL_TRY(columns.link, link_of(tx.db, receipt, source.receipt, source.store, order.receipt_number));
  source.receipt = receipt.hash;
  TILL_TRY(const auto twin, find_twin(tx.db, source.store, order.receipt_number, order.id));
  if (!twin) return columns;
  std::string ours, theirs;
  JsonWriter(ours).value(*twin);
  JsonWriter(theirs).value(order.receipt_number);
  TILL_CHECK(add_conflict(tx, occasion, core::Entity::product, {},
                          {.kind = core::ClashKind::receipt_twice,
                           .field = "receipt_number",
                           .ours = std::move(ours),
                           .theirs = std::move(theirs),
                           .winner = core::Winner::theirs}));
  return columns;
}

Result<Applied> book_order(Tx& tx, Source& source, const Envelope& e) {
  const auto receipt = split_receipt(e.body);
  if (!receipt) return Applied{.refused = kMalformed};
  const auto read = domain::read_journal_body(receipt->body);
  if (!read || read->order.id != e.uid) return Applied{.refused = kMalformed};
  const Order& order = read->order;
  const Occasion occasion{.scope = source.store, .node = source.node, .uid = e.uid, .user = order.cashier_id};
  TILL_TRY(const OrderColumns columns, judge_receipt(tx, source, occasion, *receipt, order));
  TILL_TRY(const Booked by, insert_fact(tx, source, e, columns));
  TILL_CHECK(book_lines(tx, occasion, by, order));
  return Applied{.fact = by.fact};
}

Result<Applied> book_stock(Tx& tx, Source& source, const Envelope& e) {
  const auto fact = domain::read_stock_body(e.body);
  if (!fact || fact->id != e.uid) return Applied{.refused = kMalformed};
  const Occasion occasion{.scope = source.store, .node = source.node, .uid = e.uid, .user = fact->user_id};
  TILL_TRY(const Booked by, insert_fact(tx, source, e, {}));
  TILL_TRY(StockRow stock, open_stock(tx.db, fact->product_id, source.store));
  if (fact->counted)
    TILL_CHECK(book_count(tx.db, stock, by, *fact->counted));
  else
    TILL_CHECK(book_movement(tx.db, stock, by, 0, fact->moved));
  TILL_CHECK(judge_stock(tx, occasion, stock));
  return Applied{.fact = by.fact};
}

// What was sold, the other way round.
Order opposite(const Order& sold, const Uuid& id, Time now, const std::string& reason) {
  Order order;
  order.kind = domain::OrderKind::void_;
  order.id = id;
  order.of_order_id = sold.id;
  order.created_at = now;
  order.business_date = sold.business_date;
  order.currency = sold.currency;
  order.reason = reason;
  order.subtotal = -sold.subtotal;
  order.discount = -sold.discount;
  order.tax = -sold.tax;
  order.total = -sold.total;
  for (domain::OrderLine line : sold.lines) {
    line.of_line_id = line.id;
    for (int64_t domain::OrderLine::*amount :
         {&domain::OrderLine::quantity, &domain::OrderLine::discount, &domain::OrderLine::tax,
          &domain::OrderLine::total, &domain::OrderLine::moved})
      line.*amount = -(line.*amount);
    order.lines.push_back(std::move(line));
  }
  for (const domain::Payment& paid : sold.payments)
    order.payments.push_back({.method = paid.method, .amount = -paid.amount, .tendered = -paid.amount});
  return order;
}

// A void by the hub bears no receipt number and stands in no till's chain: its hash is that of a first one.
Bytes counter_body(Tx& tx, const Envelope& e, const std::string& reason, Uuid& id) {
  id = tx.ids.next_parent();
  const auto receipt = split_receipt(e.body);
  TILL_ASSERT(receipt.has_value());
  const auto sold = domain::read_journal_body(receipt->body);
  TILL_ASSERT(sold.ok());
  Bytes body = domain::journal_body(opposite(sold->order, id, tx.now, reason), "");
  const crypto::Digest hash = crypto::Sha256().add(core::Hash{}).add(body).finish();
  body.insert(body.end(), hash.begin(), hash.end());
  return body;
}

}  // namespace

Result<Applied> book_fact(Tx& tx, Source& source, const Envelope& envelope) {
  if (!core::is_tick(envelope.hlc)) return Applied{.refused = kMalformed};
  return envelope.kind == Kind::order ? book_order(tx, source, envelope) : book_stock(tx, source, envelope);
}

Result<int64_t> on_hand_of(sqlite::Connection& db, int64_t store, const Envelope& envelope) {
  const auto fact = domain::read_stock_body(envelope.body);
  if (envelope.kind != Kind::stock || !fact || !fact->counted) return 0;
  TILL_TRY(const StockRow stock, open_stock(db, fact->product_id, store));
  return stock.on_hand;
}

Status book_counter(Tx& tx, const Source& source, const Envelope& envelope, int64_t on_hand_before,
                    const std::string& reason) {
  Envelope counter = envelope;
  counter.seq = 0;
  if (envelope.kind == Kind::order) {
    counter.body = counter_body(tx, envelope, reason, counter.uid);
  } else {
    auto fact = domain::read_stock_body(envelope.body);
    TILL_ASSERT(fact.ok());
    if (fact->counted) {
      TILL_TRY(const int64_t on_hand, on_hand_of(tx.db, source.store, envelope));
      fact->moved = on_hand - on_hand_before;
      ++counter.hlc;  // a count's own hlc is on its near side
    }
    counter.uid = tx.ids.next();
    counter.body = domain::stock_body({.id = counter.uid,
                                       .product_id = fact->product_id,
                                       .kind = StockEntryKind::adjust,
                                       .moved = -fact->moved,
                                       .reason = reason,
                                       .at = tx.now,
                                       .business_date = fact->business_date});
  }
  tx.revs.begin(counter.uid, counter.kind);
  Source hub{.store = source.store, .node = "hub"};
  TILL_TRY(const Applied booked, book_fact(tx, hub, counter));
  if (!booked.fact) return Error{.code = Code::conflict, .message = "This is too much to be taken back at once"};
  return {};
}

}  // namespace till::hub
