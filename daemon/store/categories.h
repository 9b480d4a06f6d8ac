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

Result<Page<domain::Category>> list_categories(sqlite::Connection& db, const Slice& slice);

/// The category of exactly this name below `parent_id` (none: at the top); of several the oldest.
Result<std::optional<domain::Category>> find_category(sqlite::Connection& db, const std::optional<Uuid>& parent_id,
                                                      const std::string& name);

/// Of several with one slug (30-sync, B7) the oldest.
Result<std::optional<domain::Category>> find_category_by_slug(sqlite::Connection& db, const std::string& slug);

/// True if `ancestor` is `id` itself or stands above it: a category below itself would make the tree a ring.
Result<bool> stands_below(sqlite::Connection& db, const Uuid& id, const Uuid& ancestor);

/// True if other categories or products stand in it.
Result<bool> category_in_use(sqlite::Connection& db, const Uuid& id);

}  // namespace till::store
