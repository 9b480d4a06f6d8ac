#include "store/categories.h"

namespace till::store {

Result<Page<domain::Category>> list_categories(sqlite::Connection& db, const Slice& slice) {
  static const std::string sql =
      "SELECT " + Categories::columns() + " FROM categories WHERE removed = 0 AND row > ? ORDER BY row LIMIT ?";
  TILL_TRY(auto page, Categories::page(db.query(sql.c_str(), slice.cursor, slice.limit + 1), slice.limit));
  if (slice.total) {
    TILL_TRY(page.total, db.value<int64_t>("SELECT count(*) FROM categories WHERE removed = 0"));
  }
  return page;
}

Result<std::optional<domain::Category>> find_category(sqlite::Connection& db, const std::optional<Uuid>& parent_id,
                                                      const std::string& name) {
  static const std::string sql =
      "SELECT " + Categories::columns() +
      " FROM categories WHERE parent_id IS ? AND name = ? AND removed = 0 ORDER BY row LIMIT 1";
  return Categories::first(db.query(sql.c_str(), parent_id, name));
}

Result<std::optional<domain::Category>> find_category_by_slug(sqlite::Connection& db, const std::string& slug) {
  static const std::string sql =
      "SELECT " + Categories::columns() + " FROM categories WHERE slug = ? AND removed = 0 ORDER BY row LIMIT 1";
  return Categories::first(db.query(sql.c_str(), slug));
}

Result<bool> stands_below(sqlite::Connection& db, const Uuid& id, const Uuid& ancestor) {
  TILL_TRY(auto found, (db.value<int64_t>("WITH RECURSIVE up (id) AS (VALUES (?) UNION"
                                          " SELECT c.parent_id FROM categories c JOIN up ON c.id = up.id"
                                          " WHERE c.parent_id IS NOT NULL)"
                                          " SELECT 1 FROM up WHERE id = ?",
                                          id, ancestor)));
  return found.has_value();
}

Result<bool> category_in_use(sqlite::Connection& db, const Uuid& id) {
  TILL_TRY(auto found, (db.value<int64_t>("SELECT 1 FROM categories WHERE parent_id = ?1 AND removed = 0"
                                          " UNION ALL SELECT 1 FROM product_categories WHERE category_id = ?1 LIMIT 1",
                                          id)));
  return found.has_value();
}

}  // namespace till::store
