// The table of the dialect "v1": everything below /v1, answers wrapped with their status and a message.
#include <iterator>

#include "api/dialects/dialects.h"
#include "api/dialects/shapes.h"
#include "api/dialects/special.h"

namespace till::dialects {
namespace {

using domain::Role;
using http::Method;

Keys tokens() {
  return {{"accessToken", "access_token"}, {"refreshToken", "refresh_token"}, {"user", "user", nullptr, user_row()}};
}

// clang-format off
Lines access() {
  const Keys change{{"oldPassword", "old_password"}, {"newPassword", "new_password"}};
  const Keys email{{"email", "email"}}, sent{{"sent", "sent"}}, token{{"refreshToken", "refresh_token"}};
  const Keys reset{{"userId", "user_id"}, {"token", "token"}, {"newPassword", "new_password"}};
  return {
    {Method::post, "/auth/signup",         "auth.register", signup(),      tokens(),   "Registered"},
    {Method::post, "/auth/login",          "auth.login",    credentials(), tokens(),   "Logged in"},
    {Method::post, "/auth/refreshtoken",   "auth.refresh",  token,         tokens(),   "Token refreshed"},
    {Method::post, "/auth/forgotpassword", "auth.forgot",   email,         sent,       "A message is on its way"},
    {Method::post, "/auth/resetpassword",  "auth.reset",    reset,         {},         "Password reset"},
    {Method::post, "/auth/changepassword", "auth.password", change,        user_row(), "Password changed"},
    {Method::post, "/auth/signout",        "auth.logout",   {},            {},         "Logged out"},
    {Method::get,  "/auth/getprofile",     "auth.me",       {},            user_row(), "Who is logged in"},
  };
}

Lines users() {
  const Keys user = user_row(), row = address_row(), address = address_body();
  return {
    Line{Method::get,   "/users/getusers",                        "users.list",       {},                         user, "Users"}.list(),
    Line{Method::get,   "/users/getuser/{id}",                    "users.get",        {},                         user, "User"},
    Line{Method::patch, "/users/updateuser",                      "users.change_own", user_change(),              user, "User changed"},
    Line{Method::del,   "/users/deleteuser",                      "users.erase_own",  {{"password", "password"}}, {},   "User deleted"},
    Line{Method::del,   "/users/deleteuser/{id}",                 "users.deactivate", {},                         {},   "User deleted"},
    Line{Method::post,  "/users-address/createuseraddress",       "addresses.create", address,                    row,  "Address added"},
    Line{Method::get,   "/users-address/getuseraddresses",        "addresses.list",   {},                         row,  "Addresses"}.list(),
    Line{Method::get,   "/users-address/getuseraddressbyid/{id}", "addresses.get",    {},                         row,  "Address"},
    Line{Method::patch, "/users-address/updateuseraddress/{id}",  "addresses.change", address,                    row,  "Address changed"},
    Line{Method::del,   "/users-address/deleteuseraddress/{id}",  "addresses.remove", {},                         {},   "Address removed"},
  };
}

Lines products() {
  const Keys row = product_row(), made = new_product(), changed = product_change();
  const http::Pairs newest{{"sort", "-created_at"}};
  const http::Pairs available{{"sort", "-created_at"}, {"available", "true"}};
  return {
    Line{Method::post,  "/product/createproduct",                    "products.create",  made,    row, "Product added"}.numbers("sku"),
    Line{Method::get,   "/product/getproducts",                      "products.list",    {},      row, "Products"}.list(newest),
    Line{Method::get,   "/product/getproduct/{id}",                  "products.get",     {},      row, "Product"},
    Line{Method::get,   "/product/getproductsbyslug/{slug}",         "products.by_slug", {},      row, "Product"},
    Line{Method::get,   "/product/getavailableproducts",             "products.list",    {},      row, "Products"}.list(available),
    Line{Method::patch, "/product/updateproduct",                    "products.change",  changed, row, "Product changed"}.by(change_product, "inventory.count"),
    Line{Method::del,   "/product/deleteproduct/{id}",               "products.remove",  {},      {},  "Product removed"},
    Line{Method::get,   "/product/getproductsbycategory/{category}", "products.list",    {},      row, "Products"}.list(newest),
  };
}

Lines categories() {
  const Keys row = category_row(), body = category_body();
  return {
    Line{Method::post,  "/product/createcategory",             "categories.create",  body, row, "Category added"},
    Line{Method::get,   "/product/getcategories",              "categories.list",    {},   row, "Categories"}.list(),
    Line{Method::get,   "/product/getcategory/{id}",           "categories.get",     {},   row, "Category"},
    Line{Method::get,   "/product/getcategoriesbyslug/{slug}", "categories.by_slug", {},   row, "Category"},
    Line{Method::patch, "/product/updatecategory/{id}",        "categories.change",  body, row, "Category changed"},
    Line{Method::del,   "/product/deletecategory/{id}",        "categories.remove",  {},   {},  "Category removed"},
  };
}

Lines inventory() {
  const Keys row = stock_row(), held = reservation_row(), goods = product_row(), body = stock_body(), count = count_body();
  const http::Pairs available{{"sort", "-created_at"}, {"available", "true"}};
  return {
    Line{Method::post,  "/inventory/createinventory",                     "inventory.count",      count, row,   "Stock counted"}.with("reason", "counted"),
    Line{Method::get,   "/inventory/getinventoryforproduct/{product_id}", "inventory.get",        {},    row,   "Stock"},
    Line{Method::get,   "/inventory/getavailableproducts",                "products.list",        {},    goods, "Products"}.list(available),
    Line{Method::patch, "/inventory/updateinventory/{product_id}",        "inventory.count",      count, row,   "Stock counted"}.with("reason", "counted"),
    Line{Method::post,  "/inventory/addstock",                            "inventory.receive",    body,  row,   "Stock added"}.with("reason", "added"),
    Line{Method::post,  "/inventory/reducestock",                         "inventory.issue",      body,  row,   "Stock reduced"}.with("reason", "reduced"),
    Line{Method::post,  "/inventory/reservestock",                        "reservations.create",  body,  held,  "Stock reserved"}.with("reason", "reserved"),
    Line{Method::post,  "/inventory/releasestock",                        "reservations.release", body,  row,   "Stock released"},
  };
}

Lines carts() {
  const Keys row = cart_row();
  return {
    {Method::post,  "/cart/addtocart",                   "cart.add",      cart_body(),     row, "Added to the cart"},
    {Method::get,   "/cart/getcart",                     "cart.get",      {},              row, "Cart"},
    {Method::patch, "/cart/updatecartitem/{product_id}", "cart.set",      cart_quantity(), row, "Cart changed"},
    {Method::del,   "/cart/removecartitem/{product_id}", "cart.take_out", {},              row, "Taken out of the cart"},
    {Method::del,   "/cart/clearcart",                   "cart.clear",    {},              row, "Cart emptied"},
  };
}

Lines orders() {
  const Keys row = order_row();
  return {
    Line{Method::post,  "/orders",             "orders.create", charged_order_body(), row, "Order placed"}.with("fulfilment", "delivery"),
    Line{Method::get,   "/orders",             "orders.list",   {},                   row, "Orders"}.list({{"mine", "true"}}),
    Line{Method::get,   "/orders/all",         "orders.list",   {},                   row, "Orders"}.list().from(Role::cashier),
    Line{Method::get,   "/orders/{id}",        "orders.get",    {},                   row, "Order"},
    Line{Method::patch, "/orders/{id}/cancel", "orders.cancel", {},                   row, "Order cancelled"},
    Line{Method::patch, "/orders/{id}/status", "orders.step",   status_body(),        row, "Order changed"},
  };
}
// clang-format on

}  // namespace

Lines v1_lines() {
  Lines all;
  for (Lines some : {access(), users(), products(), categories(), inventory(), carts(), orders()})
    std::move(some.begin(), some.end(), std::back_inserter(all));
  return all;
}

}  // namespace till::dialects
