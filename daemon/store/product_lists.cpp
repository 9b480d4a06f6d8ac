// Lists of products (store/products.h): filtered, searched and sorted, a page at a time. One statement for each way of
// finding rows and each order of them; what a filter does not ask for is NULL.
#include <array>

#include "store/product_words.h"
#include "store/products.h"

namespace till::store {
namespace {

using domain::Product;
using domain::ProductFilter;
using domain::ProductOrder;

// ---- the statements
//
// ?1 ?2  where the page begins: what its order is of, and the row
// ?3     limit
// ?4 …   the filter, in the order of kConditions

// The filter that leaves the fewest rows is where they come from; the others are conditions of each row.
enum Source : size_t { from_sku, from_barcode, from_words, from_category, from_all, kSources };

constexpr const char* kSubtree =
    "(WITH RECURSIVE below (id) AS (VALUES (?7) UNION"
    " SELECT c.id FROM categories c JOIN below b ON c.parent_id = b.id WHERE c.removed = 0)"
    " SELECT product FROM product_categories WHERE category_id IN below)";

std::string source(Source from) {
  switch (from) {
    case from_sku:
      return "(SELECT row AS product FROM products WHERE sku = ?4 AND removed = 0) f";
    case from_barcode:
      return "(SELECT product FROM product_barcodes WHERE code = ?5) f";
    case from_words:
      return "(SELECT rowid AS product FROM product_words WHERE product_words MATCH ?6) f";
    case from_category:
      return std::string("(SELECT DISTINCT product FROM ") + kSubtree + ") f";
    case from_all:
    case kSources:
      break;
  }
  return "products p";
}

std::string conditions(Source from) {
  const std::array<std::string, kSources> sources{
      " AND (?4 IS NULL OR p.sku = ?4)",
      " AND (?5 IS NULL OR p.row IN (SELECT product FROM product_barcodes WHERE code = ?5))",
      " AND (?6 IS NULL OR p.row IN (SELECT rowid FROM product_words WHERE product_words MATCH ?6))",
      std::string(" AND (?7 IS NULL OR p.row IN ") + kSubtree + ")", ""};
  std::string all =
      "p.removed = 0 AND (?8 IS NULL OR p.active = ?8) AND (?9 IS NULL OR p.price >= ?9)"
      " AND (?10 IS NULL OR p.price <= ?10) AND (?11 IS NULL OR (s.on_hand - s.reserved > 0) = ?11)"
      " AND (?12 IS NULL OR p.brand = ?12 COLLATE NOCASE)";
  for (size_t other = 0; other < kSources; ++other)
    if (other != from) all += sources[other];
  return all;
}

std::string joined(Source from) {
  const std::string products = from == from_all ? "" : " CROSS JOIN products p ON p.row = f.product";
  return " FROM " + source(from) + products + " CROSS JOIN stock s ON s.product = p.row WHERE " + conditions(from);
}

// How a list is ordered: by `key`, then by row. `start` stands before every key.
struct Order {
  const char* key;  // null: by row alone
  const char* type;
  bool falls;
  const char* start;
};
constexpr const char* kAboveAllText = "\xFF";  // a byte that no UTF-8 has

Order order_of(ProductOrder order) {
  switch (order) {
    case ProductOrder::price:
      return {"p.price", "INTEGER", false, "-1"};
    case ProductOrder::price_last:
      return {"p.price", "INTEGER", true, "9223372036854775807"};
    case ProductOrder::name:
      return {"p.name COLLATE NOCASE", "TEXT", false, ""};
    case ProductOrder::name_last:
      return {"p.name COLLATE NOCASE", "TEXT", true, kAboveAllText};
    case ProductOrder::made_last:
      return {nullptr, nullptr, true, nullptr};
    case ProductOrder::best:
    case ProductOrder::made:
      break;
  }
  return {nullptr, nullptr, false, nullptr};
}

std::string listing(Source from, ProductOrder by) {
  const Order order = order_of(by);
  const std::string row = from == from_all ? "p.row" : "f.product";
  const std::string behind = order.falls ? " <" : " >", falling = order.falls ? " DESC" : "";
  std::string place = row + behind + " ?2", sorted = row + falling;
  if (order.key) {
    const std::string key = order.key, last = std::string("CAST(?1 AS ") + order.type + ")";
    place = key + behind + "= " + last + " AND (" + key + behind + " " + last + " OR " + place + ")";
    sorted = key + falling + ", " + sorted;
  }
  return "SELECT " + product_columns() + joined(from) + " AND " + place + " ORDER BY " + sorted + " LIMIT ?3";
}

constexpr size_t kOrders = EnumNames<ProductOrder>::names.size();

struct Statements {
  std::array<std::array<std::string, kOrders>, kSources> list;
  std::array<std::string, kSources> count;
};

const Statements& statements() {
  static const Statements all = [] {
    Statements made;
    for (size_t from = 0; from < kSources; ++from) {
      made.count[from] = "SELECT count(*)" + joined(static_cast<Source>(from));
      for (size_t by = 0; by < kOrders; ++by)
        made.list[from][by] = listing(static_cast<Source>(from), static_cast<ProductOrder>(by));
    }
    return made;
  }();
  return all;
}

// ---- what they are asked

struct Wanted {
  const ProductFilter& filter;
  Source from;
  std::optional<std::string> match{};  // ?6
};

Source source_of(const ProductFilter& filter, bool searches) {
  if (filter.sku) return from_sku;
  if (filter.barcode) return from_barcode;
  if (searches) return from_words;
  return filter.category_id ? from_category : from_all;
}

sqlite::Query ask(sqlite::Connection& db, const std::string& sql, const Wanted& wanted, const std::string& after,
                  int64_t row, int64_t limit) {
  const ProductFilter& f = wanted.filter;
  return db.query(sql.c_str(), after, row, limit, f.sku, f.barcode, wanted.match, f.category_id, f.active, f.price_min,
                  f.price_max, f.available, f.brand);
}

Result<std::optional<int64_t>> count(sqlite::Connection& db, const Wanted& wanted) {
  auto query = ask(db, statements().count[wanted.from], wanted, {}, 0, 0);
  std::optional<int64_t> counted;
  if (query.next()) counted = query.get<int64_t>(0);
  TILL_CHECK(query.status());
  return counted;
}

std::string key_of(const Product& product, ProductOrder by) {
  const Order order = order_of(by);
  if (!order.key) return {};
  return order.type == std::string_view("TEXT") ? product.name : std::to_string(product.price);
}

// Adds the rows behind `cursor`; true: the page is full and there are more.
Result<bool> add_rows(sqlite::Connection& db, const Wanted& wanted, const Slice& slice, Page<Product>& page) {
  const Order order = order_of(wanted.filter.order);
  const bool first = slice.cursor == 0;
  const std::string after = first && order.key ? order.start : slice.after;
  const int64_t row = first && order.falls ? INT64_MAX : slice.cursor;
  const auto left = slice.limit - static_cast<int64_t>(page.items.size());
  const std::string& sql = statements().list[wanted.from][static_cast<size_t>(wanted.filter.order)];
  auto query = ask(db, sql, wanted, after, row, left + 1);
  for (int64_t n = 0; query.next(); ++n) {
    if (n == left) return true;
    page.items.push_back(read_product(query));
  }
  TILL_CHECK(query.status());
  return false;
}

// Those that match best first: expression by expression, without what the one before it found. Which expression finds
// a row is the row's own affair, so a page begins with the expression that the last one ended with.
Result<Page<Product>> search(sqlite::Connection& db, const ProductFilter& filter, const Slice& slice,
                             const std::vector<std::string>& expressions) {
  Page<Product> page;
  size_t tier = slice.after.size() == 1 ? static_cast<size_t>(slice.after[0] - '0') : 0;
  size_t last_tier = tier;  // of the page's last row
  Slice rest = slice;
  for (bool more = false; tier < expressions.size() && !more; ++tier, rest.cursor = 0) {
    const std::string& all = expressions[tier];
    const Wanted wanted{filter, from_words, tier == 0 ? all : "(" + all + ") NOT (" + expressions[tier - 1] + ")"};
    const size_t before = page.items.size();
    TILL_TRY(more, add_rows(db, wanted, rest, page));
    if (page.items.size() > before) last_tier = tier;
    if (!more) continue;
    page.next = page.items.back().row;
    page.after = std::to_string(last_tier);
  }
  return page;
}

}  // namespace

Result<Page<Product>> list_products(sqlite::Connection& db, const ProductFilter& filter, const Slice& slice) {
  const auto expressions = match_expressions(filter.text);
  Wanted wanted{filter, source_of(filter, !expressions.empty())};
  if (!expressions.empty()) wanted.match = expressions.back();
  Page<Product> page;
  if (wanted.from == from_words && filter.order == ProductOrder::best) {
    TILL_TRY(page, search(db, filter, slice, expressions));
  } else {
    TILL_TRY(const bool more, add_rows(db, wanted, slice, page));
    if (more) {
      page.next = page.items.back().row;
      page.after = key_of(page.items.back(), filter.order);
    }
  }
  if (slice.total) {
    TILL_TRY(page.total, count(db, wanted));
  }
  return page;
}

}  // namespace till::store
