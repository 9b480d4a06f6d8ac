// What holds for every route, tried on every route of the table: who may, which headers are asked for, what is refused.
// A route added tomorrow is tried here without a line more.
#include <algorithm>

#include "counter.h"

namespace till::test {
namespace {

constexpr std::string_view kRoles[] = {"customer", "cashier", "inventory_manager", "manager", "admin", "operator"};

/// The path with an id that exists for every parameter.
std::string path_of(const http::Route& route, const std::string& id) {
  std::string path(route.path);
  while (path.find('{') != std::string::npos) {
    const size_t at = path.find('{');
    path.replace(at, path.find('}') - at + 1, id);
  }
  return path;
}

Ask asked(const http::Route& route, const std::string& path) {
  Ask made = ask(route.method, path);
  if (route.once == http::Once::required || route.once == http::Once::by_effect)
    made = std::move(made).with("idempotency-key", "k-1");
  return made;
}

/// Refused for who is asking, not for what.
bool is_turned_away(const Response& response) {
  const std::string code = member(response, "code");
  return code == "\"login_required\"" || code == "\"role_required\"";
}

}  // namespace

TEST_CASE("every route lets in its role and those above it, and nobody else") {
  Counter counter;
  const std::string nobody = to_string(counter.shop.ids.next());
  int tried = 0;
  for (const http::Route& route : counter.pipeline->routes()) {
    if (route.name == "ops.metrics") continue;  // decides by address, too: see below
    CAPTURE(route.name);
    const std::string path = path_of(route, nobody);
    const Response stranger = counter.send(asked(route, path));
    CHECK(is_turned_away(stranger) == (route.role != "public"));
    if (route.role != "public") CHECK(stranger.status == 401);
    for (const std::string_view name : kRoles) {
      CAPTURE(name);
      const bool may = route.role == "public" ||
                       domain::may(domain::rights_of(*parse_enum<Role>(name)), *parse_enum<Role>(route.role));
      const Response answer = counter.send(asked(route, path).as(name));
      CHECK(is_turned_away(answer) == !may);
      if (!may) CHECK(answer.status == 403);
      CHECK(answer.status != 500);
      ++tried;
    }
    CHECK(counter.send(asked(route, path).as("forged")).status == 401);
  }
  CHECK(tried == static_cast<int>((counter.pipeline->routes().size() - 1) * std::size(kRoles)));
}

TEST_CASE("an upload is refused on its head") {
  Counter counter;
  for (const http::Route& route : counter.pipeline->routes()) {
    if (route.upload.empty()) continue;
    CAPTURE(route.name);
    const Ask picture = ask(route.method, std::string(route.path)).as("manager").with("content-length", "5");
    CHECK(counter.send(Ask(picture).with("content-type", "image/png")).status == 415);
    CHECK(counter.send(picture).status == 415);
  }
}

TEST_CASE("the role of a route is the right it needs") {
  Counter counter;
  for (const http::Route& route : counter.pipeline->routes()) {
    CAPTURE(route.name);
    if (route.role == "public") {
      CHECK(route.needs == 0);
    } else {
      REQUIRE(parse_enum<Role>(route.role));
      CHECK(route.needs == domain::right(*parse_enum<Role>(route.role)));
    }
  }
}

TEST_CASE("what strangers may is a short list") {
  Counter counter;
  std::vector<std::string_view> open;
  for (const http::Route& route : counter.pipeline->routes())
    if (route.role == "public" && !route.dialect) open.push_back(route.name);  // those: dialects/shop_test.cpp
  CHECK(open ==
        std::vector<std::string_view>{
            "products.list",   "products.get",    "products.by_barcode", "products.by_sku",    "products.by_slug",
            "categories.list", "categories.tree", "categories.get",      "categories.by_slug", "auth.login",
            "auth.refresh",    "auth.register",   "auth.forgot",         "auth.reset",         "auth.pin",
            "tills.current",   "tills.pair",      "docs.openapi",        "docs.postman",       "docs.page",
            "ops.alive",       "ops.ready",       "ops.metrics"});
}

TEST_CASE("metrics are for this machine or a manager") {
  Counter counter;
  CHECK(counter.send(ask(Method::get, "/metrics")).status == 403);
  CHECK(counter.send(ask(Method::get, "/metrics").as("cashier")).status == 403);
  CHECK(counter.send(ask(Method::get, "/metrics").as("manager")).status == 200);
  CHECK(counter.send(ask(Method::get, "/metrics").from("127.0.0.1")).status == 200);
}

/// A row for the routes of this name, and a change of it.
struct Changeable {
  std::string_view route;
  std::string id;
  std::string body = R"({"name":"Other"})";
};

/// One of each kind of row that has versions.
std::vector<Changeable> changeables(Counter& counter) {
  auto id_of = [](const std::string& json) { return json.substr(json.find(R"("id":")") + 6, 36); };
  auto made = [&](const char* path, const char* body) {
    const Response answer = counter.send(ask(Method::post, path).as("operator").body(body));
    REQUIRE(answer.status == 201);
    return id_of(answer.body);
  };
  auto product = [&](const char* name) { return to_string(counter.shop.add_product(name, 1999, 5).id); };
  auto order = [&](const char* fulfilment, const char* more) {
    const Response answer =
        counter.post(Role::operator_, "/api/v1/orders",
                     std::string(R"({"fulfilment":")") + fulfilment + R"(","lines":[{"sku":"Plate"}])" + more + "}");
    REQUIRE(answer.status == 201);
    return answer;
  };
  const std::string self = to_string(counter.shop.caller(Role::operator_).id);
  product("Plate");
  const std::string in_cart = product("Bowl");
  REQUIRE(counter.post(Role::operator_, "/api/v1/cart/lines", R"({"sku":"Bowl"})").status == 200);
  const Response sent = order("delivery", R"(,"address":{"full_name":"A","street":"S","city":"C","country":"GB"},)"
                                          R"("payments":[{"method":"cash","tendered":5000}])");
  return {{"cart", in_cart, R"({"quantity":2000})"},
          {"orders", id_of(order("pickup", "").body), R"({"status":"CANCELLED"})"},
          {"shipments", member(sent, "shipment_id").substr(1, 36), R"({"carrier":"Post"})"},
          {"products", product("Cup")},
          {"categories", made("/api/v1/categories", R"({"name":"Cups"})")},
          {"users.change_own", self},
          {"users.erase_own", self, R"({"password":"x"})"},
          {"users", to_string(counter.shop.caller(Role::customer).id)},
          {"addresses", made("/api/v1/addresses", R"({"full_name":"A","street":"S","city":"C","country":"GB"})"),
           R"({"city":"D"})"},
          {"tills", made("/api/v1/tills", R"({"name":"Front"})")}};
}

TEST_CASE("a change without a version is 428, of an old one 412 with the row as it is now") {
  Counter counter;
  const auto rows = changeables(counter);
  int versioned = 0;
  for (const http::Route& route : counter.pipeline->routes()) {
    if (!route.versioned) continue;
    ++versioned;
    CAPTURE(route.name);
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return route.name.starts_with(r.route); });
    REQUIRE(row != rows.end());
    const std::string path = path_of(route, row->id);
    auto change = [&] {
      Ask made = ask(route.method, path).as("operator");
      return route.body ? std::move(made).body(row->body) : std::move(made);
    };
    CHECK(counter.send(change()).status == 428);
    for (const char* other : {"\"99999\"", "\"0\""}) {
      const Response stale = counter.send(change().with("if-match", other));
      CHECK(stale.status == 412);
      CHECK(member(stale, "code") == "\"stale\"");
      CHECK(member(stale, "current").find(row->id) != std::string::npos);
      CHECK(header(stale, "ETag") != "");
    }
    CHECK(counter.send(change().with("if-match", "\"x\"")).status == 400);
    if (route.method != Method::patch) continue;
    const std::string old = R"({"version":99999,)" + row->body.substr(1);
    CHECK(counter.send(ask(route.method, path).as("operator").body(old)).status == 412);
    CHECK(counter.send(ask(route.method, path).as("operator").body(R"({"version":"1"})")).status == 400);
  }
  CHECK(versioned == 17);
}

TEST_CASE("a route that needs a key says so, and takes no odd one") {
  Counter counter;
  int keyed = 0;
  for (const http::Route& route : counter.pipeline->routes()) {
    CAPTURE(route.name);
    const std::string path = path_of(route, to_string(counter.shop.ids.next()));
    if (route.once == http::Once::no) continue;
    for (const std::string& odd : {std::string(), std::string(65, 'k'), std::string("a b"), std::string("\xc3\xa4")}) {
      const Response refused =
          counter.send(ask(route.method, path).as("admin").with("idempotency-key", odd).body("{}"));
      CHECK(refused.status == 400);
      CHECK(member(refused, "code") == "\"bad_idempotency_key\"");
    }
    if (route.once == http::Once::optional) continue;
    ++keyed;
    const Response refused = counter.send(ask(route.method, path).as("admin").body("{}"));
    CHECK(refused.status == 400);
    CHECK(member(refused, "code") == "\"idempotency_key_required\"");
  }
  CHECK(keyed == 14);
  for (const http::Route& route : counter.pipeline->routes()) {  // 20-api: POSTs that move money, stock or numbers
    const bool moves = route.method == Method::post &&
                       (route.path.starts_with("/api/v1/orders") || route.path.starts_with("/api/v1/returns") ||
                        route.path.starts_with("/api/v1/inventory"));
    CHECK((route.once == http::Once::required || route.once == http::Once::by_effect) == moves);
  }
}

TEST_CASE("a parameter that a route does not know is refused, and so is one that comes twice") {
  Counter counter;
  for (const http::Route& route : counter.pipeline->routes()) {
    if (route.dialect) continue;  // ignores it
    CAPTURE(route.name);
    const std::string path = path_of(route, to_string(counter.shop.ids.next()));
    const Response refused = counter.send(asked(route, path).as("operator").query("colour", "red"));
    CHECK(refused.status == 400);
    CHECK(member(refused, "errors").find("?colour") != std::string::npos);
    for (const std::string_view known : route.query) {
      const std::string name(known);
      CHECK(counter.send(asked(route, path).as("operator").query(name, "1").query(name, "1")).status == 400);
    }
  }
}

TEST_CASE("a body with a field that the route does not know is refused with its pointer") {
  Counter counter;
  for (const http::Route& route : counter.pipeline->routes()) {
    if (!route.body) continue;
    CAPTURE(route.name);
    const std::string path = path_of(route, to_string(counter.shop.ids.next()));
    auto with = [&](const std::string& body) {
      return counter.send(asked(route, path).as("operator").with("if-match", "\"1\"").body(body));
    };
    const Response refused = with(R"({"colour":1})");
    CHECK(refused.status == 400);
    CHECK(member(refused, "errors").find(R"({"pointer":"/colour","code":"unknown")") != std::string::npos);
    for (const char* odd : {"", "[]", "null", "5", "\"x\"", "{", R"({"a":1,"a":1})", "{} {}", "\xff"})
      CHECK(with(odd).status == 400);
  }
}

TEST_CASE("lists take a limit of 1 to 200 and a cursor of their own making") {
  Counter counter;
  const auto cup = counter.shop.add_product("Cup", 1999);
  for (const http::Route& route : counter.pipeline->routes()) {
    if (std::find(route.query.begin(), route.query.end(), "limit") == route.query.end()) continue;
    CAPTURE(route.name);
    if (route.name == "imports.rows") continue;  // needs an import: below, in tests of imports
    const std::string path = path_of(route, to_string(cup.id));
    for (const char* good : {"1", "200"})
      CHECK(counter.send(ask(Method::get, path).as("admin").query("limit", good)).status == 200);
    for (const char* bad : {"0", "201", "-1", "x", "", "1.5", "99999999999999999999"})
      CHECK(counter.send(ask(Method::get, path).as("admin").query("limit", bad)).status == 400);
    for (const char* bad : {"", "x", "MA", "LTE", "AAAA", "5"})  // 0 and -1 among them
      CHECK(counter.send(ask(Method::get, path).as("admin").query("cursor", bad)).status == 400);
  }
}

}  // namespace till::test
