#include "store/reservations.h"

namespace till::store {
namespace {

using domain::Reservation;

constexpr const char* kSelect =
    "SELECT r.row, r.id, r.product, p.id, r.quantity, coalesce(r.place, 0), o.id, r.expires_at, r.created_at, r.user, "
    "r.reason"
    " FROM reservations r JOIN products p ON p.row = r.product LEFT JOIN placed_orders o ON o.row = r.place ";

Reservation read_reservation(const sqlite::Query& query) {
  Reservation r;
  query.read(r.row, r.id, r.product_row, r.product_id, r.quantity, r.place, r.order_id, r.expires_at, r.created_at,
             r.user, r.reason);
  return r;
}

}  // namespace

Result<Booked> add_reservation(sqlite::Connection& db, Reservation& r, int64_t version_base) {
  TILL_CHECK(
      db.run("INSERT INTO reservations (id, product, quantity, place, expires_at, created_at, user, reason)"
             " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
             r.id, r.product_row, r.quantity, sqlite::if_any(r.place), r.expires_at, r.created_at, r.user, r.reason));
  return book_reservation(db, r.product_row, r.quantity, version_base);
}

Status release_reservation(sqlite::Connection& db, const Reservation& r, int64_t quantity, int64_t version_base) {
  if (quantity < r.quantity) {
    TILL_CHECK(db.run("UPDATE reservations SET quantity = quantity - ? WHERE row = ?", quantity, r.row));
  } else {
    TILL_CHECK(db.run("DELETE FROM reservations WHERE row = ?", r.row));
  }
  TILL_TRY(const Booked now, book_reservation(db, r.product_row, -std::min(quantity, r.quantity), version_base));
  static_cast<void>(now);
  return {};
}

Result<std::optional<Reservation>> find_reservation(sqlite::Connection& db, const Uuid& id) {
  static const std::string sql = std::string(kSelect) + "WHERE r.id = ?";
  return sqlite::first_row(db.query(sql.c_str(), id), read_reservation);
}

Result<std::vector<Reservation>> list_reservations_of_order(sqlite::Connection& db, int64_t place) {
  static const std::string sql = std::string(kSelect) + "WHERE r.place = ? ORDER BY r.row";
  return sqlite::all_rows(db.query(sql.c_str(), place), read_reservation);
}

Result<std::vector<Reservation>> list_reservations_of_product(sqlite::Connection& db, int64_t product_row) {
  static const std::string sql = std::string(kSelect) + "WHERE r.product = ? AND r.place IS NULL ORDER BY r.row";
  return sqlite::all_rows(db.query(sql.c_str(), product_row), read_reservation);
}

Result<std::vector<Reservation>> list_due_reservations(sqlite::Connection& db, Time now, int64_t limit) {
  static const std::string sql = std::string(kSelect) + "WHERE r.expires_at <= ? ORDER BY r.expires_at LIMIT ?";
  return sqlite::all_rows(db.query(sql.c_str(), now, limit), read_reservation);
}

Status extend_reservations(sqlite::Connection& db, int64_t place, Time until) {
  return db.run("UPDATE reservations SET expires_at = ?1 WHERE place = ?2 AND expires_at < ?1", until, place);
}

Result<Page<Reservation>> list_reservations(sqlite::Connection& db, int64_t after_row, int64_t limit) {
  static const std::string sql = std::string(kSelect) + "WHERE r.row > ? ORDER BY r.row LIMIT ?";
  TILL_TRY(auto found, sqlite::all_rows(db.query(sql.c_str(), after_row, limit + 1), read_reservation));
  return domain::page_of(std::move(found), limit);
}

Result<std::optional<Uuid>> find_unequal_reserved(sqlite::Connection& db) {
  return db.value<Uuid>(
      "SELECT p.id FROM stock s JOIN products p ON p.row = s.product LEFT JOIN"
      " (SELECT product, sum(quantity) AS held FROM reservations GROUP BY product) r ON r.product = s.product"
      " WHERE s.reserved <> coalesce(r.held, 0) LIMIT 1");
}

}  // namespace till::store
