// Products and their indexes of barcodes, categories and words. The row holds its lists (as JSON); the index tables
// find by them. Whoever writes a product does it here, so that they are right: the catalogue, imports and what sync
// shows. Two products may have one key for a while (30-sync, B7): a lookup gives the one that the hub has, else the
// older.
#pragma once

#include "domain/product.h"
#include "store/table.h"

namespace till::store {

template <>
struct TableOf<domain::Product> {
  static constexpr const char* name = "products";
  static constexpr const char* noun = "product";
  static constexpr Entity entity = Entity::product;
};
using Products = Table<domain::Product>;

/// Inserts with its indexes and an empty stock row.
Status add_product(sqlite::Connection& db, domain::Product& product, const Stamp& stamp);
/// Updates with its indexes.
Status change_product(sqlite::Connection& db, const domain::Product& before, domain::Product& after,
                      const Stamp& stamp);
/// Removes it from every index; its stock and history stay.
Status remove_product(sqlite::Connection& db, const domain::Product& product, const Stamp& stamp);
/// Brings a removed one back as `after`, with its indexes.
Status revive_product(sqlite::Connection& db, const domain::Product& before, domain::Product& after,
                      const Stamp& stamp);

/// With on_hand and available filled in.
Result<domain::Product> get_product(sqlite::Connection& db, const Uuid& id);
Result<std::optional<domain::Product>> find_by_barcode(sqlite::Connection& db, const std::string& code);
Result<std::optional<domain::Product>> find_by_sku(sqlite::Connection& db, const std::string& sku);
Result<std::optional<domain::Product>> find_by_slug(sqlite::Connection& db, const std::string& slug);

/// What the filter leaves, in its order (product_lists.cpp). A page begins behind the last row of the one before it, in
/// that order: products that come or go meanwhile shift nothing. What a search finds is ordered by how it matches,
/// never by bm25, whose ranks change with every product that is added.
Result<Page<domain::Product>> list_products(sqlite::Connection& db, const domain::ProductFilter& filter,
                                            const Slice& slice);

/// For queries over `products p JOIN stock s`: the columns, and the row that they are, with on_hand and available.
const std::string& product_columns();
domain::Product read_product(const sqlite::Query& query);

/// What a sale needs to know of a product: read on the writer's thread for every line, so it is small.
struct Sellable {
  int64_t row = 0;
  Uuid id{};
  std::string name;
  int64_t price = 0;
  int64_t version = 0;
  std::string tax_class;
  domain::StockPolicy stock_policy = domain::StockPolicy::warn;
  bool active = true;
  domain::Unit unit = domain::Unit::piece;
};
Result<std::optional<Sellable>> find_sellable_by_barcode(sqlite::Connection& db, const std::string& code);
Result<std::optional<Sellable>> find_sellable_by_sku(sqlite::Connection& db, const std::string& sku);
Result<std::optional<Sellable>> find_sellable_by_id(sqlite::Connection& db, const Uuid& id);

/// What a product's stock may do, also after it was removed.
Result<domain::StockPolicy> stock_policy(sqlite::Connection& db, int64_t product_row);

/// Keys that must stay free of other products' claims.
Result<bool> sku_taken(sqlite::Connection& db, const std::string& sku, int64_t row);
Result<bool> barcode_taken(sqlite::Connection& db, const std::string& code, int64_t row);

/// Makes all that is derived from the products anew: their barcodes, categories and words.
Status index_products(sqlite::Connection& db);

}  // namespace till::store
