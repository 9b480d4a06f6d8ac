// Addresses: whose they are, and which one is the default.
#include "access/premises.h"

namespace till::access {
namespace {

constexpr const char* kAddresses = "/api/v1/addresses";

struct Street : Premises {
  Json ada = join("ada@home.test", Role::customer);
  std::string token = text(ada, "access_token");

  static std::string path(const Json& address) { return std::string(kAddresses) + "/" + text(address, "id"); }
  Response post(const std::string& who, const std::string& city, const char* more = "") {
    return send(ask(Method::post, kAddresses)
                    .as(who)
                    .body(R"({"full_name":"Ada","street":"1 High St","city":")" + city +
                          R"(","postal_code":"E1 6AN","country":"GB")" + more + "}"));
  }
  Json add_address(const std::string& city, const char* more = "") {
    const Response made = post(token, city, more);
    REQUIRE(made.status == 201);
    return *parse_json(made.body);
  }
  Response patch(const std::string& who, const Json& address, const std::string& body, int64_t version) {
    return send(ask(Method::patch, path(address)).as(who).with("if-match", http::etag(version)).body(body));
  }
  Response remove(const std::string& who, const Json& address, int64_t version) {
    return send(ask(Method::del, path(address)).as(who).with("if-match", http::etag(version)));
  }
  /// Cities in order, the default's with a star; the status if it is none of them.
  std::string shown(const std::string& who, const std::string& customer_id = "") {
    test::Ask asked = ask(Method::get, kAddresses).as(who);
    if (!customer_id.empty()) asked = std::move(asked).query("customer_id", customer_id);
    const Response answer = send(std::move(asked));
    if (answer.status != 200) return std::to_string(answer.status);
    std::string cities;
    const Json body = *parse_json(answer.body);
    for (const Json& item : *body.find("items")->array())
      cities += text(item, "city") + (*item.find("is_default")->boolean() ? "* " : " ");
    return cities;
  }
};

TEST_CASE("of a customer's addresses exactly one is the default") {
  Street street;
  CHECK(street.shown(street.token).empty());
  const Json rome = street.add_address("Rome", R"(,"is_default":false)");
  CHECK(street.shown(street.token) == "Rome* ");
  const Json oslo = street.add_address("Oslo");
  CHECK(street.shown(street.token) == "Rome* Oslo ");
  const Json bern = street.add_address("Bern", R"(,"is_default":true)");
  CHECK(street.shown(street.token) == "Rome Oslo Bern* ");
  CHECK(street.patch(street.token, rome, R"({"city":"Roma"})", 1000).status == 412);  // it is another row by now
  CHECK(street.patch(street.token, rome, R"({"city":"Roma"})", 1001).status == 200);
  CHECK(street.patch(street.token, oslo, R"({"is_default":true})", 1000).status == 200);
  CHECK(street.shown(street.token) == "Roma Oslo* Bern ");
  CHECK(text(street.patch(street.token, oslo, R"({"is_default":false})", 1001), "code") == "default_needed");
  CHECK(street.patch(street.token, rome, R"({"is_default":false})", 1002).status == 200);  // it is not anyway
  CHECK(street.remove(street.token, rome, 1003).status == 204);
  CHECK(street.shown(street.token) == "Oslo* Bern ");
  CHECK(street.remove(street.token, oslo, 1001).status == 204);
  CHECK(street.shown(street.token) == "Bern* ");
  street.open();
  CHECK(street.shown(street.token) == "Bern* ");
  const Json back = *parse_json(street.send(ask(Method::get, street.path(bern)).as(street.token)).body);
  CHECK(street.remove(street.token, bern, number(back, "version")).status == 204);
  CHECK(street.shown(street.token).empty());
  CHECK(street.remove(street.token, bern, number(back, "version")).status == 404);
}

TEST_CASE("two defaults that were made at once end as one") {
  Street street;
  street.add_address("Rome");
  const http::Routes routes = street.now->access->routes();
  const auto route =
      std::find_if(routes.begin(), routes.end(), [](const auto& r) { return r.name == "addresses.create"; });
  http::Request request;
  request.caller = *street.now->access->authenticator().authenticate(street.token);
  request.body = R"({"full_name":"A","street":"S","city":"Oslo","country":"NO","is_default":true})";
  auto first = route->handler(request);
  request.body = R"({"full_name":"A","street":"S","city":"Bern","country":"CH","is_default":true})";
  auto second = route->handler(request);
  CHECK(street.write([&] { return std::get<http::Work>(*first)(); }).ok());
  CHECK(street.write([&] { return std::get<http::Work>(*second)(); }).ok());
  CHECK(street.shown(street.token) == "Rome Oslo Bern* ");
}

TEST_CASE("another's address does not exist; staff may look, and change nothing") {
  Street street;
  const Json rome = street.add_address("Rome");
  const std::string ada_id = text(*street.ada.find("user"), "id");
  const Json eve_in = street.join("eve@home.test", Role::customer);
  const std::string eve = text(eve_in, "access_token");
  const std::string cashier = text(street.join("cash@shop.test", Role::cashier), "access_token");
  const std::string stock = text(street.join("stock@shop.test", Role::inventory_manager), "access_token");
  for (const std::string& who : {eve, stock}) {
    CHECK(street.send(ask(Method::get, street.path(rome)).as(who)).status == 404);
    CHECK(street.shown(who, ada_id) == "403");
    CHECK(street.shown(who).empty());
  }
  for (const std::string& who : {eve, stock, cashier}) {
    CHECK(street.patch(who, rome, R"({"city":"Here"})", 1000).status == 404);
    CHECK(street.remove(who, rome, 1000).status == 404);
  }
  CHECK(street.shown(eve, text(*eve_in.find("user"), "id")).empty());  // one's own by name
  CHECK(street.shown(cashier, ada_id) == "Rome* ");
  CHECK(street.shown(cashier, "01234567-89ab-7def-8123-456789abcdef") == "404");
  CHECK(street.shown(cashier, "x") == "400");
  CHECK(street.send(ask(Method::get, street.path(rome)).as(cashier)).status == 200);
  CHECK(street.send(ask(Method::get, kAddresses)).status == 401);
  CHECK(street.post("", "Rome").status == 401);
  const Response nobody = street.send(
      ask(Method::post, kAddresses).from("local").body(R"({"full_name":"A","street":"S","city":"C","country":"GB"})"));
  CHECK(nobody.status == 404);  // the operator is no user

  const Access& access = *street.now->access;
  const Uuid id = *parse_uuid(text(rome, "id"));
  const int64_t row = (*street.now->reading.find_user(*parse_uuid(ada_id)))->row;
  CHECK(access.addresses().get(row, id)->city == "Rome");
  CHECK(access.addresses().get(std::nullopt, id)->customer == row);
  CHECK(access.addresses().get(row + 1, id).error().code == Code::not_found);
}

TEST_CASE("what is no address is refused, and so is one too many") {
  Street street;
  for (const char* body : {"{}", R"({"full_name":"","street":"S","city":"C","country":"GB"})",
                           R"({"full_name":"A","street":"S","city":"C","country":"GB","customer":1})",
                           R"({"full_name":"A","street":"S","city":"C","country":"GB","id":"x"})",
                           R"({"full_name":"A","street":"S","city":"C","country":"GB","is_default":"yes"})",
                           R"({"full_name":"4111 1111 1111 1111","street":"S","city":"C","country":"GB"})"})
    CHECK(street.send(ask(Method::post, kAddresses).as(street.token).body(body)).status == 400);
  for (size_t n = 0; n < kMostAddresses; ++n) street.add_address("Rome");
  CHECK(text(street.post(street.token, "Rome"), "code") == "too_many_addresses");
}

}  // namespace
}  // namespace till::access
