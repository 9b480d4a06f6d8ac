// The product that a request names by exactly one of product_id, sku and barcode: lines of orders, of returns and of
// carts alike.
#pragma once

#include "base/codec.h"
#include "store/products.h"

namespace till::services {

/// Nullopt after a fault with the pointer of what is wrong: one_of, unknown_product, inactive.
template <class Draft>
Result<std::optional<store::Sellable>> find_sellable(sqlite::Connection& db, const Draft& draft,
                                                     const std::string& pointer, Faults& faults) {
  const int names = (draft.product_id ? 1 : 0) + (draft.sku.empty() ? 0 : 1) + (draft.barcode.empty() ? 0 : 1);
  if (names != 1) {
    faults.add(pointer, "one_of", "needs exactly one of product_id, sku and barcode");
    return std::optional<store::Sellable>{};
  }
  const char* key = draft.product_id ? "/product_id" : !draft.sku.empty() ? "/sku" : "/barcode";
  TILL_TRY(auto found, draft.product_id     ? store::find_sellable_by_id(db, *draft.product_id)
                       : !draft.sku.empty() ? store::find_sellable_by_sku(db, draft.sku)
                                            : store::find_sellable_by_barcode(db, draft.barcode));
  if (!found) {
    faults.add(pointer + key, "unknown_product", "no product has this");
  } else if (!found->active) {
    faults.add(pointer + key, "inactive", found->name + " is not sold any more");
    found.reset();
  }
  return found;
}

}  // namespace till::services
