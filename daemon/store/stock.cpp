#include "store/stock.h"

#include "domain/order.h"
#include "sync/core/hlc.h"

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

using Step = std::pair<domain::Movement, int64_t>;  // of the chain, and the key of the movement before it

Result<std::optional<Step>> read_line(sqlite::Connection& db, int64_t product, int64_t key) {
  auto query = db.query(
      "SELECT o.id, o.kind, l.moved, o.created_at, o.business_date, coalesce(l.reason, o.reason, ''), l.prev"
      " FROM order_lines l JOIN orders o ON o.row = l.row >> 12 WHERE l.row = ? AND l.product = ?",
      key, product);
  std::optional<Step> step;
  if (query.next()) {
    auto& [m, prev] = step.emplace();
    Uuid order;
    domain::OrderKind kind{};
    query.read(order, kind, m.moved, m.at, m.business_date, m.reason, prev);
    m.id = order.child(static_cast<uint16_t>(part_number(key)));
    m.order_id = order;
    m.kind = to_string(kind);
  }
  TILL_CHECK(query.status());
  return step;
}

Result<std::optional<Step>> read_entry(sqlite::Connection& db, int64_t product, int64_t key) {
  auto query = db.query(
      "SELECT id, kind, moved, counted, at, business_date, reason, prev FROM stock_entries"
      " WHERE row = ? AND product = ?",
      key, product);
  std::optional<Step> step;
  if (query.next()) {
    auto& [m, prev] = step.emplace();
    domain::StockEntryKind kind{};
    query.read(m.id, kind, m.moved, m.counted, m.at, m.business_date, m.reason, prev);
    m.kind = to_string(kind);
  }
  TILL_CHECK(query.status());
  return step;
}

Result<std::optional<Step>> read_remote(sqlite::Connection& db, int64_t product, int64_t key) {
  auto query = db.query(
      "SELECT f.uid, f.order_kind, f.entry_kind, m.moved, m.counted, f.at, f.business_date, f.reason, f.node, m.prev"
      " FROM remote_movements m JOIN remote_facts f ON f.row = -m.row >> 12 WHERE m.row = ? AND m.product = ?",
      key, product);
  std::optional<Step> step;
  if (query.next()) {
    auto& [m, prev] = step.emplace();
    std::optional<domain::OrderKind> order;
    std::optional<domain::StockEntryKind> entry;
    query.read(m.id, order, entry, m.moved, m.counted, m.at, m.business_date, m.reason, m.node, prev);
    if (order) {
      m.order_id = m.id;
      m.id = m.id.child(static_cast<uint16_t>(part_number(-key)));
    }
    m.kind = order ? to_string(*order) : to_string(entry.value_or(domain::StockEntryKind::adjust));
  }
  TILL_CHECK(query.status());
  return step;
}

// One step of the chain: an order's line, a stock entry or another node's movement, told apart by which table holds
// the key.
Result<Step> read_movement(sqlite::Connection& db, int64_t product, int64_t key) {
  TILL_TRY(auto step, key < 0 ? read_remote(db, product, key) : read_line(db, product, key));
  if (!step && key > 0) {
    TILL_TRY(step, read_entry(db, product, key));
  }
  if (step) return std::move(*step);
  return Error{.code = Code::invalid, .message = "This is no movement of this product", .reason = "bad_cursor"};
}

}  // namespace

Result<Stock> get_stock(sqlite::Connection& db, const Uuid& product_id) {
  static const std::string sql = std::string(kSelect) + "WHERE p.id = ? AND p.removed = 0";
  auto query = db.query(sql.c_str(), product_id);
  if (query.next()) return read_stock(query);
  TILL_CHECK(query.status());
  return Error{.code = Code::not_found, .message = "There is no such product"};
}

