// A day at the counter over HTTP: one row is one request, and what the answer must be.
#include <map>

#include "counter.h"

namespace till::test {
namespace {

struct Step {
  std::string name;
  const char* caller;  // "": a stranger
  Method method;
  const char* path;  // below /api/v1; {name}: the id in the answer of the step of that name
  std::string key;   // "k…": Idempotency-Key, "v…": the version for If-Match
  std::string body;
  int status;
  const char* contains;
};

/// `text` with each {name} replaced by what the step of that name made.
std::string filled(std::string text, const std::map<std::string, std::string>& made) {
  for (const auto& [name, id] : made) {
    const std::string mark = "{" + name + "}";
    for (size_t at = text.find(mark); at != std::string::npos; at = text.find(mark)) text.replace(at, mark.size(), id);
  }
  return text;
}

const std::string kCup =
    R"({"name":"Red Cup","sku":"C1","barcodes":["4006381333931"],"price":1999,"stock":5000,"category_ids":["{cups}"]})";
const std::string kBlind =
    R"({"lines":[{"sku":"C1","quantity":1000,"restock":false}],"reason":"no receipt","refund":{"method":"cash"}})";

std::string paid(const std::string& lines, const std::string& method = "cash") {
  return R"({"fulfilment":"counter","lines":[)" + lines + R"(],"payments":[{"method":")" + method +
         R"(","tendered":5000}]})";
}
std::string back(const std::string& quantity) {
  return R"({"lines":[{"line_id":"{sale.line}","quantity":)" + quantity +
         R"(}],"reason":"too red","refund":{"method":"cash"}})";
}

void walk(Counter& counter, const std::vector<Step>& steps) {
  std::map<std::string, std::string> made;
  for (const Step& step : steps) {
    CAPTURE(step.name);
    const std::string target = filled(std::string("/api/v1") + step.path, made);
    const size_t question = target.find('?');
    Ask asked = ask(step.method, target.substr(0, question));
    if (question != std::string::npos) {
      const std::string query = target.substr(question + 1);
      asked = std::move(asked).query(query.substr(0, query.find('=')), query.substr(query.find('=') + 1));
    }
    if (*step.caller) asked = std::move(asked).as(step.caller);
    if (step.key.starts_with("v"))
      asked = std::move(asked).with("if-match", "\"" + filled(step.key.substr(1), made) + "\"");
    if (step.key.starts_with("k")) asked = std::move(asked).with("idempotency-key", step.key);
    if (!step.body.empty()) asked = std::move(asked).body(filled(step.body, made));
    const Response answer = counter.send(std::move(asked));
    CAPTURE(answer.body);
    CHECK(answer.status == step.status);
    CHECK((answer.body + answer.extra_headers).find(filled(step.contains, made)) != std::string::npos);
    const std::string id = member(answer, "id");
    if (!id.empty()) made[step.name] = id.substr(1, id.size() - 2);
    made[step.name + ".version"] = member(answer, "version");
    const std::string lines = member(answer, "lines");
    if (lines.size() > 50) made[step.name + ".line"] = lines.substr(8, 36);
  }
}

}  // namespace

