#include "store/rebuild.h"

#include "sqlite/rescue.h"
#include "store/products.h"

namespace till::store {
namespace {

// What the former facts moved is booked again as they are carried over, from nothing.
Status empty_shelves(sqlite::Connection& fresh, int64_t version_base) {
  TILL_CHECK(
      fresh.run("INSERT OR IGNORE INTO stock (product, on_hand, reserved, version, last)"
                " SELECT row, 0, 0, 0, 0 FROM products"));
  return fresh.run(
      "UPDATE stock SET on_hand = 0, last = 0, count_hlc = 0, count_uid = NULL, version = ?, reserved ="
      " coalesce((SELECT sum(r.quantity) FROM reservations r WHERE r.product = stock.product), 0)",
      version_base);
}

// A sale has another row in this life. What a lost one was placed as stays sold, or it could be paid again.
Status move_links(sqlite::Connection& rescued, sqlite::Connection& fresh) {
  TILL_CHECK(
      fresh.run("UPDATE placed_orders SET sold = coalesce((SELECT row FROM orders o WHERE o.id = placed_orders.id), 0)"
                " WHERE sold IS NOT NULL"));
  auto query = rescued.query("SELECT s.row, o.id FROM shipments s JOIN orders o ON o.row = s.order_row");
  while (query.next())
    TILL_CHECK(
        fresh.run("UPDATE shipments SET order_row = coalesce((SELECT row FROM orders WHERE id = ?), 0)"
                  " WHERE row = ?",
                  query.get<Uuid>(1), query.get<int64_t>(0)));
  TILL_CHECK(query.status());
  return fresh.run("DELETE FROM shipments WHERE order_row NOT IN (SELECT row FROM orders)");
}

// Rows whose owner was lost: a line of no order, an address of nobody.
Status drop_orphans(sqlite::Connection& fresh) {
  for (const char* sql : {"DELETE FROM placed_lines WHERE place NOT IN (SELECT row FROM placed_orders)",
                          "DELETE FROM cart_lines WHERE cart NOT IN (SELECT row FROM carts)"
                          " OR product NOT IN (SELECT row FROM products)",
                          "DELETE FROM reservations WHERE product NOT IN (SELECT row FROM products)"
                          " OR place NOT IN (SELECT row FROM placed_orders)",
                          "DELETE FROM stock WHERE product NOT IN (SELECT row FROM products)",
                          "DELETE FROM import_rows WHERE import NOT IN (SELECT row FROM imports)",
                          "DELETE FROM sessions WHERE user NOT IN (SELECT row FROM users)",
                          "DELETE FROM password_resets WHERE user NOT IN (SELECT row FROM users)",
                          "DELETE FROM addresses WHERE customer NOT IN (SELECT row FROM users)"})
    TILL_CHECK(fresh.run(sql));
  return {};
}

// Where the page was lost that told whose it is.
Status name_it(sqlite::Connection& rescued, const Names& names) {
  const std::pair<std::string_view, const std::string&> all[] = {
      {"tenant", names.tenant}, {"store", names.store}, {"node", names.node}, {"currency", names.currency}};
  for (const auto& [key, value] : all)
    TILL_CHECK(rescued.run("INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)", key, value));
  return {};
}

Result<Identity> begin_life(sqlite::Connection& fresh, Random& random, Time now) {
  TILL_CHECK(begin_epoch(fresh, random, now));
  TILL_TRY(auto identity, find_identity(fresh));
  return std::move(*identity);
}

}  // namespace

const std::vector<std::string>& tables_kept() {
  static const std::vector<std::string> tables{
      "users",       "sessions", "tries",       "audit",     "once_answers",  "password_resets", "addresses",
      "tills",       "meta",     "categories",  "products",  "history",       "stock",           "imports",
      "import_rows", "hub_rows", "sync_scopes", "conflicts", "placed_orders", "placed_lines",    "reservations",
      "shipments",   "carts",    "cart_lines",  "notices"};
  return tables;
}

const std::vector<std::string>& tables_made_anew() {
  static const std::vector<std::string> tables{
      "epochs",          "orders",           "order_lines",       "payments",     "stock_entries",
      "outbox",          "sync_streams",     "carried_facts",     "remote_facts", "remote_movements",
      "hub_rows_shadow", "product_barcodes", "product_categories"};
  return tables;
}

Result<Salvaged> rebuild(sqlite::Connection& rescued, sqlite::Connection& fresh, const Names& names, Random& random,
                         Time now) {
  TILL_CHECK(name_it(rescued, names));
  TILL_TRY(const auto kept, sqlite::rescue_rows(rescued, fresh, tables_kept()));
  static_cast<void>(kept);
  Salvaged salvaged;
  TILL_CHECK(sqlite::transact(fresh, [&](sqlite::Connection& tx) -> Status {
    TILL_CHECK(drop_orphans(tx));
    TILL_TRY(const Identity identity, begin_life(tx, random, now));
    TILL_CHECK(empty_shelves(tx, identity.version_base));
    const Stamp stamp{.now = now, .version_base = identity.version_base};
    TILL_TRY(salvaged, carry_over_facts(rescued, tx, identity, stamp));
    TILL_CHECK(carry_over_edits(rescued, tx, identity, stamp));
    TILL_CHECK(move_links(rescued, tx));
    // As a scope that starts over (sync/node): rows stay shown until all of them have come again.
    TILL_CHECK(
        tx.run("UPDATE sync_scopes SET rev = 0, chain = zeroblob(16), head_rev = 0, head_chain = zeroblob(16),"
               " gc_rev = 0, shadow = 1, shadow_digest = zeroblob(16)"));
    return index_products(tx);
  }));
  return salvaged;
}

}  // namespace till::store
