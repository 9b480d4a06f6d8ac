#include "store/products.h"

#include "store/product_words.h"

namespace till::store {
namespace {

using domain::Product;

Status write_indexes(sqlite::Connection& db, const Product& product) {
  for (const std::string& code : product.barcodes)
    TILL_CHECK(db.run("INSERT OR IGNORE INTO product_barcodes (code, product) VALUES (?, ?)", code, product.row));
  for (const Uuid& category : product.category_ids)
    TILL_CHECK(
        db.run("INSERT OR IGNORE INTO product_categories (category_id, product) VALUES (?, ?)", category, product.row));
  return {};
}

Status clear_indexes(sqlite::Connection& db, const Product& product) {
  for (const std::string& code : product.barcodes)
    TILL_CHECK(db.run("DELETE FROM product_barcodes WHERE code = ? AND product = ?", code, product.row));
  for (const Uuid& category : product.category_ids)
    TILL_CHECK(db.run("DELETE FROM product_categories WHERE category_id = ? AND product = ?", category, product.row));
  return {};
}

const std::string& select_with_stock() {
  static const std::string sql = "SELECT " + product_columns() + " FROM products p JOIN stock s ON s.product = p.row ";
  return sql;
}

// Behind the row's own columns: what the stock has, and whether the hub has it.
constexpr int kStockColumn = [] {
  int columns = 1;
  for_each_field<Product>([&](const auto& f, size_t) { columns += f.column ? 1 : 0; });
  return columns;
}();

// Of the rows that have a key the one that holds it: nearly always the only one, so that nothing needs sorting.
template <class Row, class Read>
Result<std::optional<Row>> holder(sqlite::Query query, int shared_column, Read read) {
  std::optional<Row> found;
  bool found_shared = false;
  while (query.next()) {
    const bool shared = query.get<bool>(shared_column);
    Row row = read(query);
    if (found && (found_shared > shared || (found_shared == shared && found->row < row.row))) continue;
    found = std::move(row);
    found_shared = shared;
  }
  TILL_CHECK(query.status());
  return found;
}

Result<std::optional<Product>> holder_with_stock(sqlite::Query query) {
  return holder<Product>(std::move(query), kStockColumn + 2, read_product);
}

constexpr int kSellableColumns = 9;  // the next tells whether the hub has it

Sellable read_sellable(const sqlite::Query& query) {
  Sellable p;
  query.read(p.row, p.id, p.name, p.price, p.version, p.tax_class, p.stock_policy, p.active, p.unit);
  return p;
}

Result<std::optional<Sellable>> sellable_holder(sqlite::Query query) {
  return holder<Sellable>(std::move(query), kSellableColumns, read_sellable);
}

}  // namespace

const std::string& product_columns() {
  static const std::string columns = [] {
    std::string names = "p.row";
    for_each_field<Product>([&](const auto& f, size_t) {
      if (f.column) names += ", p." + std::string(f.name);
    });
    return names + ", s.on_hand, s.on_hand - s.reserved, p.shared";
  }();
  return columns;
}

Product read_product(const sqlite::Query& query) {
  Product product = Products::read(query);
  product.on_hand = query.get<int64_t>(kStockColumn);
  product.available = query.get<int64_t>(kStockColumn + 1);
  return product;
}

Status add_product(sqlite::Connection& db, Product& product, const Stamp& stamp) {
  TILL_CHECK(Products::insert(db, product, stamp));
  TILL_CHECK(write_indexes(db, product));
  TILL_CHECK(add_words(db, product));
  return db.run("INSERT INTO stock (product, on_hand, reserved, version, last) VALUES (?, 0, 0, ?, 0)", product.row,
                stamp.next_version(0));
}

Status change_product(sqlite::Connection& db, const Product& before, Product& after, const Stamp& stamp) {
  TILL_CHECK(Products::update(db, before, after, stamp));
  if (!has_same_words(before, after)) {  // a price alone writes nothing there
    TILL_CHECK(take_words_out(db, before));
    TILL_CHECK(add_words(db, after));
  }
  if (before.barcodes == after.barcodes && before.category_ids == after.category_ids) return {};
  TILL_CHECK(clear_indexes(db, before));
  return write_indexes(db, after);
}

Status remove_product(sqlite::Connection& db, const Product& product, const Stamp& stamp) {
  TILL_CHECK(clear_indexes(db, product));
  TILL_CHECK(take_words_out(db, product));
  return Products::remove(db, product, stamp);
}

Status revive_product(sqlite::Connection& db, const Product& before, Product& after, const Stamp& stamp) {
  TILL_CHECK(Products::revive(db, before, after, stamp));
  TILL_CHECK(write_indexes(db, after));
  return add_words(db, after);
}

Result<Product> get_product(sqlite::Connection& db, const Uuid& id) {
  static const std::string sql = select_with_stock() + "WHERE p.id = ? AND p.removed = 0";
  TILL_TRY(auto product, holder_with_stock(db.query(sql.c_str(), id)));
  if (!product) return Error{.code = Code::not_found, .message = "There is no such product"};
  return std::move(*product);
}

Result<std::optional<Product>> find_by_barcode(sqlite::Connection& db, const std::string& code) {
  static const std::string sql =
      select_with_stock() + "JOIN product_barcodes b ON b.product = p.row WHERE b.code = ? AND p.removed = 0";
  return holder_with_stock(db.query(sql.c_str(), code));
}

Result<std::optional<Product>> find_by_sku(sqlite::Connection& db, const std::string& sku) {
  static const std::string sql = select_with_stock() + "WHERE p.sku = ? AND p.removed = 0";
  return holder_with_stock(db.query(sql.c_str(), sku));
}

Result<std::optional<Product>> find_by_slug(sqlite::Connection& db, const std::string& slug) {
  static const std::string sql = select_with_stock() + "WHERE p.slug = ? AND p.removed = 0";
  return holder_with_stock(db.query(sql.c_str(), slug));
}

Result<std::optional<Sellable>> find_sellable_by_barcode(sqlite::Connection& db, const std::string& code) {
  return sellable_holder(
      db.query("SELECT p.row, p.id, p.name, p.price, p.version, p.tax_class, p.stock_policy, p.active, p.unit,"
               " p.shared"
               " FROM product_barcodes b JOIN products p ON p.row = b.product WHERE b.code = ? AND p.removed = 0",
               code));
}

Result<std::optional<Sellable>> find_sellable_by_sku(sqlite::Connection& db, const std::string& sku) {
  return sellable_holder(
      db.query("SELECT row, id, name, price, version, tax_class, stock_policy, active, unit, shared FROM products"
               " WHERE sku = ? AND removed = 0",
               sku));
}

Result<std::optional<Sellable>> find_sellable_by_id(sqlite::Connection& db, const Uuid& id) {
  return sellable_holder(
      db.query("SELECT row, id, name, price, version, tax_class, stock_policy, active, unit, shared FROM products"
               " WHERE id = ? AND removed = 0",
               id));
}

Result<domain::StockPolicy> stock_policy(sqlite::Connection& db, int64_t product_row) {
  TILL_TRY(const auto policy,
           (db.value<domain::StockPolicy>("SELECT stock_policy FROM products WHERE row = ?", product_row)));
  return policy.value_or(domain::StockPolicy::warn);
}

Result<bool> sku_taken(sqlite::Connection& db, const std::string& sku, int64_t row) {
  TILL_TRY(auto found,
           (db.value<int64_t>("SELECT 1 FROM products WHERE sku = ? AND removed = 0 AND row <> ?", sku, row)));
  return found.has_value();
}

Result<bool> barcode_taken(sqlite::Connection& db, const std::string& code, int64_t row) {
  TILL_TRY(auto found,
           (db.value<int64_t>("SELECT 1 FROM product_barcodes WHERE code = ? AND product <> ?", code, row)));
  return found.has_value();
}

Status index_products(sqlite::Connection& db) {
  TILL_CHECK(db.run("DELETE FROM product_barcodes"));
  TILL_CHECK(db.run("DELETE FROM product_categories"));
  static const std::string sql = select_with_stock() + "WHERE p.removed = 0";
  auto query = db.query(sql.c_str());
  while (query.next()) TILL_CHECK(write_indexes(db, read_product(query)));
  TILL_CHECK(query.status());
  return db.run("INSERT INTO product_words (product_words) VALUES ('rebuild')");
}

}  // namespace till::store
