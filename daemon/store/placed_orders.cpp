#include "store/placed_orders.h"

namespace till::store {
namespace {

using domain::Order;
using domain::OrderLine;
using domain::OrderStatus;
using sqlite::if_any;

constexpr const char* kSelect =
    "SELECT o.row, o.id, o.version, o.created_at, o.fulfilment, o.business_date, o.cashier, u.id, o.customer, c.id,"
    " o.subtotal, o.discount, o.tax, o.total, o.reserved_until, o.address, o.status_now, o.version_now, o.updated_at,"
    " coalesce(o.reason, ''), o.once_hash,"
    " (SELECT max(r.expires_at) FROM reservations r WHERE r.place = o.row)"
    " FROM placed_orders o LEFT JOIN users u ON u.row = o.cashier LEFT JOIN users c ON c.row = o.customer ";
constexpr int kOnceHashColumn = 20;

constexpr const char* kFilter =
    "WHERE o.sold IS NULL AND o.row < ?1 AND (?2 IS NULL OR o.business_date = ?2)"
    " AND (?3 IS NULL OR coalesce(o.status_now, 0) = ?3) AND (?4 IS NULL OR o.fulfilment = ?4) ";
constexpr const char* kOfCustomer = "AND o.customer = ?5 ";  // of its own, for it has an index

Order read_placed(const sqlite::Query& query, const Identity& identity, As as) {
  Order o;
  std::optional<int64_t> customer, version_now;
  std::optional<Uuid> customer_id;
  std::optional<std::string> address;
  std::optional<OrderStatus> status_now;
  std::optional<Time> updated_at, reserved_now;
  Time reserved_until{};
  std::optional<int64_t> once_hash;
  std::string reason;
  query.read(o.place, o.id, o.version, o.created_at, o.fulfilment, o.business_date, o.cashier_row, o.cashier_id,
             customer, customer_id, o.subtotal, o.discount, o.tax, o.total, reserved_until, address, status_now,
             version_now, updated_at, reason, once_hash, reserved_now);
  o.customer_row = customer.value_or(0);
  o.customer_id = customer_id;
  o.placed_at = o.updated_at = o.created_at;
  o.address = read_address(address);
  o.status = OrderStatus::pending;
  o.reserved_until = reserved_until;
  o.currency = identity.currency;
  if (as == As::now) {
    o.status = status_now.value_or(o.status);
    o.version = version_now.value_or(o.version);
    o.updated_at = updated_at.value_or(o.updated_at);
    o.reserved_until = reserved_now;
    o.reason = std::move(reason);
  }
  return o;
}

Status read_lines(sqlite::Connection& db, Order& order) {
  auto query = db.query(
      "SELECT l.n, l.product, p.id, l.name, l.quantity, l.unit_price, l.list_price, l.discount, l.tax_rate, l.tax,"
      " l.total, l.moved, l.price_version, coalesce(l.reason, '')"
      " FROM placed_lines l LEFT JOIN products p ON p.row = l.product WHERE l.place = ? ORDER BY l.n",
      order.place);
  while (query.next()) {
    OrderLine& l = order.lines.emplace_back();
    int64_t n = 0;
    query.read(n, l.product_row, l.product_id, l.name, l.quantity, l.unit_price, l.list_price, l.discount, l.tax_rate,
               l.tax, l.total, l.moved, l.price_version, l.reason);
    l.id = order.id.child(static_cast<uint16_t>(n));
  }
  return query.status();
}

// The first row of the query, with its lines; nullopt if there is none.
Result<std::optional<OnceHit>> first(sqlite::Connection& db, sqlite::Query query, const Identity& identity, As as) {
  std::optional<OnceHit> hit;
  if (query.next()) hit = OnceHit{read_placed(query, identity, as), query.get<std::optional<int64_t>>(kOnceHashColumn)};
  TILL_CHECK(query.status());
  if (hit) TILL_CHECK(read_lines(db, hit->order));
  return hit;
}

}  // namespace

std::optional<std::string> address_text(const std::optional<domain::PostalAddress>& address) {
  return address ? std::optional(to_json(*address)) : std::nullopt;
}

std::optional<domain::PostalAddress> read_address(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  const auto json = parse_json(*text);
  if (!json.ok()) return std::nullopt;
  domain::PostalAddress address;
  FieldMask given;
  Faults faults;  // it was checked when it came; a bound that has become narrower since makes it no worse
  static_cast<void>(read_row(*json, address, true, given, "", faults));
  return address;
}

Status add_placed_order(sqlite::Connection& db, Order& o, int64_t next_fact, const OrderOnce& once) {
  TILL_TRY(const auto newest, db.value<int64_t>("SELECT max(row) FROM placed_orders"));
  o.place = std::max(first_place_before(next_fact), newest.value_or(0) + 1);
  const bool keyed = !once.key.empty();
  TILL_CHECK(db.run(
      "INSERT INTO placed_orders (row, id, version, created_at, fulfilment, business_date, cashier, customer,"
      " subtotal, discount, tax, total, reserved_until, address, once_key, once_hash)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      o.place, o.id, o.version, o.created_at, o.fulfilment, o.business_date, o.cashier_row, if_any(o.customer_row),
      o.subtotal, o.discount, o.tax, o.total, o.reserved_until.value_or(o.created_at), address_text(o.address),
      keyed ? std::optional(once.key) : std::nullopt, keyed ? once.hash : std::nullopt));
  for (size_t i = 0; i < o.lines.size(); ++i) {
    const OrderLine& l = o.lines[i];
    TILL_CHECK(db.run(
        "INSERT INTO placed_lines (place, n, product, name, quantity, unit_price, list_price, discount, tax_rate, tax,"
        " total, moved, price_version, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        o.place, static_cast<int64_t>(i) + 1, l.product_row, l.name, l.quantity, l.unit_price, l.list_price, l.discount,
        l.tax_rate, l.tax, l.total, l.moved, l.price_version, if_any(l.reason)));
  }
  return {};
}

Result<std::optional<Order>> find_placed_order(sqlite::Connection& db, const Identity& identity, const Uuid& id,
                                               As as) {
  static const std::string sql = std::string(kSelect) + "WHERE o.id = ? AND o.sold IS NULL";
  TILL_TRY(auto hit, first(db, db.query(sql.c_str(), id), identity, as));
  if (!hit) return std::optional<Order>{};
  return std::optional(std::move(hit->order));
}

Result<std::optional<OnceHit>> find_placed_order_by_key(sqlite::Connection& db, const Identity& identity,
                                                        const std::string& key, int64_t cashier, Time since) {
  static const std::string sql =
      std::string(kSelect) + "WHERE o.once_key = ? AND o.cashier = ? AND o.created_at >= ? ORDER BY o.row DESC LIMIT 1";
  return first(db, db.query(sql.c_str(), key, cashier, since), identity, As::sold);
}

Status set_placed_status(sqlite::Connection& db, const Order& order, const Stamp& stamp) {
  return db.run("UPDATE placed_orders SET status_now = ?, version_now = ?, updated_at = ?, reason = ? WHERE row = ?",
                order.status, stamp.next_version(order.version), stamp.now, if_any(order.reason), order.place);
}

Status set_placed_sold(sqlite::Connection& db, int64_t place, int64_t fact) {
  return db.run("UPDATE placed_orders SET sold = ? WHERE row = ?", fact, place);
}

Result<std::vector<Order>> list_placed_orders(sqlite::Connection& db, const Identity& identity,
                                              const domain::OrderFilter& filter, int64_t before_place, int64_t limit) {
  static const std::string all = std::string(kSelect) + kFilter + "ORDER BY o.row DESC LIMIT ?6";
  static const std::string own = std::string(kSelect) + kFilter + kOfCustomer + "ORDER BY o.row DESC LIMIT ?6";
  std::vector<Order> orders;
  {
    auto query = db.query(filter.customer_row ? own.c_str() : all.c_str(), before_place, filter.business_date,
                          filter.status, filter.fulfilment, filter.customer_row, limit);
    while (query.next()) orders.push_back(read_placed(query, identity, As::now));
    TILL_CHECK(query.status());
  }
  for (Order& order : orders) TILL_CHECK(read_lines(db, order));
  return orders;
}

Result<int64_t> count_placed_orders(sqlite::Connection& db, const domain::OrderFilter& filter) {
  static const std::string all = std::string("SELECT count(*) FROM placed_orders o ") + kFilter + "AND ?5 IS NULL";
  static const std::string own = std::string("SELECT count(*) FROM placed_orders o ") + kFilter + kOfCustomer;
  TILL_TRY(const auto count,
           (db.value<int64_t>(filter.customer_row ? own.c_str() : all.c_str(), INT64_MAX, filter.business_date,
                              filter.status, filter.fulfilment, filter.customer_row)));
  return count.value_or(0);
}

Result<int64_t> count_held_orders(sqlite::Connection& db, int64_t customer, Time now) {
  TILL_TRY(const auto count, (db.value<int64_t>("SELECT count(*) FROM placed_orders WHERE customer = ? AND sold IS NULL"
                                                " AND status_now IS NULL AND reserved_until > ?",
                                                customer, now)));
  return count.value_or(0);
}

Result<std::optional<Placed>> find_placed(sqlite::Connection& db, int64_t place) {
  auto query = db.query("SELECT created_at, address FROM placed_orders WHERE row = ?", place);
  std::optional<Placed> placed;
  if (query.next()) {
    placed.emplace().at = query.get<Time>(0);
    placed->address = read_address(query.get<std::optional<std::string>>(1));
  }
  TILL_CHECK(query.status());
  return placed;
}

Status erase_addresses(sqlite::Connection& db, int64_t customer) {
  TILL_CHECK(db.run("UPDATE placed_orders SET address = NULL WHERE customer = ? AND address IS NOT NULL", customer));
  return db.run("UPDATE shipments SET address = NULL WHERE customer = ? AND address IS NOT NULL", customer);
}

}  // namespace till::store
