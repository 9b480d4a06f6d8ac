#include "store/carts.h"

namespace till::store {
namespace {

using domain::Cart;

constexpr const char* kSelect =
    "SELECT row, id, version, created_at, updated_at, owner, till, name, shared FROM carts ";

Cart read_cart(const sqlite::Query& query) {
  Cart c;
  query.read(c.row, c.id, c.version, c.created_at, c.updated_at, c.owner, c.till, c.name, c.shared);
  return c;
}

}  // namespace

Result<std::optional<Cart>> find_cart(sqlite::Connection& db, CartKey key) {
  static const std::string sql = std::string(kSelect) + "WHERE owner = ? AND till = ? AND name IS NULL";
  return sqlite::first_row(db.query(sql.c_str(), key.owner, key.till), read_cart);
}

Result<std::optional<Cart>> find_cart_by_id(sqlite::Connection& db, const Uuid& id) {
  static const std::string sql = std::string(kSelect) + "WHERE id = ?";
  return sqlite::first_row(db.query(sql.c_str(), id), read_cart);
}

Status add_cart(sqlite::Connection& db, Cart& cart, const Stamp& stamp) {
  cart.version = stamp.next_version(0);
  cart.created_at = cart.updated_at = stamp.now;
  TILL_CHECK(
      db.run("INSERT INTO carts (id, version, created_at, updated_at, owner, till, shared)"
             " VALUES (?, ?, ?, ?, ?, ?, 0)",
             cart.id, cart.version, cart.created_at, cart.updated_at, cart.owner, cart.till));
  TILL_TRY(const auto made, find_cart(db, {cart.owner, cart.till}));
  if (made) cart.row = made->row;
  return {};
}

Status change_cart(sqlite::Connection& db, Cart& cart, const Stamp& stamp) {
  cart.version = stamp.next_version(cart.version);
  cart.updated_at = stamp.now;
  return db.run("UPDATE carts SET version = ?, updated_at = ?, owner = ?, till = ?, name = ?, shared = ? WHERE row = ?",
                cart.version, cart.updated_at, cart.owner, cart.till, cart.name, cart.shared, cart.row);
}

Status remove_cart(sqlite::Connection& db, int64_t cart_row) {
  TILL_CHECK(clear_cart(db, cart_row));
  return db.run("DELETE FROM carts WHERE row = ?", cart_row);
}

Status remove_carts_of(sqlite::Connection& db, int64_t owner) {
  TILL_CHECK(db.run("DELETE FROM cart_lines WHERE cart IN (SELECT row FROM carts WHERE owner = ?)", owner));
  return db.run("DELETE FROM carts WHERE owner = ?", owner);
}

Result<Page<Cart>> list_parked_carts(sqlite::Connection& db, int64_t owner, bool shared, int64_t after_row,
                                     int64_t limit) {
  static const std::string sql = std::string(kSelect) +
                                 "WHERE name IS NOT NULL AND ((owner = ? AND shared = 0) OR (shared = 1 AND ?))"
                                 " AND row > ? ORDER BY row LIMIT ?";
  TILL_TRY(auto carts, sqlite::all_rows(db.query(sql.c_str(), owner, shared, after_row, limit + 1), read_cart));
  return domain::page_of(std::move(carts), limit);
}

Result<CartContent> read_cart_content(sqlite::Connection& db, int64_t cart_row) {
  auto query = db.query(
      "SELECT p.row, p.id, p.name, l.quantity, p.price, s.on_hand - s.reserved, p.active AND NOT p.removed, p.tax_class"
      " FROM cart_lines l JOIN products p ON p.row = l.product JOIN stock s ON s.product = p.row"
      " WHERE l.cart = ? ORDER BY l.n",
      cart_row);
  CartContent content;
  while (query.next()) {
    domain::CartLine& l = content.lines.emplace_back();
    query.read(l.product_row, l.product_id, l.name, l.quantity, l.unit_price, l.available, l.active,
               content.tax_classes.emplace_back());
  }
  TILL_CHECK(query.status());
  return content;
}

Result<int64_t> cart_quantity(sqlite::Connection& db, int64_t cart_row, int64_t product_row) {
  TILL_TRY(const auto found, (db.value<int64_t>("SELECT quantity FROM cart_lines WHERE cart = ? AND product = ?",
                                                cart_row, product_row)));
  return found.value_or(0);
}

Status set_cart_quantity(sqlite::Connection& db, int64_t cart_row, int64_t product_row, int64_t quantity) {
  if (quantity == 0) return db.run("DELETE FROM cart_lines WHERE cart = ? AND product = ?", cart_row, product_row);
  return db.run(
      "INSERT INTO cart_lines (cart, product, n, quantity)"
      " VALUES (?1, ?2, (SELECT coalesce(max(n), 0) + 1 FROM cart_lines WHERE cart = ?1), ?3)"
      " ON CONFLICT (cart, product) DO UPDATE SET quantity = ?3",
      cart_row, product_row, quantity);
}

Status clear_cart(sqlite::Connection& db, int64_t cart_row) {
  return db.run("DELETE FROM cart_lines WHERE cart = ?", cart_row);
}

}  // namespace till::store
