// The product that a request names by exactly one of product_id, sku and barcode: lines of orders, of returns and of
// carts alike. A barcode may be a label that says a price or an amount beside its product (domain/scan_code.h).
#pragma once

#include "base/codec.h"
#include "domain/scan_code.h"
#include "store/products.h"

namespace till::services {

struct Found {
  store::Sellable product;
  std::optional<domain::Label> label{};
};

/// The product with this code, or the one whose label it is.
inline Result<std::optional<Found>> find_by_code(sqlite::Connection& db, const std::string& code,
                                                 const std::vector<std::string>& patterns) {
  TILL_TRY(auto product, store::find_sellable_by_barcode(db, code));
  if (product) return std::optional(Found{std::move(*product)});
  auto label = domain::read_label(patterns, code);
  if (!label) return std::optional<Found>{};
  TILL_TRY(product, store::find_sellable_by_barcode(db, label->item_code));
  if (!product) return std::optional<Found>{};
  return std::optional(Found{std::move(*product), std::move(label)});
}

/// Nullopt after a fault with the pointer of what is wrong: one_of, unknown_product, inactive. `patterns`: of labels.
template <class Draft>
Result<std::optional<Found>> find_sellable(sqlite::Connection& db, const Draft& draft,
                                           const std::vector<std::string>& patterns, const std::string& pointer,
                                           Faults& faults) {
  const int names = (draft.product_id ? 1 : 0) + (draft.sku.empty() ? 0 : 1) + (draft.barcode.empty() ? 0 : 1);
  if (names != 1) {
    faults.add(pointer, "one_of", "needs exactly one of product_id, sku and barcode");
    return std::optional<Found>{};
  }
  std::optional<Found> found;
  const char* key = "/barcode";
  if (!draft.barcode.empty()) {
    TILL_TRY(found, find_by_code(db, draft.barcode, patterns));
  } else {
    key = draft.product_id ? "/product_id" : "/sku";
    TILL_TRY(auto product, draft.product_id ? store::find_sellable_by_id(db, *draft.product_id)
                                            : store::find_sellable_by_sku(db, draft.sku));
    if (product) found = Found{std::move(*product)};
  }
  if (!found) {
    faults.add(pointer + key, "unknown_product", "no product has this");
  } else if (!found->product.active) {
    faults.add(pointer + key, "inactive", found->product.name + " is not sold any more");
    found.reset();
  }
  return found;
}

}  // namespace till::services
