#include "store/stock.h"

#include "domain/order.h"

namespace till::store {
namespace {

using domain::Stock;

constexpr const char* kSelect =
    "SELECT p.row, p.id, s.on_hand, s.reserved, s.version, s.last FROM products p JOIN stock s ON s.product = p.row ";

Stock read_stock(const sqlite::Query& query) {
  Stock stock;
  query.read(stock.product_row, stock.product_id, stock.on_hand, stock.reserved, stock.version, stock.last);
  stock.available = stock.on_hand - stock.reserved;
  return stock;
}

// One step of the chain: an order's line or a stock entry, told apart by which table holds the key.
Result<std::pair<domain::Movement, int64_t>> read_movement(sqlite::Connection& db, int64_t product, int64_t key) {
  domain::Movement m;
  int64_t prev = 0;
  Uuid order;
  domain::OrderKind kind{};
  auto sold = db.query(
      "SELECT o.id, o.kind, l.moved, o.created_at, o.business_date, coalesce(l.reason, o.reason, ''), l.prev"
      " FROM order_lines l JOIN orders o ON o.row = l.row >> 12 WHERE l.row = ? AND l.product = ?",
      key, product);
  if (sold.next()) {
    sold.read(order, kind, m.moved, m.at, m.business_date, m.reason, prev);
    m.id = order.child(static_cast<uint16_t>(part_number(key)));
    m.order_id = order;
    m.kind = to_string(kind);
    return std::pair{std::move(m), prev};
  }
  TILL_CHECK(sold.status());
  domain::StockEntryKind entry{};
  auto booked = db.query(
      "SELECT id, kind, moved, counted, at, business_date, reason, prev FROM stock_entries"
      " WHERE row = ? AND product = ?",
      key, product);
  if (!booked.next()) {
    TILL_CHECK(booked.status());
    return Error{.code = Code::invalid, .message = "This is no movement of this product", .reason = "bad_cursor"};
  }
  booked.read(m.id, entry, m.moved, m.counted, m.at, m.business_date, m.reason, prev);
  m.kind = to_string(entry);
  return std::pair{std::move(m), prev};
}

}  // namespace

Result<Stock> get_stock(sqlite::Connection& db, const Uuid& product_id) {
  static const std::string sql = std::string(kSelect) + "WHERE p.id = ? AND p.removed = 0";
  auto query = db.query(sql.c_str(), product_id);
  if (query.next()) return read_stock(query);
  TILL_CHECK(query.status());
  return Error{.code = Code::not_found, .message = "There is no such product"};
}

Result<Page<Stock>> list_stock(sqlite::Connection& db, bool low_only, int64_t after_row, int64_t limit) {
  static const std::string sql = std::string(kSelect) +
                                 "WHERE p.removed = 0 AND p.row > ? AND (? = 0 OR (p.low_stock > 0 AND"
                                 " s.on_hand - s.reserved <= p.low_stock)) ORDER BY p.row LIMIT ?";
  auto query = db.query(sql.c_str(), after_row, low_only, limit + 1);
  Page<Stock> page;
  while (query.next()) {
    if (static_cast<int64_t>(page.items.size()) == limit) {
      page.next = page.items.back().product_row;
      return page;
    }
    page.items.push_back(read_stock(query));
  }
  TILL_CHECK(query.status());
  return page;
}

Result<int64_t> book_movement(sqlite::Connection& db, int64_t product_row, int64_t moved, int64_t key,
                              int64_t version_base) {
  // Not UPDATE … RETURNING: SQLite makes a temporary table for the answer, and that costs more than the update.
  TILL_CHECK(db.run("UPDATE stock SET on_hand = on_hand + ?, version = max(version + 1, ?), last = ? WHERE product = ?",
                    moved, version_base, key, product_row));
  TILL_TRY(const auto available,
           db.value<int64_t>("SELECT on_hand - reserved FROM stock WHERE product = ?", product_row));
  if (!available) return Error{.message = "The product has no stock row"};
  return *available;
}

Status add_stock_entry(sqlite::Connection& db, const StockEntry& entry, int64_t version_base) {
  const int64_t key = part_key(entry.fact, 0);
  TILL_CHECK(
      db.run("INSERT INTO stock_entries (row, id, product, kind, moved, counted, reason, user, at, business_date, prev)"
             " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT last FROM stock WHERE product = ?3))",
             key, entry.id, entry.product_row, entry.kind, entry.moved, entry.counted, entry.reason, entry.user,
             entry.at, entry.business_date));
  TILL_TRY(const int64_t available, book_movement(db, entry.product_row, entry.moved, key, version_base));
  static_cast<void>(available);
  return {};
}

Result<Page<domain::Movement>> list_movements(sqlite::Connection& db, const Stock& stock, int64_t from, int64_t limit) {
  Page<domain::Movement> ledger;
  int64_t key = from > 0 ? from : stock.last;
  while (key != 0 && static_cast<int64_t>(ledger.items.size()) < limit) {
    TILL_TRY(auto step, read_movement(db, stock.product_row, key));
    ledger.items.push_back(std::move(step.first));
    key = step.second;
  }
  ledger.next = key;
  return ledger;
}

Result<std::optional<Uuid>> find_unequal_stock(sqlite::Connection& db) {
  return db.value<Uuid>(
      "SELECT p.id FROM stock s JOIN products p ON p.row = s.product LEFT JOIN"
      " (SELECT product, sum(moved) AS moved FROM movements GROUP BY product) m ON m.product = s.product"
      " WHERE s.on_hand <> coalesce(m.moved, 0) LIMIT 1");
}

}  // namespace till::store
