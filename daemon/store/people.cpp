#include "store/people.h"

#include "sqlite/rows.h"

namespace till::store {
namespace {

using domain::PostalAddress;

constexpr const char* kSelect = "SELECT full_name, phone, street, city, state, postal_code, country FROM addresses ";

PostalAddress read_postal(const sqlite::Query& query) {
  PostalAddress a;
  query.read(a.full_name, a.phone, a.street, a.city, a.state, a.postal_code, a.country);
  return a;
}

}  // namespace

Result<std::optional<int64_t>> find_user_row(sqlite::Connection& db, const Uuid& id) {
  return db.value<int64_t>("SELECT row FROM users WHERE id = ? AND active", id);
}

Result<std::optional<PostalAddress>> find_address(sqlite::Connection& db, int64_t user_row, const Uuid& id) {
  static const std::string sql = std::string(kSelect) + "WHERE id = ? AND customer = ?";
  return sqlite::first_row(db.query(sql.c_str(), id, user_row), read_postal);
}

Result<std::optional<PostalAddress>> find_default_address(sqlite::Connection& db, int64_t user_row) {
  static const std::string sql = std::string(kSelect) + "WHERE customer = ? AND is_default LIMIT 1";
  return sqlite::first_row(db.query(sql.c_str(), user_row), read_postal);
}

}  // namespace till::store
