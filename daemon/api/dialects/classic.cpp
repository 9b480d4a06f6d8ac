// The table of the dialect "classic": bare rows, prices in major units, no prefix. Three older systems in one; where
// two of them had another path for one thing, both are here.
#include <iterator>

#include "api/dialects/dialects.h"
#include "api/dialects/shapes.h"
#include "api/dialects/special.h"

namespace till::dialects {
namespace {

using domain::Role;
using http::Method;

Keys tokens() {
  return {{"token", "access_token"}, {"refreshToken", "refresh_token"}, {"user", "user", nullptr, user_row()}};
}

// clang-format off
Lines access() {
  return {
    {Method::post, "/auth/register", "auth.register", signup(),      tokens(),   "Registered"},
    {Method::post, "/auth/login",    "auth.login",    credentials(), tokens(),   "Logged in"},
    {Method::get,  "/auth/user",     "auth.me",       {},            user_row(), "Who is logged in"},
  };
}

Lines catalogue() {
  const Keys row = product_row();
  const http::Pairs newest{{"sort", "-created_at"}};
  return {
    Line{Method::get,   "/products",      "products.list",   {},               row, "Products"}.list(newest),
    Line{Method::post,  "/products",      "products.create", new_product(),    row, "Product added"}.numbers("sku"),
    Line{Method::post,  "/products/add",  "products.create", new_product(),    row, "Product added"}.numbers("sku"),
    Line{Method::get,   "/products/{id}", "products.get",    {},               row, "Product"},
    Line{Method::put,   "/products/{id}", "products.change", product_change(), row, "Product changed"}.by(change_product, "inventory.count"),
    Line{Method::patch, "/products/{id}", "products.change", product_change(), row, "Product changed"}.by(change_product, "inventory.count"),
    Line{Method::del,   "/products/{id}", "products.remove", {},               {},  "Product removed"},
  };
}

Lines stock() {
  const Keys row = stock_row();
  return {
    Line{Method::get,   "/inventory/{product_id}", "inventory.get",   {},           row, "Stock"},
    Line{Method::patch, "/inventory/{product_id}", "inventory.count", count_body(), row, "Stock counted"}.with("reason", "counted"),
  };
}

Lines carts() {
  const Keys row = cart_row();
  return {
    {Method::get,  "/cart",              "cart.get",      {},          row, "Cart"},
    {Method::post, "/cart",              "cart.add",      cart_body(), row, "Added to the cart"},
    {Method::del,  "/cart/{product_id}", "cart.take_out", {},          row, "Taken out of the cart"},
  };
}

Lines orders() {
  const Keys row = order_row(), drafted = order_body(), status = status_body();
  return {
    Line{Method::post,  "/orders",             "orders.create", drafted,        row, "Order placed"}.with("fulfilment", "pickup"),
    Line{Method::post,  "/orders/place",       "orders.create", drafted,        row, "Order placed"}.with("fulfilment", "pickup"),
    Line{Method::get,   "/orders",             "orders.list",   {},             row, "Orders"}.list(),
    Line{Method::get,   "/orders/{id}",        "orders.get",    {},             row, "Order"},
    Line{Method::put,   "/orders/{id}",        "orders.step",   status,         row, "Order changed"},
    Line{Method::put,   "/orders/{id}/status", "orders.step",   status,         row, "Order changed"},
    Line{Method::del,   "/orders/{id}",        "orders.cancel", {},             row, "Order cancelled"},
    Line{Method::post,  "/order/checkout",     "orders.create", {},             row, "Order placed"}.with("fulfilment", "pickup"),
    Line{Method::get,   "/order",              "orders.list",   {},             row, "Orders"}.list(),
    Line{Method::get,   "/order/{id}",         "orders.get",    {},             row, "Order"},
    Line{Method::patch, "/order/{id}/status",  "orders.step",   status,         row, "Order changed"},
    Line{Method::post,  "/payment",            "orders.pay",    payment_body(), row, "Order paid"}.by(pay, "orders.get"),
  };
}
// clang-format on

}  // namespace

Lines classic_lines() {
  Lines all;
  for (Lines some : {access(), catalogue(), stock(), carts(), orders()})
    std::move(some.begin(), some.end(), std::back_inserter(all));
  return all;
}

}  // namespace till::dialects
