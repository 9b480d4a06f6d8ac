#include "api/samples.h"

namespace till::api {
namespace {

constexpr std::string_view kSale =
    R"({"fulfilment":"counter","lines":[{"product_id":"{{product_id}}","quantity":1000}],)"
    R"("payments":[{"method":"cash","tendered":100000}]})";
constexpr std::string_view kPickup = R"({"fulfilment":"pickup","lines":[{"product_id":"{{product_id}}"}]})";
constexpr std::string_view kDelivery =
    R"({"fulfilment":"delivery","lines":[{"product_id":"{{product_id}}"}],)"
    R"("payments":[{"method":"cash","tendered":100000}],"address":{"full_name":"A customer","street":"High Street 1",)"
    R"("city":"Springfield","postal_code":"12345","country":"US"}})";
constexpr std::string_view kAddition = R"({"product_id":"{{product_id}}","quantity":2000})";
constexpr std::string_view kParking = R"({"name":"Table {{$randomInt}}"})";

http::Samples access_samples() {
  // clang-format off
  return {
    {.route = "auth.login", .body = R"({"email":"{{email}}","password":"{{password}}"})", .shown = true, .place = -3},
    {.route = "auth.password", .body = R"({"old_password":"{{password}}","new_password":"{{new_password}}"})", .row = "me", .place = -2,
     .lines = {"const scope = pm.environment.has('password') ? pm.environment : pm.collectionVariables;",
               "const [old_password, new_password] = [pm.variables.get('password'), pm.variables.get('new_password')];",
               "scope.set('password', new_password);",
               "pm.collectionVariables.set('new_password', old_password);"}},
    {.route = "auth.me", .row = "me", .shown = true, .place = -1},
    {.route = "auth.refresh", .body = R"({"refresh_token":"{{refresh_token}}"})", .shown = true},
    {.route = "auth.register", .body = R"({"email":"{{$guid}}@example.com","name":"A customer","password":"a customer's password"})", .row = "customer"},
    {.route = "auth.reset", .status = 401},  // the token comes by mail
    {.route = "auth.set_pin", .body = R"({"password":"{{password}}","pin":"258036"})"},
    {.route = "auth.pin", .body = R"({"user_id":"{{me_id}}","pin":"258036"})", .row = "pin", .shown = true, .place = 2},
    {.route = "auth.sessions", .row = "session", .shown = true, .place = 3,
     .lines = {"const other = row.items.find((each) => !each.current);",
               "if (other) pm.collectionVariables.set('session_id', other.id);"}},
    {.route = "auth.end_session", .row = "session", .place = 4},
    {.route = "auth.logout", .place = 9},
    {.route = "users.get_own", .row = "me", .shown = true},
    {.route = "users.change_own", .body = R"({"name":"The owner"})", .row = "me"},
    {.route = "users.erase_own", .body = R"({"password":"a customer's password"})", .row = "customer_user", .token = "customer_access_token"},
    {.route = "users.create", .body = R"({"email":"{{$guid}}@example.com","name":"A cashier","role":"cashier","password":"a cashier's password"})"},
    {.route = "users.change", .body = R"({"name":"Another name"})"},
    {.route = "tills.code", .row = "till", .shown = true},
    {.route = "tills.pair", .body = R"({"code":"{{till_pairing_code}}"})", .lines = {"pm.collectionVariables.set('till_token', row.till_token);"}},
    {.route = "tills.current", .place = 1},
  };
  // clang-format on
}

http::Samples shop_samples() {
  // clang-format off
  return {
    {.route = "products.create",
     .body = R"({"name":"Coffee cup","sku":"{{$guid}}","barcodes":["{{$guid}}"],"price":1999,"description":"Holds 300 ml","stock":500000})",
     .lines = {"pm.collectionVariables.set('product_code', row.barcodes[0]);"}},
    {.route = "products.change", .body = R"({"price":2099})"},
    {.route = "categories.change", .body = R"({"description":"What people look for first"})"},
    {.route = "inventory.count", .body = R"({"quantity":500000,"reason":"Counted by hand"})"},
    {.route = "reservations.create", .body = R"({"quantity":3000,"reason":"For a friend of the house"})", .row = "reservation", .shown = true},
    {.route = "imports.create", .body = "sku,name,price\nIMPORTED-1,Imported cup,1999\n"},
    {.route = "cart.get", .row = "cart", .shown = true},
    {.route = "cart.add", .body = kAddition, .row = "cart", .shown = true},
    {.route = "cart.set", .body = R"({"quantity":3000})", .row = "cart"},
    {.route = "cart.park", .body = kParking, .row = "parked", .shown = true},
    {.route = "cart.resume", .row = "parked"},
    {.route = "cart.discard", .row = "parked", .first = {{"cart.add", kAddition}, {"cart.park", kParking}}},
    {.route = "cart.take_out", .row = "cart", .first = {{"cart.add", kAddition}}},
    {.route = "cart.clear", .row = "cart", .first = {{"cart.add", kAddition}}},
    {.route = "orders.create", .body = kSale},
    {.route = "orders.pay", .body = R"({"payments":[{"method":"cash","tendered":100000}]})", .first = {{"orders.create", kPickup}}},
    {.route = "orders.step", .body = R"({"status":"COMPLETED"})"},
    {.route = "orders.cancel", .body = R"({"reason":"Changed their mind"})", .first = {{"orders.create", kPickup}}},
    {.route = "orders.return", .body = R"({"lines":[{"line_id":"{{order_line_id}}","quantity":1000}],"reason":"Broken","refund":{"method":"cash"}})",
     .first = {{"orders.create", kSale}}},
    {.route = "orders.void", .body = R"({"reason":"Rung up twice"})", .first = {{"orders.create", kSale}}},
    {.route = "returns.blind", .body = R"({"lines":[{"product_id":"{{product_id}}","quantity":1000}],"reason":"No receipt","refund":{"method":"cash"}})"},
    {.route = "shipments.list", .row = "shipment", .first = {{"orders.create", kDelivery}}, .shown = true},
    {.route = "shipments.change", .body = R"({"carrier":"A carrier","tracking_number":"12345"})"},
    {.route = "system.backup", .status = 403},  // for the operator on the machine itself
  };
  // clang-format on
}

}  // namespace

http::Samples samples() {
  http::Samples all = access_samples();
  for (http::Sample& sample : shop_samples()) all.push_back(std::move(sample));
  return all;
}

}  // namespace till::api
