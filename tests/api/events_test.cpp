// The documents and the live side of the shop: events, the running settings, what the Postman collection relies on.
#include <doctest/doctest.h>

#include <algorithm>

#include "api/samples.h"
#include "counter.h"

namespace till::test {
namespace {

std::string heard(const Response& stream) {
  std::string out;
  REQUIRE(stream.stream);
  REQUIRE(stream.stream->pour(out));
  return out;
}

}  // namespace

TEST_CASE("whoever is logged in may listen; staff hear of a sale once it is committed") {
  Counter counter;
  CHECK(counter.send(ask(Method::get, "/api/v1/events")).status == 401);
  const Response customer = counter.get(Role::customer, "/api/v1/events");
  const Response cashier = counter.get(Role::cashier, "/api/v1/events");
  CHECK(cashier.status == 200);
  CHECK(cashier.content_type == "text/event-stream");
  CHECK(heard(cashier).find("event: ready\n") != std::string::npos);
  heard(customer);
  const Response product =
      counter.post(Role::manager, "/api/v1/products", R"({"name":"Cup","sku":"CUP","price":1999,"stock":10000})");
  const std::string sale =
      R"({"fulfilment":"counter","lines":[{"sku":"CUP"}],"payments":[{"method":"cash","tendered":)";
  CHECK(counter.post(Role::cashier, "/api/v1/orders", sale + "1}]}").status == 400);  // rolled back: not told
  CHECK(heard(cashier).empty());
  const Response sold = counter.post(Role::cashier, "/api/v1/orders", sale + "5000}]}");
  REQUIRE(sold.status == 201);
  const std::string told = heard(cashier);
  CHECK(told.find("event: order.") != std::string::npos);
  CHECK(told.find(member(sold, "id")) != std::string::npos);
  CHECK(heard(customer).empty());
}

TEST_CASE("the running settings are for admins, without the secrets") {
  Counter counter;
  CHECK(counter.get(Role::manager, "/api/v1/config").status == 403);
  const Response config = counter.get(Role::admin, "/api/v1/config");
  REQUIRE(config.status == 200);
  CHECK(member(config, "http.max_streams") == "64");
  CHECK(member(config, "store.currency") == R"("EUR")");
  CHECK(config.body.find("mqtt.password") == std::string::npos);
  CHECK(config.body.find("a secret") == std::string::npos);
}

TEST_CASE("every sample of the Postman collection is of a route, and its bodies are JSON where that is wanted") {
  Counter counter;
  const http::Routes& routes = counter.pipeline->routes();
  auto find = [&](std::string_view name) {
    return std::find_if(routes.begin(), routes.end(), [&](const http::Route& route) { return route.name == name; });
  };
  for (const http::Sample& sample : api::samples()) {
    CAPTURE(sample.route);
    const auto route = find(sample.route);
    REQUIRE(route != routes.end());
    if (!sample.body.empty() && route->upload.empty()) CHECK(parse_json(sample.body).ok());
    for (const auto& [name, body] : sample.first) {
      REQUIRE(find(name) != routes.end());
      CHECK(find(name)->path.find('{') == std::string_view::npos);
      CHECK(parse_json(body).ok());
    }
  }
  const Response collection = counter.send(ask(Method::get, "/api/v1/postman.json"));
  CHECK(collection.status == 200);
  CHECK(parse_json(collection.body).ok());
}

}  // namespace till::test
