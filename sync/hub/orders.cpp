#include "sync/hub/orders.h"

#include "domain/journal.h"

namespace till::hub {
namespace {

// A void's body says so in its second byte (domain/journal.h); it voids what it is of.
constexpr const char* kSelect =
    "SELECT f.row, f.body, s.name, coalesce(n.name, 'hub'), coalesce(f.link, 0), f.hlc, f.trace,"
    " EXISTS (SELECT 1 FROM facts v WHERE v.of_order = f.uid AND substr(v.body, 2, 1) = x'02')"
    " FROM facts f JOIN stores s ON s.row = f.store LEFT JOIN streams t ON t.row = f.stream"
    " LEFT JOIN nodes n ON n.row = t.node WHERE f.kind = 0 ";
constexpr const char* kFiltered =
    "AND f.row < ?1 AND (?2 IS NULL OR s.name = ?2) AND (?3 IS NULL OR n.name = ?3)"
    " AND (?4 IS NULL OR f.business_date = ?4) AND (?5 IS NULL OR f.receipt = ?5) ORDER BY f.row DESC LIMIT ?6";

constexpr const char* kSelectStock =
    "SELECT k.row, s.name, k.product, k.on_hand, k.conflict IS NOT NULL FROM stock k JOIN stores s ON s.row = k.store"
    " WHERE k.row > ?1 ";
constexpr const char* kFilteredStock =
    "AND (?2 IS NULL OR k.product = ?2) AND (?3 IS NULL OR s.name = ?3) ORDER BY k.row LIMIT ?4";

Result<std::vector<StoreOrder>> read_orders(sqlite::Query query) {
  std::vector<StoreOrder> orders;
  while (query.next()) {
    StoreOrder& found = orders.emplace_back();
    Bytes body;
    int64_t hlc = 0;
    std::array<uint8_t, 16> trace{};
    bool voided = false;
    query.read(found.row, body, found.store, found.node, found.link, hlc, trace, voided);
    const auto receipt = split_receipt(body);
    TILL_ASSERT(receipt.has_value());  // it was booked
    TILL_TRY(auto read, domain::read_journal_body(receipt->body));
    found.order = std::move(read.order);
    found.order.hash = receipt->hash;
    found.order.hlc = hlc;
    found.order.trace = trace;
    found.order.version = found.order.row = found.row;
    if (voided) found.order.status = domain::OrderStatus::voided;
  }
  TILL_CHECK(query.status());
  return orders;
}

// One statement per way in, so that each has its index.
sqlite::Query find(sqlite::Connection& db, const OrderQuery& wanted, int64_t before, int64_t limit) {
  static const std::string by_receipt = std::string(kSelect) + "AND f.receipt = ?5 " + kFiltered;
  static const std::string by_date =
      std::string(kSelect) + "AND f.receipt IS NOT NULL AND f.business_date = ?4 " + kFiltered;
  static const std::string all = std::string(kSelect) + kFiltered;
  const std::string& sql = wanted.receipt ? by_receipt : wanted.business_date ? by_date : all;
  return db.query(sql.c_str(), before, wanted.store, wanted.node, wanted.business_date, wanted.receipt, limit);
}

}  // namespace

Result<StoreOrder> get_order(sqlite::Connection& db, const Uuid& id) {
  static const std::string sql = std::string(kSelect) + "AND f.uid = ?";
  TILL_TRY(auto found, read_orders(db.query(sql.c_str(), id.bytes)));
  if (found.empty()) return Error{.code = Code::not_found, .message = "There is no such order"};
  return std::move(found.front());
}

Result<domain::Page<StoreOrder>> list_orders(sqlite::Connection& db, const OrderQuery& query, domain::Slice slice) {
  TILL_TRY(auto rows, read_orders(find(db, query, slice.cursor > 0 ? slice.cursor : INT64_MAX, slice.limit + 1)));
  return domain::page_of(std::move(rows), slice.limit);
}

Result<domain::Page<StockLevel>> list_stock(sqlite::Connection& db, const std::optional<Uuid>& product,
                                            const std::optional<std::string>& store, domain::Slice slice) {
  std::optional<std::array<uint8_t, 16>> id;
  if (product) id = product->bytes;
  static const std::string of_one = std::string(kSelectStock) + "AND k.product = ?2 " + kFilteredStock;
  static const std::string all = std::string(kSelectStock) + kFilteredStock;
  auto query = db.query(product ? of_one.c_str() : all.c_str(), slice.cursor, id, store, slice.limit + 1);
  std::vector<StockLevel> levels;
  while (query.next()) {
    StockLevel& level = levels.emplace_back();
    query.read(level.row, level.store, level.product_id, level.on_hand, level.oversold);
  }
  TILL_CHECK(query.status());
  return domain::page_of(std::move(levels), slice.limit);
}

}  // namespace till::hub