Result<Page<Stock>> list_stock(sqlite::Connection& db, bool low_only, const Slice& slice) {
  static const std::string where =
      "WHERE p.removed = 0 AND (?1 = 0 OR (p.low_stock > 0 AND s.on_hand - s.reserved <= p.low_stock))";
  static const std::string list = kSelect + where + " AND p.row > ?2 ORDER BY p.row LIMIT ?3";
  static const std::string count = "SELECT count(*) FROM products p JOIN stock s ON s.product = p.row " + where;
  TILL_TRY(auto rows, sqlite::all_rows(db.query(list.c_str(), low_only, slice.cursor, slice.limit + 1), read_stock));
  auto page = domain::page_of(std::move(rows), slice.limit, &Stock::product_row);
  if (slice.total) {
    TILL_TRY(page.total, db.value<int64_t>(count.c_str(), low_only));
  }
  return page;
}

namespace {

// After a change of what is available by `gained`.
Result<Booked> booked(sqlite::Connection& db, int64_t product_row, int64_t gained) {
  auto query = db.query(
      "SELECT s.on_hand - s.reserved, p.low_stock FROM stock s JOIN products p ON p.row = s.product WHERE s.product = "
      "?",
      product_row);
  Booked now;
  int64_t low_stock = 0;
  if (query.next()) {
    query.read(now.available, low_stock);
    now.ran_low = low_stock > 0 && now.available <= low_stock && now.available - gained > low_stock;
    return now;
  }
  TILL_CHECK(query.status());
  return Error{.message = "The product has no stock row"};
}

}  // namespace

Result<Booked> book_movement(sqlite::Connection& db, int64_t product_row, int64_t moved, int64_t key,
                             int64_t version_base) {
  // Not UPDATE … RETURNING: SQLite makes a temporary table for the answer, and that costs more than the update.
  TILL_CHECK(db.run("UPDATE stock SET on_hand = on_hand + ?, version = max(version + 1, ?), last = ? WHERE product = ?",
                    moved, version_base, key, product_row));
  return booked(db, product_row, moved);
}

Result<Booked> book_reservation(sqlite::Connection& db, int64_t product_row, int64_t quantity, int64_t version_base) {
  TILL_CHECK(db.run("UPDATE stock SET reserved = reserved + ?, version = max(version + 1, ?) WHERE product = ?",
                    quantity, version_base, product_row));
  return booked(db, product_row, -quantity);
}

Result<Booked> add_stock_entry(sqlite::Connection& db, const StockEntry& entry, int64_t version_base) {
  const int64_t key = part_key(entry.fact, 0);
  const auto hlc = entry.hlc == core::hlc_of(entry.at) ? std::nullopt : std::optional(entry.hlc);
  const auto trace = entry.trace == core::Trace{} ? std::nullopt : std::optional(entry.trace);
  TILL_CHECK(db.run(
      "INSERT INTO stock_entries (row, id, product, kind, moved, counted, reason, user, at, business_date, hlc, trace,"
      " prev) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT last FROM stock WHERE product = ?3))",
      key, entry.id, entry.product_row, entry.kind, entry.moved, entry.counted, entry.reason, entry.user, entry.at,
      entry.business_date, hlc, trace));
  TILL_TRY(const Booked now, book_movement(db, entry.product_row, entry.moved, key, version_base));
  if (entry.counted)
    TILL_CHECK(db.run("UPDATE stock SET count_hlc = ?, count_uid = ? WHERE product = ?", entry.hlc, entry.id,
                      entry.product_row));
  return now;
}

Result<std::optional<SentEntry>> find_stock_entry(sqlite::Connection& db, int64_t fact) {
  auto query = db.query(
      "SELECT e.id, p.id, e.kind, e.moved, e.counted, e.reason, u.id, e.at, e.business_date,"
      " coalesce(e.hlc, e.at << 16), e.trace FROM stock_entries e LEFT JOIN products p ON p.row = e.product"
      " LEFT JOIN users u ON u.row = e.user WHERE e.row = ?",
      part_key(fact, 0));
  std::optional<SentEntry> entry;
  if (query.next()) {
    domain::StockFact& f = entry.emplace().fact;
    query.read(f.id, f.product_id, f.kind, f.moved, f.counted, f.reason, f.user_id, f.at, f.business_date, entry->hlc,
               entry->trace);
  }
  TILL_CHECK(query.status());
  return entry;
}

Result<Page<domain::Movement>> list_movements(sqlite::Connection& db, const Stock& stock, int64_t from, int64_t limit) {
  Page<domain::Movement> ledger;
  int64_t key = from != 0 ? from : stock.last;
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
