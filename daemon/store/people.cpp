#include "store/people.h"

namespace till::store {
namespace {

using domain::PostalAddress;

constexpr const char* kSelect = "SELECT full_name, phone, street, city, state, postal_code, country FROM addresses ";

Result<std::optional<PostalAddress>> first(sqlite::Query query) {
  std::optional<PostalAddress> found;
  if (query.next()) {
    PostalAddress& a = found.emplace();
    query.read(a.full_name, a.phone, a.street, a.city, a.state, a.postal_code, a.country);
  }
  TILL_CHECK(query.status());
  return found;
}

}  // namespace

Result<std::optional<int64_t>> find_user_row(sqlite::Connection& db, const Uuid& id) {
  return db.value<int64_t>("SELECT row FROM users WHERE id = ? AND active", id);
}

Result<std::optional<PostalAddress>> find_address(sqlite::Connection& db, int64_t user_row, const Uuid& id) {
  static const std::string sql = std::string(kSelect) + "WHERE id = ? AND customer = ?";
  return first(db.query(sql.c_str(), id, user_row));
}

Result<std::optional<PostalAddress>> find_default_address(sqlite::Connection& db, int64_t user_row) {
  static const std::string sql = std::string(kSelect) + "WHERE customer = ? AND is_default LIMIT 1";
  return first(db.query(sql.c_str(), user_row));
}

}  // namespace till::store
