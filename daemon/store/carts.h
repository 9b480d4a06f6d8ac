// Carts (006_orders.sql): who wants how much of what. Prices are not kept; whoever reads a cart prices it.
#pragma once

#include "domain/cart.h"
#include "store/table.h"

namespace till::store {

/// Whose: a user's, or a till's (then the owner is 0).
struct CartKey {
  int64_t owner = 0;
  int64_t till = 0;
};

/// The current one, without lines.
Result<std::optional<domain::Cart>> find_cart(sqlite::Connection& db, CartKey key);
Result<std::optional<domain::Cart>> find_cart_by_id(sqlite::Connection& db, const Uuid& id);
/// Makes an empty current one; id is set.
Status add_cart(sqlite::Connection& db, domain::Cart& cart, const Stamp& stamp);
/// Writes whose it is, its name and whether it is shared, as its next version.
Status change_cart(sqlite::Connection& db, domain::Cart& cart, const Stamp& stamp);
Status remove_cart(sqlite::Connection& db, int64_t cart_row);
/// Parked ones: those of the owner, and the shared ones if `shared`. Oldest first.
Result<Page<domain::Cart>> list_parked_carts(sqlite::Connection& db, int64_t owner, bool shared, int64_t after_row,
                                             int64_t limit);

/// Lines in the order they were put in, with the product's name, price and what is left of it; tax and total are not
/// filled in. The tax class of each beside it. A removed product is shown as not active.
struct CartContent {
  std::vector<domain::CartLine> lines;
  std::vector<std::string> tax_classes;
};
Result<CartContent> read_cart_content(sqlite::Connection& db, int64_t cart_row);
/// What is in it of a product, 0 if nothing.
Result<int64_t> cart_quantity(sqlite::Connection& db, int64_t cart_row, int64_t product_row);
/// Zero takes the line out.
Status set_cart_quantity(sqlite::Connection& db, int64_t cart_row, int64_t product_row, int64_t quantity);
/// All of a user's own, parked or not.
Status remove_carts_of(sqlite::Connection& db, int64_t owner);
Status clear_cart(sqlite::Connection& db, int64_t cart_row);

}  // namespace till::store