TEST_CASE("a day at the counter") {
  Counter counter;
  // clang-format off
  walk(counter, {
    {"cups", "manager", Method::post, "/categories", "k0", R"({"name":"Cups"})", 201, "Location: /api/v1/categories/"},
    {"cup", "manager", Method::post, "/products", "k1", kCup, 201, R"("slug":"red-cup")"},
    {"cup again", "manager", Method::post, "/products", "k1", kCup, 201, "Idempotent-Replayed: true"},
    {"other body", "manager", Method::post, "/products", "k1", R"({"name":"Blue Cup","sku":"C2","price":1})", 422, "mismatch"},
    {"taken", "manager", Method::post, "/products", "", R"({"name":"Red Cup","sku":"C1","price":1})", 409, R"("pointer":"/sku","code":"taken")"},
    {"many faults", "manager", Method::post, "/products", "", R"({"name":"","colour":1,"on_hand":5})", 400, R"("/on_hand","code":"read_only")"},
    {"card number", "manager", Method::post, "/products", "", R"({"name":"4111 1111 1111 1111","sku":"X","price":1})", 400, "card_number"},
    {"scan", "", Method::get, "/products/by-barcode/4006381333931", "", "", 200, R"("on_hand":5000,"available":5000)"},
    {"unknown code", "", Method::get, "/products/by-barcode/1", "", "", 404, "not_found"},
    {"slug", "", Method::get, "/products/by-slug/red-cup", "", "", 200, "{cup}"},
    {"no id", "", Method::get, "/products/7", "", "", 404, "not_found"},
    {"search", "", Method::get, "/products?q=red", "", "", 200, "{cup}"},
    {"search %", "", Method::get, "/products?q=%", "", "", 200, R"({"items":[],"next":null})"},
    {"in category", "", Method::get, "/products?category_id={cups}", "", "", 200, "{cup}"},
    {"bad filter", "", Method::get, "/products?available=yes", "", "", 400, "?available"},
    {"too dear", "", Method::get, "/products?price[lte]=1998", "", "", 200, R"({"items":[],"next":null})"},
    {"sale", "cashier", Method::post, "/orders", "k2", paid(R"({"barcode":"4006381333931","quantity":2000})"), 201, R"("change":1002)"},
    {"sale again", "cashier", Method::post, "/orders", "k2", paid(R"({"barcode":"4006381333931","quantity":2000})"), 201, "{sale}"},
    {"other sale", "cashier", Method::post, "/orders", "k2", paid(R"({"sku":"C1"})"), 422, R"("retryable":false)"},
    {"no such", "cashier", Method::post, "/orders", "k3", paid(R"({"sku":"C1"},{"sku":"C9"})"), 400, R"("pointer":"/lines/1/sku","code":"unknown_product")"},
    {"no pieces", "cashier", Method::post, "/orders", "k3", paid(R"({"sku":"C1","quantity":0})"), 400, "/lines/0/quantity"},
    {"by card", "cashier", Method::post, "/orders", "k3", paid(R"({"sku":"C1"})", "card"), 400, "/payments/0/token"},
    {"cheaper", "cashier", Method::post, "/orders", "k3", paid(R"({"sku":"C1","unit_price":1,"reason":"nice"})"), 403, "override_not_allowed"},
    {"get", "cashier", Method::get, "/orders/{sale}", "", "", 200, R"("status":"COMPLETED")"},
    {"back", "cashier", Method::post, "/orders/{sale}/returns", "k4", back("1000"), 201, R"("total":-1999)"},
    {"too much", "cashier", Method::post, "/orders/{sale}/returns", "k5", back("1001"), 409, "over_returned"},
    {"void", "manager", Method::post, "/orders/{sale}/void", "k6", R"({"reason":"wrong"})", 409, "not_voidable"},
    {"blind", "manager", Method::post, "/returns", "k7", kBlind, 201, R"("kind":"return")"},
    {"list", "cashier", Method::get, "/orders?kind=sale", "", "", 200, "{sale}"},
    {"none", "cashier", Method::get, "/orders?status=VOIDED", "", "", 200, R"({"items":[],"next":null})"},
    {"bad kind", "cashier", Method::get, "/orders?kind=SALE", "", "", 400, "?kind"},
    {"bad number", "cashier", Method::get, "/orders?receipt_number=12", "", "", 400, "?receipt_number"},
    {"huge number", "cashier", Method::get, "/orders?receipt_number=A1-AAAA-99999999999999999999", "", "", 400, "?receipt_number"},
    {"stock", "customer", Method::get, "/inventory/{cup}", "", "", 200, R"("on_hand":4000)"},
    {"receive", "inventory_manager", Method::post, "/inventory/{cup}/receive", "k8", R"({"quantity":1000,"reason":"lorry"})", 200, R"("on_hand":5000)"},
    {"twice", "inventory_manager", Method::post, "/inventory/{cup}/receive", "k8", R"({"quantity":1000,"reason":"lorry"})", 200, "Idempotent-Replayed"},
    {"minus", "inventory_manager", Method::post, "/inventory/{cup}/receive", "k9", R"({"quantity":-1,"reason":"x"})", 400, "/quantity"},
    {"ledger", "inventory_manager", Method::get, "/inventory/{cup}/movements", "", "", 200, R"("kind":"receive","moved":1000)"},
    {"dearer", "manager", Method::patch, "/products/{cup}", "v{cup.version}", R"({"price":2499})", 200, R"("price":2499)"},
    {"late", "manager", Method::patch, "/products/{cup}", "v{cup.version}", R"({"price":1})", 412, R"("current":{"id":"{cup}")"},
    {"history", "manager", Method::get, "/products/{cup}/history", "", "", 200, R"("changes":{"price":[1999,2499]})"},
    {"in use", "manager", Method::del, "/categories/{cups}", "v{cups.version}", "", 409, "in_use"},
    {"gone", "manager", Method::del, "/products/{cup}", "v{dearer.version}", "", 204, ""},
    {"not there", "", Method::get, "/products/{cup}", "", "", 404, "not_found"},
    {"empty", "manager", Method::del, "/categories/{cups}", "v{cups.version}", "", 204, ""},
    {"journal", "manager", Method::get, "/journal/verify", "", "", 200, R"("intact":true,"receipts":3)"},
  });
  // clang-format on
}

