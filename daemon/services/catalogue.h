// Products and categories: what may be written, and that nobody's edit vanishes (versions). What changes something runs
// on the writer's thread, what reads on the caller's. `stream`: the way to the hub; imports take one that delays
// nobody.
#pragma once

#include "domain/category_tree.h"
#include "domain/product_views.h"
#include "services/inventory.h"
#include "store/categories.h"
#include "store/products.h"

namespace till::services {

class Catalogue {
 public:
  Catalogue(const Context& context, Inventory& inventory) : context_(context), inventory_(inventory) {}

  /// Errors: invalid with pointers (unknown category, tax class, currency; a code twice); conflict with the pointer of
  /// the key that another product has (taken).
  Result<domain::Product> add_product(domain::Product product, const http::Caller& caller,
                                      core::Stream stream = core::Stream::shop);
  /// `version`: the one the caller saw. Errors as add, and stale with the row as it is now.
  Result<domain::Product> change_product(const Uuid& id, int64_t version, const Patch<domain::Product>& patch,
                                         const http::Caller& caller, core::Stream stream = core::Stream::shop);
  Status remove_product(const Uuid& id, int64_t version, const http::Caller& caller);

  /// A product with what is left of it. Error: not_found.
  Result<domain::Product> get_product(const Uuid& id) const;
  /// The product whose barcode it is; else what a label of `scan.patterns` says that is.
  Result<domain::ScannedProduct> get_product_by_barcode(const std::string& code) const;
  Result<domain::Product> get_product_by_sku(const std::string& sku) const;
  Result<domain::Product> get_product_by_slug(const std::string& slug) const;
  /// Error: invalid (?q) for a search of more than 400 bytes.
  Result<domain::Page<domain::Product>> list_products(const domain::ProductFilter& filter,
                                                      const domain::Slice& slice) const;
  /// The same rows with their categories.
  Result<std::vector<domain::ExpandedProduct>> expand(std::vector<domain::Product> products) const;
  /// Newest first; the cursor is a version.
  Result<domain::Page<domain::HistoryEntry>> product_history(const Uuid& id, domain::Slice slice) const;

  Result<domain::Category> add_category(domain::Category category, const http::Caller& caller,
                                        core::Stream stream = core::Stream::shop);
  Result<domain::Category> change_category(const Uuid& id, int64_t version, const Patch<domain::Category>& patch,
                                           const http::Caller& caller);
  /// Error: conflict (in_use) while categories or products stand in it.
  Status remove_category(const Uuid& id, int64_t version, const http::Caller& caller);

  Result<domain::Category> get_category(const Uuid& id) const;
  Result<domain::Category> get_category_by_slug(const std::string& slug) const;
  Result<domain::Page<domain::Category>> list_categories(const domain::Slice& slice) const;
  Result<std::vector<domain::CategoryNode>> category_tree() const;

 private:
  Status check_product(const domain::Product& product) const;
  Status check_category(const domain::Category& category) const;

  const Context& context_;
  Inventory& inventory_;
};

}  // namespace till::services
