// The category tree.
#pragma once

#include "domain/product.h"
#include "store/table.h"

namespace till::store {

template <>
struct TableOf<domain::Category> {
  static constexpr const char* name = "categories";
  static constexpr const char* noun = "category";
  static constexpr Entity entity = Entity::category;
};
using Categories = Table<domain::Category>;

Result<Page<domain::Category>> list_categories(sqlite::Connection& db, int64_t after_row, int64_t limit);

/// True if `ancestor` is `id` itself or stands above it: a category below itself would make the tree a ring.
Result<bool> stands_below(sqlite::Connection& db, const Uuid& id, const Uuid& ancestor);

/// True if other categories or products stand in it.
Result<bool> category_in_use(sqlite::Connection& db, const Uuid& id);

}  // namespace till::store