TEST_CASE("a receipt is found by its number, and only by the whole of it") {
  Counter counter;
  const auto cup = counter.shop.add_product("Cup", 1999, 50);
  const auto first = counter.shop.sold({line(cup)}), second = counter.shop.sold({line(cup)});
  auto items = [&](const std::string& number) {
    return member(counter.send(ask(Method::get, "/api/v1/orders").as("cashier").query("receipt_number", number)),
                  "items");
  };
  CHECK(items(first.receipt_number).find(to_string(first.id)) != std::string::npos);
  CHECK(items(first.receipt_number).find(to_string(second.id)) == std::string::npos);
  CHECK(items("A2" + first.receipt_number.substr(2)) == "[]");
  CHECK(items("A1-ZZZZ-1") == "[]");
  CHECK(items(first.receipt_number + "0") == "[]");
}

TEST_CASE("what is not sold any more is the staff's business") {
  Counter counter;
  auto cup = counter.shop.add_product("Cup", 1999);
  REQUIRE(counter.shop.change(cup, R"({"active":false})").ok());
  auto list = [&](const char* who) {
    Ask asked = ask(Method::get, "/api/v1/products");
    return member(counter.send(*who ? std::move(asked).as(who) : std::move(asked)), "items");
  };
  for (const char* who : {"", "customer"}) CHECK(list(who) == "[]");
  for (const char* who : {"cashier", "inventory_manager", "manager"}) CHECK(list(who) != "[]");
  CHECK(member(counter.send(ask(Method::get, "/api/v1/products").query("active", "false")), "items") == "[]");
}

TEST_CASE("a known version is not sent again, a changed one is") {
  Counter counter;
  const auto cup = counter.shop.add_product("Cup", 1999, 5);
  const std::string path = "/api/v1/inventory/" + to_string(cup.id);
  const std::string etag = header(counter.send(ask(Method::get, path).as("customer")), "ETag");
  CHECK(counter.send(ask(Method::get, path).as("customer").with("if-none-match", etag)).status == 304);
  counter.shop.sold({line(cup)});
  CHECK(counter.send(ask(Method::get, path).as("customer").with("if-none-match", etag)).status == 200);
}

}  // namespace till::test
