// The shop's core through its routes: what a client sends, and what comes back.
#include "counter.h"

namespace till::test {
namespace {

constexpr const char* kCup =
    R"({"name": "Cup", "sku": "CUP", "barcodes": ["4006381333931"], "price": 1999, "stock": 10000})";
constexpr const char* kSale = R"({"fulfilment": "counter", "lines": [{"barcode": "4006381333931", "quantity": 2000}],)"
                              R"( "payments": [{"method": "cash", "tendered": 5000}]})";

Json parsed(const Response& response) {
  auto json = parse_json(response.body);
  REQUIRE(json.ok());
  return std::move(*json);
}
std::string text(const Json& json, std::string_view key) {
  const Json* member = json.find(key);
  REQUIRE(member);
  REQUIRE(member->string());
  return *member->string();
}
int64_t number(const Json& json, std::string_view key) {
  const Json* member = json.find(key);
  REQUIRE(member);
  REQUIRE(member->integer());
  return *member->integer();
}

}  // namespace

TEST_CASE("a sale has the shape that clients rely on") {
  Counter counter;
  REQUIRE(counter.post(Role::manager, "/api/v1/products", kCup).status == 201);
  const Response answer = counter.post(Role::cashier, "/api/v1/orders", kSale);
  REQUIRE(answer.status == 201);
  const Json order = parsed(answer);
  CHECK(text(order, "status") == "COMPLETED");
  CHECK(number(order, "subtotal") == 3998);
  CHECK(number(order, "tax") == 638);
  CHECK(number(order, "total") == 3998);
  CHECK(number(order, "change") == 1002);
  CHECK(text(order, "currency") == "EUR");
  CHECK(text(order, "receipt_number").ends_with("-1"));
  REQUIRE(order.find("lines")->array()->size() == 1);
  CHECK(text(order.find("lines")->array()->front(), "name") == "Cup");
  REQUIRE(order.find("payments")->array()->size() == 1);
  CHECK(number(order.find("payments")->array()->front(), "amount") == 3998);

  const Json product = parsed(counter.get(Role::cashier, "/api/v1/products/by-barcode/4006381333931"));
  CHECK(number(product, "on_hand") == 8000);
  CHECK(!product.find("stock"));
}

TEST_CASE("a repeated sale is answered byte for byte, also after what became of it") {
  Counter counter;
  const Json cup = parsed(counter.post(Role::manager, "/api/v1/products", kCup));
  const Response first = counter.post(Role::cashier, "/api/v1/orders", kSale, "same");
  const std::string id = text(parsed(first), "id");
  REQUIRE(
      counter
          .send(ask(Method::patch, "/api/v1/products/" + text(cup, "id"))
                    .as("manager")
                    .body(R"({"name": "Mug", "price": 1, "version": )" + std::to_string(number(cup, "version")) + "}"))
          .status == 200);
  REQUIRE(counter.post(Role::manager, "/api/v1/orders/" + id + "/void", R"({"reason": "wrong customer"})").status ==
          201);
  counter.shop.clock.advance_ms(29LL * 86'400'000);

  const Response again = counter.post(Role::cashier, "/api/v1/orders", kSale, "same");
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  CHECK(header(again, "Idempotent-Replayed") == "true");
  CHECK(header(first, "Idempotent-Replayed").empty());
  CHECK(text(parsed(counter.get(Role::cashier, "/api/v1/orders/" + id)), "status") == "VOIDED");

  CHECK(
      counter.post(Role::cashier, "/api/v1/orders", R"({"fulfilment": "counter", "lines": [], "payments": []})", "same")
          .status == 422);
}

TEST_CASE("all faults of a body are named at once") {
  Counter counter;
  counter.post(Role::manager, "/api/v1/products", kCup);
  const Response answer = counter.post(
      Role::cashier, "/api/v1/orders",
      R"({"fulfilment": "pigeon", "lines": [{"sku": "CUP", "quantity": 0}, {"quantity": "2"}, 7], "payments": []})");
  CHECK(answer.status == 400);
  for (const char* pointer : {"\"/fulfilment\"", "\"/lines/0/quantity\"", "\"/lines/1/quantity\"", "\"/lines/2\""}) {
    CAPTURE(pointer);
    CHECK(answer.body.find(pointer) != std::string::npos);
  }
}

TEST_CASE("of two edits of one version the second is told what the row is now") {
  Counter counter;
  const Json cup = parsed(counter.post(Role::manager, "/api/v1/products", kCup));
  const std::string path = "/api/v1/products/" + text(cup, "id");
  const std::string tag = "\"" + std::to_string(number(cup, "version")) + "\"";
  CHECK(counter.send(ask(Method::patch, path).as("manager").with("if-match", tag).body(R"({"price": 1799})")).status ==
        200);
  const Response stale =
      counter.send(ask(Method::patch, path).as("manager").with("if-match", tag).body(R"({"price": 1699})"));
  CHECK(stale.status == 412);
  CHECK(stale.body.find("\"price\":1799") != std::string::npos);
}

// A product shows what is left of it, which its version knows nothing of: an old tag must not keep old stock alive.
TEST_CASE("a known product is sent again, for a sale changes what is left of it; a known category is not") {
  Counter counter;
  counter.post(Role::manager, "/api/v1/products", kCup);
  const std::string path = "/api/v1/products/by-barcode/4006381333931";
  const std::string tag = header(counter.get(Role::cashier, path), "ETag");
  REQUIRE(counter.post(Role::cashier, "/api/v1/orders", kSale).status == 201);
  const Response after = counter.send(ask(Method::get, path).as("cashier").with("if-none-match", tag));
  REQUIRE(after.status == 200);
  CHECK(header(after, "ETag") == tag);
  CHECK(number(parsed(after), "on_hand") == 8000);

  const Json shelf = parsed(counter.post(Role::manager, "/api/v1/categories", R"({"name": "Shelf"})"));
  const std::string category = "/api/v1/categories/" + text(shelf, "id");
  const std::string known = header(counter.get(Role::cashier, category), "ETag");
  CHECK(counter.send(ask(Method::get, category).as("cashier").with("if-none-match", known)).status == 304);
}

TEST_CASE("lists go on where they ended while rows are added") {
  Counter counter;
  for (int i = 0; i < 5; ++i)
    counter.post(Role::manager, "/api/v1/products",
                 R"({"name": "P", "sku": "P)" + std::to_string(i) + R"(", "price": 1})");
  Response page = counter.send(ask(Method::get, "/api/v1/products").query("limit", "2"));
  std::vector<std::string> seen;
  for (;;) {
    const Json list = parsed(page);
    for (const Json& item : *list.find("items")->array()) seen.push_back(text(item, "sku"));
    const Json* next = list.find("next");
    if (next->is_null()) break;
    CHECK(header(page, "Link").find("rel=\"next\"") != std::string::npos);
    if (seen.size() == 2) counter.post(Role::manager, "/api/v1/products", R"({"name": "Q", "sku": "Q", "price": 1})");
    page = counter.send(ask(Method::get, "/api/v1/products").query("limit", "2").query("cursor", *next->string()));
  }
  CHECK(seen == std::vector<std::string>{"P0", "P1", "P2", "P3", "P4", "Q"});
}

TEST_CASE("an order is found by the number on its paper") {
  Counter counter;
  counter.post(Role::manager, "/api/v1/products", kCup);
  counter.post(Role::cashier, "/api/v1/orders", kSale);
  const std::string receipt = text(parsed(counter.post(Role::cashier, "/api/v1/orders", kSale)), "receipt_number");
  const Json found =
      parsed(counter.send(ask(Method::get, "/api/v1/orders").as("cashier").query("receipt_number", receipt)));
  REQUIRE(found.find("items")->array()->size() == 1);
  CHECK(text(found.find("items")->array()->front(), "receipt_number") == receipt);
  for (const char* wrong : {"", "7", "A1-7", "A1-XXXX-x", "A1-XXXX-99999999999999999999"})
    CHECK(counter.send(ask(Method::get, "/api/v1/orders").as("cashier").query("receipt_number", wrong)).status == 400);
}

TEST_CASE("goods come back in parts that add up, and never more than went out") {
  Counter counter;
  counter.post(Role::manager, "/api/v1/products", kCup);
  const Json sale = parsed(counter.post(Role::cashier, "/api/v1/orders", kSale));
  const std::string path = "/api/v1/orders/" + text(sale, "id") + "/returns";
  const std::string line = text(sale.find("lines")->array()->front(), "id");
  auto back = [&](int64_t quantity) {
    return counter.post(Role::cashier, path,
                        R"({"lines": [{"line_id": ")" + line + R"(", "quantity": )" + std::to_string(quantity) +
                            R"(}], "reason": "chipped", "refund": {"method": "cash"}})");
  };
  const Response first = back(700), second = back(1300);
  REQUIRE(first.status == 201);
  REQUIRE(second.status == 201);
  CHECK(number(parsed(first), "total") + number(parsed(second), "total") == -3998);
  CHECK(number(parsed(first), "tax") + number(parsed(second), "tax") == -638);
  CHECK(back(1).status == 409);
}

}  // namespace till::test
