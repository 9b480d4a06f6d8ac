// The dialects before the real shop: what the two steps of one request leave behind, and what the pipeline adds. Whole
// flows are in tests/live/flows.
#include <set>

#include "../counter.h"

namespace till::test {
namespace {

class OlderShop : public Counter {
 public:
  Response ask_as(Role role, Method method, const std::string& path, const std::string& body = "") {
    Ask made = ask(method, path).as(to_string(role));
    return send(body.empty() ? std::move(made) : std::move(made).body(body));
  }
  int64_t movements(const domain::Product& product) {
    return static_cast<int64_t>(shop.shop->inventory.list_movements(product.id, {})->items.size());
  }
};

std::string pointers(const Response& response) {
  std::string all;
  const auto body = parse_json(response.body);
  const Json* errors = body.ok() ? body->find("errors") : nullptr;
  if (errors)
    for (const Json& fault : *errors->array())
      all += *fault.find("pointer")->string() + " " + *fault.find("code")->string() + ";";
  return all;
}

std::string product_path(const domain::Product& product) { return "/products/" + to_string(product.id); }

}  // namespace

TEST_CASE("a product and its stock change together or not at all") {
  OlderShop older;
  const auto cup = older.shop.add_product("Cup", 1999, 10);
  const Response changed = older.ask_as(Role::manager, Method::put, product_path(cup), R"({"price":2.5,"stock":7})");
  REQUIRE(changed.status == 200);
  CHECK(member(changed, "price") == "2.5");
  CHECK(member(changed, "stock") == "7");
  CHECK(older.shop.on_hand(cup) == 7000);
  CHECK(older.movements(cup) == 2);

  // The count is refused inside the write: the price, changed before it, is as it was.
  const Response refused =
      older.ask_as(Role::manager, Method::put, product_path(cup), R"({"price":3,"stock":5000000})");
  CHECK(refused.status == 400);
  CHECK(pointers(refused) == "/stock range;");
  const Response stale =
      older.ask_as(Role::manager, Method::put, product_path(cup), R"({"price":4,"stock":1,"version":1})");
  CHECK(stale.status == 412);
  CHECK(member(stale, "current").find(R"("price":2.5)") != std::string::npos);
  CHECK(member(older.ask_as(Role::manager, Method::get, product_path(cup)), "price") == "2.5");
  CHECK(older.shop.on_hand(cup) == 7000);
  older.shop.check_books();
}

TEST_CASE("a row that is sent back as it was shown counts nothing") {
  OlderShop older;
  const auto cup = older.shop.add_product("Cup", 1999, 10);
  const Response shown = older.ask_as(Role::manager, Method::get, product_path(cup));
  const Response same = older.ask_as(Role::manager, Method::put, product_path(cup), shown.body);
  CHECK(same.status == 200);
  CHECK(member(same, "stock") == "10");
  CHECK(older.movements(cup) == 1);
}

TEST_CASE("products without a number get one each, and lists begin with the newest") {
  OlderShop older;
  for (const char* name : {"Cup", "Cup", "Pot"})
    CHECK(
        older.ask_as(Role::manager, Method::post, "/products/add", std::string(R"({"price":1,"name":")") + name + "\"}")
            .status == 201);
  const Json list = parse_json(older.send(ask(Method::get, "/products").query("page", "9")).body).value();
  REQUIRE(list.array()->size() == 3);
  CHECK(*list.array()->front().find("name")->string() == "Pot");
  const Json wrapped = parse_json(older.send(ask(Method::get, "/v1/product/getproducts")).body).value();
  CHECK(*wrapped.find("statusCode")->integer() == 200);
  CHECK(wrapped.find("data")->array()->front().find("_id")->string());
}

TEST_CASE("all faults of a body at once, in the client's words, with v1's second status") {
  OlderShop older;
  const std::string body = R"({"price": 1.999, "stock": "many", "images": "none", "colour": "red"})";
  CHECK(pointers(older.ask_as(Role::manager, Method::post, "/products", body)) ==
        "/price too_fine;/stock type;/images type;/name required;");
  const Response v1 = older.ask_as(Role::manager, Method::post, "/v1/product/createproduct", body);
  CHECK(v1.status == 400);
  CHECK(member(v1, "statusCode") == "400");
  CHECK(member(older.send(ask(Method::get, "/v1/users/getusers")), "statusCode") == "401");
  CHECK(member(older.ask_as(Role::customer, Method::get, "/v1/users/getusers"), "statusCode") == "403");
}

TEST_CASE("a key that is sent is honoured: one effect, one answer, byte for byte") {
  OlderShop older;
  const auto cup = older.shop.add_product("Cup", 1999, 10);
  auto add = [&](const std::string& key, const std::string& quantity) {
    const std::string body = R"({"productId":")" + to_string(cup.id) + R"(","quantity":)" + quantity + "}";
    return older.send(
        ask(Method::post, "/v1/inventory/addstock").as("manager").with("idempotency-key", key).body(body));
  };
  const Response first = add("k", "2"), again = add("k", "2");
  CHECK(first.status == 201);
  CHECK(again.body == first.body);
  CHECK(header(again, "Idempotent-Replayed") == "true");
  CHECK(add("k", "3").status == 422);
  CHECK(add("other", "3").status == 201);
  CHECK(older.shop.on_hand(cup) == 15'000);
}

TEST_CASE("versions are good here and there, and ETags are the row's") {
  OlderShop older;
  const Response made = older.ask_as(Role::manager, Method::post, "/v1/product/createcategory", R"({"name":"Cups"})");
  const Json row = parse_json(made.body).value();
  const std::string id = *row.find("data")->find("_id")->string();
  const std::string tag = header(made, "ETag");
  const std::string path = "/v1/product/updatecategory/" + id;
  auto change = [&](const std::string& name) {
    return older.send(ask(Method::patch, path).as("manager").with("if-match", tag).body(R"({"name":")" + name + "\"}"));
  };
  CHECK(change("Mugs").status == 200);
  const Response stale = change("Jugs");
  CHECK(stale.status == 412);
  CHECK(member(stale, "current").find(R"("_id":")" + id) != std::string::npos);
  const std::string now = header(stale, "ETag");
  CHECK(older.send(ask(Method::get, "/v1/product/getcategory/" + id).with("if-none-match", now)).status == 304);
  CHECK(older.ask_as(Role::manager, Method::del, "/v1/product/deletecategory/" + id).status == 200);
}

TEST_CASE("whatever stands behind a key: no failure of ours, and every fault points at a key of the older system") {
  OlderShop older;
  const std::string nobody = to_string(older.shop.ids.next());
  int tried = 0;
  auto attack = [&](const std::string& prefix, const dialects::Line& line) {
    std::string path = prefix + std::string(line.path);
    for (size_t at = path.find('{'); at != std::string::npos; at = path.find('{'))
      path.replace(at, path.find('}') - at + 1, nobody);
    std::set<std::string, std::less<>> keys;
    for (const dialects::Key& key : line.takes) keys.emplace(key.theirs);
    for (const std::string& key : keys) {
      for (const char* odd : {"null", "true", "-1", "1.5", "1e300", "9223372036854775807", R"("")", R"("x")", "[]",
                              "{}", "[[]]", "[{}]", R"([{"productId":7,"quantity":0.1}])", R"({"number":{}})"}) {
        CAPTURE(path);
        CAPTURE(key);
        CAPTURE(odd);
        const Response answer = older.ask_as(Role::admin, line.method, path, "{\"" + key + "\":" + odd + "}");
        CHECK(answer.status < 500);
        const auto body = parse_json(answer.body);
        REQUIRE(body.ok());
        const Json* errors = body->find("errors");
        for (size_t i = 0; errors && i < errors->array()->size(); ++i) {
          const std::string pointer = *(*errors->array())[i].find("pointer")->string();
          const bool is_theirs = pointer.empty() || keys.count(pointer.substr(1, pointer.find('/', 1) - 1)) == 1;
          CHECK(is_theirs);
        }
        ++tried;
      }
    }
  };
  for (const dialects::Line& line : dialects::classic_lines()) attack("", line);
  for (const dialects::Line& line : dialects::v1_lines()) attack("/v1", line);
  CHECK(tried > 1000);
}

TEST_CASE("strangers may log in and look at the catalogue in older words") {
  OlderShop older;
  std::vector<std::string_view> open;
  for (const http::Route& route : older.pipeline->routes())
    if (route.dialect && route.role == "public") open.push_back(route.name);
  CHECK(open == std::vector<std::string_view>{
                    "classic.post.auth.register", "classic.post.auth.login", "classic.get.products",
                    "classic.get.products.id", "v1.post.auth.signup", "v1.post.auth.login", "v1.post.auth.refreshtoken",
                    "v1.post.auth.forgotpassword", "v1.post.auth.resetpassword", "v1.get.product.getproducts",
                    "v1.get.product.getproduct.id", "v1.get.product.getproductsbyslug.slug",
                    "v1.get.product.getavailableproducts", "v1.get.product.getproductsbycategory.category",
                    "v1.get.product.getcategories", "v1.get.product.getcategory.id",
                    "v1.get.product.getcategoriesbyslug.slug", "v1.get.inventory.getavailableproducts"});
}

}  // namespace till::test
