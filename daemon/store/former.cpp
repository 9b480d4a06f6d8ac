#include "store/former.h"

#include <algorithm>

#include "store/facts.h"
#include "store/orders.h"
#include "store/placed_orders.h"
#include "store/products.h"
#include "store/reservations.h"
#include "sync/core/hlc.h"

namespace till::store {
namespace {

using domain::Order;
using domain::OrderKind;
using domain::OrderLine;

Result<bool> is_here(sqlite::Connection& db, const Uuid& id) {
  TILL_TRY(const auto found, db.value<int64_t>("SELECT 1 FROM orders WHERE id = ?", id));
  return found.has_value();
}

Result<int64_t> free_row(sqlite::Connection& db, int64_t hlc) {
  for (int64_t row = former_row(hlc);; ++row) {
    TILL_TRY(const auto taken, db.value<int64_t>("SELECT 1 FROM orders WHERE row = ?", row));
    if (!taken) return row;
  }
}

// Of a former life nothing is known but the tag in its receipts' numbers, and nothing else is needed.
Result<int64_t> former_epoch(sqlite::Connection& db, const Bytes& epoch, Time first_seen) {
  TILL_TRY(const auto known, db.value<int64_t>("SELECT id FROM epochs WHERE id <= 0 AND epoch = ?", epoch));
  if (known) return *known;
  TILL_CHECK(
      db.run("INSERT INTO epochs (id, epoch, started_at, prev_hash)"
             " VALUES ((SELECT min(id) FROM epochs) - 1, ?, ?, zeroblob(32))",
             epoch, first_seen));
  TILL_TRY(const auto made, db.value<int64_t>("SELECT min(id) FROM epochs"));
  return made.value_or(0);
}

Result<int64_t> user_row(sqlite::Connection& db, const Uuid& id) {
  TILL_TRY(const auto row, db.value<int64_t>("SELECT row FROM users WHERE id = ?", id));
  return row.value_or(0);
}

Status link_people(sqlite::Connection& db, Order& order) {
  TILL_TRY(order.cashier_row, user_row(db, order.cashier_id));
  if (order.customer_id) {
    TILL_TRY(order.customer_row, user_row(db, *order.customer_id));
  }
  return {};
}

// The row of the order's product: one that headquarters has not sent yet, or never will, is only what was sold of it.
Result<int64_t> product_row(sqlite::Connection& db, const Identity& identity, const OrderLine& line,
                            const Stamp& stamp) {
  TILL_TRY(const auto known, db.value<int64_t>("SELECT row FROM products WHERE id = ? LIMIT 1", line.product_id));
  if (known) return *known;
  domain::Product product;
  product.id = line.product_id;
  product.name = line.name;
  product.price = line.list_price.value_or(line.unit_price);
  product.currency = identity.currency;
  TILL_CHECK(add_product(db, product, stamp));
  TILL_CHECK(remove_product(db, product, stamp));
  TILL_CHECK(book_waiting(db, product.id, stamp.version_base));
  return product.row;
}

// A line of an order that is not here keeps its number alone.
Status link_goods(sqlite::Connection& db, const Identity& identity, Order& order, const Stamp& stamp) {
  for (OrderLine& line : order.lines) {
    TILL_TRY(line.product_row, product_row(db, identity, line, stamp));
    line.of_line_row = line.of_line_id ? part_key(order.of_order_row, line.of_line_id->child_number()) : 0;
  }
  return {};
}

Status link_sale(sqlite::Connection& db, Order& order) {
  auto query = db.query("SELECT row, coalesce(customer, 0) FROM orders WHERE id = ?", order.of_order_id);
  if (query.next()) query.read(order.of_order_row, order.customer_row);
  return query.status();
}

// It was ordered here, and paid in a life that this database does not remember.
Status link_placed(sqlite::Connection& db, Order& order, const Stamp& stamp) {
  {
    auto query = db.query("SELECT row, coalesce(customer, 0) FROM placed_orders WHERE id = ?", order.id);
    if (query.next()) query.read(order.place, order.customer_row);
    TILL_CHECK(query.status());
  }
  if (order.place == 0) return {};
  TILL_TRY(const auto held, list_reservations_of_order(db, order.place));
  for (const domain::Reservation& one : held)
    TILL_CHECK(release_reservation(db, one, one.quantity, stamp.version_base));
  return set_placed_sold(db, order.place, order.row);
}

Status void_sale(sqlite::Connection& db, const Identity& identity, const Uuid& sale_id, const Stamp& stamp) {
  TILL_TRY(Order sale, get_order(db, identity, sale_id, As::now));
  if (sale.status == domain::OrderStatus::voided) return {};
  return set_order_status(db, sale, domain::OrderStatus::voided, stamp);
}

struct Awaiting {
  int64_t row = 0;
  OrderKind kind{};
};

// Returns and voids of this order that came back before it.
Status link_awaiting(sqlite::Connection& db, const Identity& identity, const Order& order, const Stamp& stamp) {
  TILL_TRY(const auto awaiting,
           sqlite::all_rows(db.query("SELECT row, kind FROM orders WHERE of_order_id = ?", order.id),
                            [](const sqlite::Query& q) {
                              return Awaiting{q.get<int64_t>(0), q.get<OrderKind>(1)};
                            }));
  for (const Awaiting& one : awaiting) {
    TILL_CHECK(db.run("UPDATE orders SET of_order = ?, of_order_id = NULL WHERE row = ?", order.row, one.row));
    TILL_CHECK(db.run("UPDATE order_lines SET of_line = of_line + ? WHERE row BETWEEN ? AND ? AND of_line IS NOT NULL",
                      part_key(order.row, 0), part_key(one.row, 1), part_key(one.row + 1, 0) - 1));
    if (one.kind == OrderKind::void_) TILL_CHECK(void_sale(db, identity, order.id, stamp));
  }
  return {};
}

// The ids of those who are not here: nothing else tells them.
Status keep_ids(sqlite::Connection& db, const Order& order) {
  const auto cashier = order.cashier_row == 0 ? sqlite::if_any(order.cashier_id) : std::nullopt;
  const auto sale = order.of_order_row == 0 ? order.of_order_id : std::nullopt;
  if (!cashier && !sale) return {};
  return db.run("UPDATE orders SET cashier_id = ?, of_order_id = ? WHERE row = ?", cashier, sale, order.row);
}

// True if its lines say what our rows can say.
bool is_plain(const Order& order) {
  return std::all_of(order.lines.begin(), order.lines.end(), [&](const OrderLine& line) {
    const bool of_this = !line.of_line_id || (order.of_order_id && line.of_line_id->parent() == *order.of_order_id &&
                                              line.of_line_id->child_number() <= domain::kMaxLines);
    return of_this && !line.product_id.is_nil();
  });
}

}  // namespace

std::optional<FormerOrder> read_former_order(const Identity& identity, const core::Envelope& e) {
  constexpr size_t kHashBytes = 32;
  const bool readable = e.kind == core::Kind::order && e.schema == core::kBodySchema && core::is_tick(e.hlc);
  if (!readable || e.body.size() < kHashBytes) return std::nullopt;
  const ByteView bytes = e.body;
  auto receipt = domain::read_journal_body(bytes.first(bytes.size() - kHashBytes));
  if (!receipt) return std::nullopt;
  Order& order = receipt->order;
  const bool ours = domain::read_receipt_number(identity.node, order.receipt_number) && order.id == e.uid &&
                    order.currency == identity.currency && is_plain(order);
  if (!ours) return std::nullopt;
  std::copy_n(bytes.end() - kHashBytes, kHashBytes, order.hash.begin());
  order.hlc = e.hlc;
  order.trace = e.trace;
  return FormerOrder{.receipt = std::move(*receipt)};
}

Status put_back_order(sqlite::Connection& db, const Identity& identity, FormerOrder former, const Stamp& stamp) {
  Order& order = former.receipt.order;
  TILL_TRY(const bool here, is_here(db, order.id));
  if (here) return {};
  const auto number = domain::read_receipt_number(identity.node, order.receipt_number);
  const auto epoch = number ? domain::epoch_of_tag(number->tag) : std::nullopt;
  if (!epoch) return Error{.code = Code::invalid, .message = order.receipt_number + ": is no receipt of this node"};
  order.receipt_n = number->n;
  TILL_TRY(order.epoch_row, former_epoch(db, *epoch, order.created_at));
  TILL_TRY(order.row, free_row(db, order.hlc));
  order.of_order_row = order.place = order.customer_row = 0;  // whatever they were in another database
  order.version = stamp.next_version(order.version);
  if (order.of_order_id) TILL_CHECK(link_sale(db, order));
  TILL_CHECK(link_placed(db, order, stamp));
  TILL_CHECK(link_people(db, order));
  TILL_CHECK(link_goods(db, identity, order, stamp));
  TILL_CHECK(add_unbooked_lines(db, order));
  TILL_CHECK(add_order(db, order, {.key = former.receipt.once_key, .hash = former.once_hash}));
  TILL_CHECK(keep_ids(db, order));
  TILL_CHECK(link_awaiting(db, identity, order, stamp));
  if (former.status_now) TILL_CHECK(set_order_status(db, order, *former.status_now, stamp));
  const bool voids = order.kind == OrderKind::void_ && order.of_order_row != 0;
  return voids ? void_sale(db, identity, *order.of_order_id, stamp) : Status{};
}

Status put_back_fact(sqlite::Connection& db, const Identity& identity, const core::Envelope& envelope,
                     std::optional<FormerOrder> order, const Stamp& stamp) {
  TILL_CHECK(book_fact(db, read_fact(identity.node, envelope), stamp.version_base));
  return order ? put_back_order(db, identity, std::move(*order), stamp) : Status{};
}

Status carry_over_fact(sqlite::Connection& db, const Identity& identity, const core::Envelope& e,
                       std::optional<FormerOrder> order, const Stamp& stamp) {
  const bool by_rows = order.has_value();
  TILL_CHECK(put_back_fact(db, identity, e, std::move(order), stamp));
  TILL_TRY(const int64_t newest, newest_fact(db));
  TILL_CHECK(
      db.run("INSERT INTO carried_facts (fact, order_row, uid, kind, hlc, business_date, trace, body)"
             " VALUES (?1, (SELECT row FROM orders WHERE id = ?2 AND ?3), ?2, ?4, ?5, ?6, ?7, ?8)",
             newest + 1, e.uid, by_rows, e.kind, e.hlc, e.business_date, e.trace,
             by_rows ? std::nullopt : std::optional(e.body)));
  // The clock of this life goes on after it (Counters).
  return db.run("UPDATE sync_scopes SET hlc = max(hlc, ?) WHERE scope = 1", e.hlc);
}

}  // namespace till::store
