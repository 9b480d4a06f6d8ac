#include "services/catalogue.h"

#include <set>

#include "domain/refusal.h"
#include "domain/scan_code.h"

namespace till::services {
namespace {

using domain::Category;
using domain::Product;
using domain::taken;

Error no_such_product() { return {.code = Code::not_found, .message = "There is no such product"}; }

Result<Product> existing(Result<std::optional<Product>> found) {
  TILL_TRY(auto product, std::move(found));
  if (!product) return no_such_product();
  return std::move(*product);
}

// The slug as given, which must be free, or one made from the name, which is made free.
template <class Rows, class Row>
Status settle_slug(sqlite::Connection& db, Row& row) {
  if (row.slug.empty()) {
    TILL_TRY(row.slug, Rows::free_slug(db, domain::slug_of(row.name), row.row));
    return {};
  }
  TILL_TRY(const bool held, Rows::slug_taken(db, row.slug, row.row));
  if (held) return taken("/slug", "The slug " + row.slug);
  return {};
}

}  // namespace

Status Catalogue::check_product(const Product& product) const {
  sqlite::Connection& db = context_.tx();
  Faults faults;
  if (!product.currency.empty() && product.currency != context_.identity.currency)
    faults.add("/currency", "currency", "must be " + context_.identity.currency + ", the store's");
  if (!context_.settings.tax_classes.contains(product.tax_class))
    faults.add("/tax_class", "unknown_tax_class", "is not a tax class of this store");
  std::set<std::string_view> codes;
  for (size_t i = 0; i < product.barcodes.size(); ++i)
    if (!codes.insert(product.barcodes[i]).second)
      faults.add("/barcodes/" + std::to_string(i), "twice", "stands in the list twice");
  for (size_t i = 0; i < product.category_ids.size(); ++i) {
    TILL_TRY(const auto category, store::Categories::find(db, product.category_ids[i]));
    if (!category) faults.add("/category_ids/" + std::to_string(i), "unknown_category", "there is no such category");
  }
  if (!faults.empty()) return std::move(faults).error();

  if (!product.sku.empty()) {  // one that lost its SKU to another row at the hub lives without it
    TILL_TRY(const bool held, store::sku_taken(db, product.sku, product.row));
    if (held) return taken("/sku", "The SKU " + product.sku);
  }
  for (size_t i = 0; i < product.barcodes.size(); ++i) {
    TILL_TRY(const bool code_held, store::barcode_taken(db, product.barcodes[i], product.row));
    if (code_held) return taken("/barcodes/" + std::to_string(i), "The barcode " + product.barcodes[i]);
  }
  return {};
}

Result<Product> Catalogue::add_product(Product product, const http::Caller& caller, core::Stream stream) {
  sqlite::Connection& db = context_.tx();
  TILL_CHECK(check_product(product));
  TILL_CHECK((settle_slug<store::Products>(db, product)));
  product.id = context_.ids.next();
  product.currency = context_.identity.currency;
  TILL_CHECK(store::add_product(db, product, context_.edit_stamp(caller, stream)));
  if (product.stock > 0) TILL_CHECK(inventory_.book_first(product, product.stock, caller));
  product.on_hand = product.available = product.stock;
  return product;
}

Result<Product> Catalogue::change_product(const Uuid& id, int64_t version, const Patch<Product>& patch,
                                          const http::Caller& caller, core::Stream stream) {
  sqlite::Connection& db = context_.tx();
  TILL_TRY(const Product before, store::get_product(db, id));
  TILL_CHECK(domain::check_version(before, version));
  Product after = before;
  patch.apply(after);
  TILL_CHECK(check_product(after));
  TILL_CHECK((settle_slug<store::Products>(db, after)));
  TILL_CHECK(store::change_product(db, before, after, context_.edit_stamp(caller, stream)));
  return after;
}

Status Catalogue::remove_product(const Uuid& id, int64_t version, const http::Caller& caller) {
  sqlite::Connection& db = context_.tx();
  TILL_TRY(const Product product, store::get_product(db, id));
  TILL_CHECK(domain::check_version(product, version));
  return store::remove_product(db, product, context_.edit_stamp(caller, core::Stream::shop));
}

Result<Product> Catalogue::get_product(const Uuid& id) const {
  TILL_TRY(auto* db, context_.read());
  return store::get_product(*db, id);
}

Result<domain::ScannedProduct> Catalogue::get_product_by_barcode(const std::string& code) const {
  TILL_TRY(auto* db, context_.read());
  TILL_TRY(auto own, store::find_by_barcode(*db, code));
  if (own) return domain::ScannedProduct{std::move(*own), {}};
  const auto label = domain::read_label(context_.settings.scan_patterns, code);
  if (!label) return no_such_product();
  TILL_TRY(Product product, existing(store::find_by_barcode(*db, label->item_code)));
  return domain::ScannedProduct{std::move(product), domain::Embedded{label->price, label->quantity}};
}

Result<Product> Catalogue::get_product_by_sku(const std::string& sku) const {
  TILL_TRY(auto* db, context_.read());
  return existing(store::find_by_sku(*db, sku));
}

Result<Product> Catalogue::get_product_by_slug(const std::string& slug) const {
  TILL_TRY(auto* db, context_.read());
  return existing(store::find_by_slug(*db, slug));
}

Result<domain::Page<Product>> Catalogue::list_products(const domain::ProductFilter& filter,
                                                       const domain::Slice& slice) const {
  constexpr size_t kMaxSearchBytes = 400;  // a product's longest name, pasted
  if (filter.text.size() > kMaxSearchBytes) return invalid_field("?q", "length", "may have at most 400 bytes");
  TILL_TRY(auto* db, context_.read());
  return store::list_products(*db, filter, slice);
}

Result<std::vector<domain::ExpandedProduct>> Catalogue::expand(std::vector<Product> products) const {
  TILL_TRY(auto* db, context_.read());
  std::vector<domain::ExpandedProduct> expanded;
  for (Product& product : products) {
    domain::ExpandedProduct& row = expanded.emplace_back();
    static_cast<Product&>(row) = std::move(product);
    for (const Uuid& id : row.category_ids) {
      TILL_TRY(auto category, store::Categories::find(*db, id));
      if (category) row.categories.push_back(std::move(*category));
    }
  }
  return expanded;
}

Result<domain::Page<domain::HistoryEntry>> Catalogue::product_history(const Uuid& id, domain::Slice slice) const {
  TILL_TRY(auto* db, context_.read());
  TILL_TRY(const Product product, store::get_product(*db, id));
  TILL_TRY(auto entries, store::list_history(*db, store::Entity::product, product.row, slice.cursor, slice.limit + 1));
  auto page = domain::page_of(std::move(entries), slice.limit, &domain::HistoryEntry::version);
  if (slice.total) {
    TILL_TRY(page.total, store::count_history(*db, store::Entity::product, product.row));
  }
  return page;
}

Status Catalogue::check_category(const Category& category) const {
  if (!category.parent_id) return {};
  sqlite::Connection& db = context_.tx();
  TILL_TRY(const auto parent, store::Categories::find(db, *category.parent_id));
  if (!parent) return invalid_field("/parent_id", "unknown_category", "there is no such category");
  if (category.row == 0) return {};
  TILL_TRY(const bool ring, store::stands_below(db, *category.parent_id, category.id));
  if (ring) return invalid_field("/parent_id", "ring", "a category cannot stand below itself");
  return {};
}

Result<Category> Catalogue::add_category(Category category, const http::Caller& caller, core::Stream stream) {
  sqlite::Connection& db = context_.tx();
  TILL_CHECK(check_category(category));
  TILL_CHECK((settle_slug<store::Categories>(db, category)));
  category.id = context_.ids.next();
  TILL_CHECK(store::Categories::insert(db, category, context_.edit_stamp(caller, stream)));
  return category;
}

Result<Category> Catalogue::change_category(const Uuid& id, int64_t version, const Patch<Category>& patch,
                                            const http::Caller& caller) {
  sqlite::Connection& db = context_.tx();
  TILL_TRY(const Category before, store::Categories::get(db, id));
  TILL_CHECK(domain::check_version(before, version));
  Category after = before;
  patch.apply(after);
  TILL_CHECK(check_category(after));
  TILL_CHECK((settle_slug<store::Categories>(db, after)));
  TILL_CHECK(store::Categories::update(db, before, after, context_.edit_stamp(caller, core::Stream::shop)));
  return after;
}

Status Catalogue::remove_category(const Uuid& id, int64_t version, const http::Caller& caller) {
  sqlite::Connection& db = context_.tx();
  TILL_TRY(const Category category, store::Categories::get(db, id));
  TILL_CHECK(domain::check_version(category, version));
  TILL_TRY(const bool in_use, store::category_in_use(db, id));
  if (in_use)
    return Error{
        .code = Code::conflict, .message = "Categories or products still stand in this category", .reason = "in_use"};
  return store::Categories::remove(db, category, context_.edit_stamp(caller, core::Stream::shop));
}

Result<Category> Catalogue::get_category(const Uuid& id) const {
  TILL_TRY(auto* db, context_.read());
  return store::Categories::get(*db, id);
}

Result<Category> Catalogue::get_category_by_slug(const std::string& slug) const {
  TILL_TRY(auto* db, context_.read());
  TILL_TRY(auto category, store::find_category_by_slug(*db, slug));
  if (!category) return Error{.code = Code::not_found, .message = "There is no such category"};
  return std::move(*category);
}

Result<domain::Page<Category>> Catalogue::list_categories(const domain::Slice& slice) const {
  TILL_TRY(auto* db, context_.read());
  return store::list_categories(*db, slice);
}

Result<std::vector<domain::CategoryNode>> Catalogue::category_tree() const {
  TILL_TRY(auto* db, context_.read());
  TILL_TRY(auto all, store::list_categories(*db, {.limit = INT64_MAX - 1}));
  return domain::tree_of(std::move(all.items));
}

}  // namespace till::services
