#include "store/orders.h"

#include "store/facts.h"
#include "store/placed_orders.h"
#include "store/shipments.h"
#include "sync/core/hlc.h"

namespace till::store {
namespace {

using domain::Order;
using domain::OrderLine;
using domain::Payment;
using sqlite::if_any;

constexpr const char* kSelect =
    "SELECT o.row, o.id, o.version, o.created_at, o.kind, o.fulfilment, o.status, o.epoch, o.receipt_n, "
    "o.business_date,"
    " o.cashier, coalesce(u.id, o.cashier_id), o.subtotal, o.discount, o.tax, o.total, o.oversold, o.of_order,"
    " coalesce(p.id, o.of_order_id), coalesce(o.reason, ''), o.hash,"
    " o.status_now, o.version_now, o.updated_at, e.epoch, o.once_hash, coalesce(o.once_key, ''),"
    " coalesce(o.hlc, o.created_at << 16), o.trace, o.customer, c.id, o.place"
    " FROM orders o JOIN epochs e ON e.id = o.epoch LEFT JOIN users u ON u.row = o.cashier LEFT JOIN orders p ON p.row "
    "= o.of_order LEFT JOIN users c ON c.row = o.customer ";
constexpr int kOnceHashColumn = 25, kOnceKeyColumn = 26, kHlcColumn = 27, kTraceColumn = 28, kCustomerColumn = 29;

Order read_order(const sqlite::Query& query, const Identity& identity, As as) {
  Order o;
  Uuid parent;
  std::optional<domain::OrderStatus> status_now;
  std::optional<int64_t> version_now;
  std::optional<Time> updated_at;
  Bytes epoch;
  query.read(o.row, o.id, o.version, o.created_at, o.kind, o.fulfilment, o.status, o.epoch_row, o.receipt_n,
             o.business_date, o.cashier_row, o.cashier_id, o.subtotal, o.discount, o.tax, o.total, o.oversold,
             o.of_order_row, parent, o.reason, o.hash, status_now, version_now, updated_at, epoch);
  o.hlc = query.get<int64_t>(kHlcColumn);
  o.trace = query.get<core::Trace>(kTraceColumn);
  o.customer_row = query.get<std::optional<int64_t>>(kCustomerColumn).value_or(0);
  o.customer_id = query.get<std::optional<Uuid>>(kCustomerColumn + 1);
  o.place = query.get<std::optional<int64_t>>(kCustomerColumn + 2).value_or(0);
  if (!parent.is_nil()) o.of_order_id = parent;
  o.updated_at = o.created_at;
  if (as == As::now) {
    o.status = status_now.value_or(o.status);
    o.version = version_now.value_or(o.version);
    o.updated_at = updated_at.value_or(o.updated_at);
  }
  o.currency = identity.currency;
  o.receipt_number = domain::receipt_number(identity.node, domain::epoch_tag(epoch), o.receipt_n);
  return o;
}

Status read_lines(sqlite::Connection& db, Order& order) {
  auto query = db.query(
      "SELECT l.row, l.product, p.id, l.name, l.quantity, l.unit_price, l.list_price, l.discount, l.tax_rate, l.tax, "
      "l.total,"
      " l.moved, l.price_version, l.of_line, coalesce(l.reason, '')"
      " FROM order_lines l LEFT JOIN products p ON p.row = l.product WHERE l.row BETWEEN ? AND ? ORDER BY l.row",
      part_key(order.row, 1), part_key(order.row + 1, 0) - 1);
  while (query.next()) {
    OrderLine& l = order.lines.emplace_back();
    int64_t key = 0;
    query.read(key, l.product_row, l.product_id, l.name, l.quantity, l.unit_price, l.list_price, l.discount, l.tax_rate,
               l.tax, l.total, l.moved, l.price_version, l.of_line_row, l.reason);
    l.id = order.id.child(static_cast<uint16_t>(part_number(key)));
    if (l.of_line_row && order.of_order_id)
      l.of_line_id = order.of_order_id->child(static_cast<uint16_t>(part_number(l.of_line_row)));
  }
  return query.status();
}

Status read_payments(sqlite::Connection& db, Order& order) {
  auto query = db.query(
      "SELECT row, method, amount, tendered, status, coalesce(reference, '') FROM payments WHERE row BETWEEN ? AND ? "
      "ORDER BY row",
      part_key(order.row, 1), part_key(order.row + 1, 0) - 1);
  while (query.next()) {
    Payment& p = order.payments.emplace_back();
    int64_t key = 0;
    query.read(key, p.method, p.amount, p.tendered, p.status, p.reference);
    p.id = order.id.child(static_cast<uint16_t>(domain::kPaymentIds + part_number(key)));
    if (p.amount >= 0) order.change += p.tendered - p.amount;
  }
  return query.status();
}

// What only an order has that was not handed over at the counter.
Status read_delivery(sqlite::Connection& db, Order& order) {
  if (order.place != 0) {
    TILL_TRY(const auto placed, find_placed(db, order.place));
    if (placed) order.placed_at = placed->at;
  }
  if (order.fulfilment != domain::Fulfilment::delivery) return {};
  TILL_TRY(const auto shipment, find_shipment_of(db, order.row));
  if (!shipment) return {};
  order.shipment_id = shipment->id;
  order.address = shipment->address;
  return {};
}

Status read_parts(sqlite::Connection& db, Order& order) {
  TILL_CHECK(read_lines(db, order));
  TILL_CHECK(read_payments(db, order));
  return order.fulfilment == domain::Fulfilment::counter ? Status{} : read_delivery(db, order);
}

// `prev`: nullopt, the product's last movement.
Status write_line(sqlite::Connection& db, const OrderLine& l, int64_t key, std::optional<int64_t> prev) {
  return db.run(
      "INSERT INTO order_lines (row, product, name, quantity, unit_price, list_price, discount, tax_rate, tax, total,"
      " moved, price_version, of_line, reason, prev)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce(?, (SELECT last FROM stock WHERE product = ?2)))",
      key, l.product_row, l.name, l.quantity, l.unit_price, l.list_price, l.discount, l.tax_rate, l.tax, l.total,
      l.moved, l.price_version, if_any(l.of_line_row), if_any(l.reason), prev);
}

int64_t line_key(const Order& order, size_t n) { return part_key(order.row, static_cast<int64_t>(n) + 1); }

}  // namespace

Status add_lines(sqlite::Connection& db, Order& order, const std::vector<domain::StockPolicy>& policies,
                 int64_t version_base) {
  for (size_t n = 0; n < order.lines.size(); ++n) {
    const OrderLine& line = order.lines[n];
    TILL_CHECK(write_line(db, line, line_key(order, n), {}));
    TILL_TRY(const Booked now, book_movement(db, line.product_row, line.moved, line_key(order, n), version_base));
    order.lines[n].ran_low = now.ran_low;
    order.lines[n].left = now.available;
    if (now.available >= 0 || order.lines[n].moved >= 0) continue;
    if (policies[n] == domain::StockPolicy::block) {
      Error error{
          .code = Code::conflict, .message = "There is not enough of " + order.lines[n].name, .reason = "out_of_stock"};
      error.fields.push_back({"/lines/" + std::to_string(n) + "/quantity", "out_of_stock", "more than the shop has"});
      return error;
    }
    if (policies[n] == domain::StockPolicy::warn) order.oversold = true;
  }
  return {};
}

Status add_unbooked_lines(sqlite::Connection& db, const Order& order) {
  for (size_t n = 0; n < order.lines.size(); ++n) TILL_CHECK(write_line(db, order.lines[n], line_key(order, n), 0));
  return {};
}

Status add_order(sqlite::Connection& db, const Order& o, const OrderOnce& once) {
  const bool keyed = !once.key.empty();
  TILL_CHECK(db.run(
      "INSERT INTO orders (row, id, version, created_at, kind, fulfilment, status, epoch, receipt_n, business_date, "
      "cashier,"
      " subtotal, discount, tax, total, oversold, of_order, reason, hash, once_key, once_hash, hlc, trace, customer,"
      " place) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      o.row, o.id, o.version, o.created_at, o.kind, o.fulfilment, o.status, o.epoch_row, o.receipt_n, o.business_date,
      o.cashier_row, o.subtotal, o.discount, o.tax, o.total, o.oversold, if_any(o.of_order_row), if_any(o.reason),
      o.hash, keyed ? std::optional(once.key) : std::nullopt, keyed ? once.hash : std::nullopt,
      o.hlc == core::hlc_of(o.created_at) ? std::nullopt : std::optional(o.hlc), if_any(o.trace),
      if_any(o.customer_row), if_any(o.place)));
  for (size_t n = 0; n < o.payments.size(); ++n) {
    const Payment& p = o.payments[n];
    TILL_CHECK(db.run(
        "INSERT INTO payments (row, method, amount, tendered, status, reference) VALUES (?, ?, ?, ?, ?, ?)",
        part_key(o.row, static_cast<int64_t>(n) + 1), p.method, p.amount, p.tendered, p.status, if_any(p.reference)));
  }
  return {};
}

Result<std::optional<Order>> find_order(sqlite::Connection& db, const Identity& identity, const Uuid& id, As as) {
  static const std::string sql = std::string(kSelect) + "WHERE o.id = ?";
  std::optional<Order> order;
  {
    auto query = db.query(sql.c_str(), id);
    if (query.next()) order = read_order(query, identity, as);
    TILL_CHECK(query.status());
  }
  if (order) TILL_CHECK(read_parts(db, *order));
  return order;
}

Result<Order> get_order(sqlite::Connection& db, const Identity& identity, const Uuid& id, As as) {
  TILL_TRY(auto order, find_order(db, identity, id, as));
  if (!order) return Error{.code = Code::not_found, .message = "There is no such order"};
  return std::move(*order);
}

Result<std::optional<domain::JournalBody>> find_receipt(sqlite::Connection& db, const Identity& identity, int64_t row) {
  static const std::string sql = std::string(kSelect) + "WHERE o.row = ?";
  std::optional<domain::JournalBody> receipt;
  {
    auto query = db.query(sql.c_str(), row);
    if (query.next())
      receipt = domain::JournalBody{read_order(query, identity, As::sold), query.get<std::string>(kOnceKeyColumn)};
    TILL_CHECK(query.status());
  }
  if (receipt) TILL_CHECK(read_parts(db, receipt->order));
  return receipt;
}

Result<std::optional<OnceHit>> find_order_by_key(sqlite::Connection& db, const Identity& identity,
                                                 const std::string& key, const OnceScope& scope) {
  static const std::string sql = std::string(kSelect) +
                                 "WHERE o.once_key = ? AND (o.cashier = ? OR (? AND o.cashier_id IS NOT NULL))"
                                 " AND o.kind = ? AND coalesce(o.of_order, 0) = ? AND coalesce(o.place, 0) = ?"
                                 " AND o.created_at >= ? ORDER BY o.row DESC LIMIT 1";
  std::optional<OnceHit> hit;
  {
    auto query = db.query(sql.c_str(), key, scope.cashier, scope.staff, scope.kind, scope.of_order_row, scope.place,
                          scope.since);
    if (query.next())
      hit = OnceHit{read_order(query, identity, As::sold), query.get<std::optional<int64_t>>(kOnceHashColumn)};
    TILL_CHECK(query.status());
  }
  if (hit) TILL_CHECK(read_parts(db, hit->order));
  return hit;
}

Status set_order_status(sqlite::Connection& db, Order& order, domain::OrderStatus status, const Stamp& stamp) {
  order.status = status;
  order.version = stamp.next_version(order.version);
  order.updated_at = stamp.now;
  return db.run("UPDATE orders SET status_now = ?, version_now = ?, updated_at = ? WHERE row = ?", status,
                order.version, order.updated_at, order.row);
}

namespace {

constexpr const char* kFilter =
    "WHERE o.row > ?1 AND o.row < ?2 AND (?3 IS NULL OR o.business_date = ?3) AND (?4 IS NULL OR o.kind = ?4)"
    " AND (?5 IS NULL OR coalesce(o.status_now, o.status) = ?5) AND (?6 IS NULL OR o.receipt_n = ?6)"
    " AND (?7 IS NULL OR o.fulfilment = ?7) ";
constexpr const char* kOfCustomer = "AND o.customer = ?8 ";  // of its own, for it has an index

}  // namespace

Result<std::vector<Order>> list_made_orders(sqlite::Connection& db, const Identity& identity,
                                            const domain::OrderFilter& filter, const RowRange& range, int64_t limit) {
  static const std::string all = std::string(kSelect) + kFilter + "ORDER BY o.row DESC LIMIT ?9";
  static const std::string own = std::string(kSelect) + kFilter + kOfCustomer + "ORDER BY o.row DESC LIMIT ?9";
  // The same n stands in every epoch: all of them are looked at, and there are few.
  const int64_t most = filter.receipt_n ? INT64_MAX : limit;
  std::vector<Order> orders;
  {
    auto query =
        db.query(filter.customer_row ? own.c_str() : all.c_str(), range.after, range.before, filter.business_date,
                 filter.kind, filter.status, filter.receipt_n, filter.fulfilment, filter.customer_row, most);
    while (query.next()) {
      Order order = read_order(query, identity, As::now);
      if (filter.receipt_n && order.receipt_number != filter.receipt_number) continue;
      orders.push_back(std::move(order));
    }
    TILL_CHECK(query.status());
  }
  for (Order& order : orders) TILL_CHECK(read_parts(db, order));
  return orders;
}

Result<int64_t> count_made_orders(sqlite::Connection& db, const domain::OrderFilter& filter) {
  static const std::string all = std::string("SELECT count(*) FROM orders o ") + kFilter + "AND ?8 IS NULL";
  static const std::string own = std::string("SELECT count(*) FROM orders o ") + kFilter + kOfCustomer;
  TILL_TRY(const auto count, (db.value<int64_t>(filter.customer_row ? own.c_str() : all.c_str(), INT64_MIN, INT64_MAX,
                                                filter.business_date, filter.kind, filter.status, filter.receipt_n,
                                                filter.fulfilment, filter.customer_row)));
  return count.value_or(0);
}

Result<Returned> returned_of(sqlite::Connection& db, int64_t line_key) {
  auto query = db.query(
      "SELECT coalesce(sum(quantity), 0), coalesce(sum(total), 0), coalesce(sum(tax), 0), coalesce(sum(discount), 0)"
      " FROM order_lines WHERE of_line = ?",
      line_key);
  Returned returned;
  if (query.next()) query.read(returned.quantity, returned.total, returned.tax, returned.discount);
  TILL_CHECK(query.status());
  return returned;
}

Result<int64_t> refunded_by(sqlite::Connection& db, int64_t order_row, domain::Tender method) {
  TILL_TRY(const auto sum, (db.value<int64_t>("SELECT coalesce(sum(p.amount), 0) FROM orders o JOIN payments p"
                                              " ON p.row BETWEEN (o.row << 12) + 1 AND ((o.row + 1) << 12) - 1"
                                              " WHERE o.of_order = ? AND p.method = ?",
                                              order_row, method)));
  return sum.value_or(0);
}

Result<bool> has_returns(sqlite::Connection& db, int64_t order_row) {
  TILL_TRY(auto found, (db.value<int64_t>("SELECT 1 FROM orders WHERE of_order = ? LIMIT 1", order_row)));
  return found.has_value();
}

namespace {

Status visit_receipts(sqlite::Connection& db, const Identity& identity, sqlite::Query query,
                      const VisitReceipt& visit) {
  while (query.next()) {
    Order order = read_order(query, identity, As::sold);
    TILL_CHECK(read_parts(db, order));
    if (!visit(order, query.get<std::string>(kOnceKeyColumn))) return {};
  }
  return query.status();
}

}  // namespace

Status for_each_receipt(sqlite::Connection& db, const Identity& identity, int64_t epoch_row,
                        const VisitReceipt& visit) {
  static const std::string sql = std::string(kSelect) + "WHERE o.epoch = ? ORDER BY o.row";
  return visit_receipts(db, identity, db.query(sql.c_str(), epoch_row), visit);
}

Status for_each_former_receipt(sqlite::Connection& db, const Identity& identity, const VisitReceipt& visit) {
  static const std::string sql = std::string(kSelect) + "WHERE o.epoch <= 0 ORDER BY o.epoch, o.receipt_n, o.row";
  return visit_receipts(db, identity, db.query(sql.c_str()), visit);
}

Result<bool> any_receipt(sqlite::Connection& db, const std::function<bool(const std::array<uint8_t, 32>&)>& pleases) {
  auto query = db.query("SELECT hash FROM orders ORDER BY row DESC");
  while (query.next())
    if (pleases(query.get<std::array<uint8_t, 32>>(0))) return true;
  TILL_CHECK(query.status());
  return false;
}

Result<Counters> load_counters(sqlite::Connection& db, const Identity& identity) {
  Counters counters;
  TILL_TRY(const int64_t newest, newest_fact(db));
  counters.next_fact = newest + 1;
  TILL_TRY(const auto hlc,
           (db.value<int64_t>("SELECT max(coalesce((SELECT coalesce(hlc, created_at << 16) FROM orders WHERE row = ?1),"
                              " (SELECT coalesce(hlc, at << 16) FROM stock_entries WHERE row = ?1 << 12), 0),"
                              " (SELECT max(hlc) FROM sync_scopes))",
                              newest)));
  counters.hlc = hlc.value_or(0);
  auto query =
      db.query("SELECT receipt_n, hash FROM orders WHERE epoch = ? ORDER BY row DESC LIMIT 1", identity.epoch_row);
  if (query.next()) {
    query.read(counters.last_receipt, counters.hash);
    return counters;
  }
  TILL_CHECK(query.status());
  TILL_TRY(auto prev,
           (db.value<std::array<uint8_t, 32>>("SELECT prev_hash FROM epochs WHERE id = ?", identity.epoch_row)));
  if (prev) counters.hash = *prev;
  return counters;
}

}  // namespace till::store
