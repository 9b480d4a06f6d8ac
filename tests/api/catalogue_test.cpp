// Lists, searches, scanned labels and the tree as clients see them.
#include "counter.h"

namespace till::test {
namespace {

Response list(Counter& counter, std::initializer_list<std::pair<const char*, std::string>> query,
              const std::string& path = "/api/v1/products", const char* who = "") {
  Ask asked = ask(Method::get, path);
  for (const auto& [name, value] : query) asked = std::move(asked).query(name, value);
  return counter.send(*who ? std::move(asked).as(who) : std::move(asked));
}

/// The names of a list's rows: "Cup, Bag".
std::string names(const Response& answer) {
  REQUIRE(answer.status == 200);
  const Json body = *parse_json(answer.body);
  std::string all;
  for (const Json& row : *body.find("items")->array()) all += (all.empty() ? "" : ", ") + *row.find("name")->string();
  return all;
}

std::string text(const Response& answer, std::string_view name) {
  const std::string quoted = member(answer, name);
  return quoted.size() < 2 ? quoted : quoted.substr(1, quoted.size() - 2);
}

struct Catalogue : Counter {
  using Counter::Counter;
  std::string add_category(const std::string& name, const std::string& parent = {}) {
    const std::string below = parent.empty() ? "" : R"(,"parent_id":")" + parent + "\"";
    const Response made =
        send(ask(Method::post, "/api/v1/categories").as("manager").body(R"({"name":")" + name + "\"" + below + "}"));
    REQUIRE(made.status == 201);
    return text(made, "id");
  }
  Response add(const std::string& more) {
    return send(ask(Method::post, "/api/v1/products").as("manager").body(R"({"price":100,)" + more + "}"));
  }
};

}  // namespace

TEST_CASE("a list shows what is asked for, counts all, and goes on where it ended") {
  Catalogue shop;
  for (const char* name : {"Cup", "Bag", "Hat", "Mug", "Pen"}) shop.shop.add_product(name, 100);
  CHECK(list(shop, {{"fields", "name,sku"}, {"limit", "1"}})
            .body.starts_with(R"({"items":[{"name":"Cup","sku":"Cup"}],"next":")"));
  const Response refused = list(shop, {{"fields", "name,colour"}});
  CHECK(refused.status == 400);
  CHECK(member(refused, "errors").find(R"("pointer":"?fields")") != std::string::npos);
  CHECK(member(refused, "errors").find("colour") != std::string::npos);
  CHECK(member(list(shop, {{"total", "true"}, {"limit", "2"}}), "total") == "5");
  CHECK(member(list(shop, {{"total", "true"}, {"q", "hat"}}), "total") == "1");
  CHECK(member(list(shop, {}), "total").empty());
  std::string seen;
  std::string cursor;
  do {
    const Response page = cursor.empty() ? list(shop, {{"sort", "-name"}, {"limit", "2"}})
                                         : list(shop, {{"sort", "-name"}, {"limit", "2"}, {"cursor", cursor}});
    seen += names(page) + "; ";
    cursor = member(page, "next") == "null" ? "" : text(page, "next");
    if (cursor.empty()) continue;
    CHECK(list(shop, {{"sort", "name"}, {"cursor", cursor}}).status == 400);
    CHECK(list(shop, {{"cursor", cursor}}).status == 400);
  } while (!cursor.empty());
  CHECK(seen == "Pen, Mug; Hat, Cup; Bag; ");
  for (const char* odd : {"", "colour", "name,price", "--name", "NAME"})
    CHECK(list(shop, {{"sort", odd}}).status == 400);
}

TEST_CASE("every list that counts counts what it shows") {
  Catalogue shop;
  shop.shop.add_product("Cup", 100, 5);
  shop.shop.add_product("Bag", 100, 5);
  shop.add_category("Cups");
  for (const http::Route& route : shop.pipeline->routes()) {
    const bool counts = std::find(route.query.begin(), route.query.end(), "total") != route.query.end();
    if (!counts || route.path.find('{') != std::string_view::npos) continue;
    CAPTURE(route.name);
    const Response all = list(shop, {{"total", "true"}, {"limit", "200"}}, std::string(route.path), "admin");
    REQUIRE(all.status == 200);
    const Json body = *parse_json(all.body);
    CHECK(member(all, "total") == std::to_string(body.find("items")->array()->size()));
  }
}

TEST_CASE("a search finds words, and takes everything for words") {
  Catalogue shop;
  REQUIRE(shop.add(R"("name":"Grüne Tasse","sku":"AB-1","brand":"Künzle","description":"Steingut")").status == 201);
  REQUIRE(shop.add(R"("name":"Tassenhalter","sku":"AB-2","barcodes":["a/b"])").status == 201);
  CHECK(names(list(shop, {{"q", "tasse"}})) == "Grüne Tasse, Tassenhalter");
  CHECK(names(list(shop, {{"q", "GRUNE stein"}})) == "Grüne Tasse");
  CHECK(names(list(shop, {{"q", "kunzle"}, {"brand", "künzle"}})) == "Grüne Tasse");
  CHECK(names(list(shop, {{"barcode", "a/b"}})) == "Tassenhalter");
  CHECK(names(list(shop, {{"sku", "AB-2"}})) == "Tassenhalter");
  CHECK(names(list(shop, {{"sku", "AB"}})).empty());
  for (const char* odd : {"\"", "tasse OR x", "NOT", "name:tasse", "^(", "😀", "*", "' --"})
    CHECK(list(shop, {{"q", odd}}).status == 200);
  CHECK(list(shop, {{"q", std::string(10'000, 'q')}}).status == 400);
  CHECK(list(shop, {{"q", std::string(400, 'q')}}).status == 200);
}

TEST_CASE("a category is asked for by id or slug, with all below it, and shown with its products") {
  Catalogue shop;
  const std::string home = shop.add_category("Home"), cups = shop.add_category("Cups", home);
  REQUIRE(shop.add(R"("name":"Cup","sku":"C","category_ids":[")" + cups + R"("])").status == 201);
  REQUIRE(shop.add(R"("name":"Bag","sku":"B")").status == 201);
  CHECK(names(list(shop, {{"category", "home"}})) == "Cup");
  CHECK(names(list(shop, {{"category_id", home}})) == "Cup");
  CHECK(names(list(shop, {{"category", "nowhere"}})).empty());
  CHECK(list(shop, {{"category", "home"}, {"category_id", home}}).status == 400);
  const std::string expanded = list(shop, {{"expand", "categories"}, {"fields", "name,categories"}}).body;
  CHECK(expanded.starts_with(R"({"items":[{"name":"Cup","categories":[{"id":")" + cups));
  CHECK(expanded.find(R"({"name":"Bag","categories":[]})") != std::string::npos);
  CHECK(list(shop, {{"expand", "tax"}}).status == 400);
  CHECK(list(shop, {{"fields", "categories"}}).status == 400);
  CHECK(list(shop, {}, "/api/v1/categories/by-slug/cups").body.find(cups) != std::string::npos);
  CHECK(list(shop, {}, "/api/v1/categories/by-slug/nowhere").status == 404);
  CHECK(list(shop, {}, "/api/v1/categories/tree").body ==
        R"({"items":[{"id":")" + home + R"(","name":"Home","slug":"home","children":[{"id":")" + cups +
            R"(","name":"Cups","slug":"cups","children":[]}]}]})");
}

TEST_CASE("a category cannot stand below itself, at no depth") {
  Catalogue shop;
  const std::string a = shop.add_category("A"), b = shop.add_category("B", a), c = shop.add_category("C", b);
  for (const std::string& parent : {a, b, c}) {
    const std::string version = member(list(shop, {}, "/api/v1/categories/" + a), "version");
    const Response refused = shop.send(ask(Method::patch, "/api/v1/categories/" + a)
                                           .as("manager")
                                           .with("if-match", "\"" + version + "\"")
                                           .body(R"({"parent_id":")" + parent + R"("})"));
    CHECK(refused.status == 400);
    CHECK(member(refused, "errors").find(R"("pointer":"/parent_id","code":"ring")") != std::string::npos);
  }
}

TEST_CASE("a scanned label is the product it names, with what it says") {
  Catalogue shop;
  shop.shop.settings.scan_patterns = {"21IIIIIPPPPPC", "27IIIIIWWWWWC"};
  REQUIRE(shop.add(R"("name":"Cheese","sku":"K","unit":"weighed","barcodes":["2112345","2712345"])").status == 201);
  auto scan = [&](const std::string& code) { return list(shop, {}, "/api/v1/products/by-barcode/" + code); };
  CHECK(member(scan("2112345019994"), "embedded") == R"({"price":1999,"quantity":null})");
  CHECK(member(scan("2712345012508"), "embedded") == R"({"price":null,"quantity":1250})");
  CHECK(member(scan("2112345"), "embedded") == "null");
  CHECK(text(scan("2112345019994"), "name") == "Cheese");
  CHECK(scan("2112345019995").status == 404);  // misread
  CHECK(scan("2199999019990").status == 404);
  REQUIRE(shop.add(R"("name":"Own","sku":"O","barcodes":["2112345019994"])").status == 201);
  CHECK(text(scan("2112345019994"), "name") == "Own");  // a code of its own goes first
}

TEST_CASE("a barcode that may be misread is taken, with a warning") {
  Catalogue shop;
  const Response made = shop.add(R"("name":"Cup","sku":"C","barcodes":["4006381333931","4006381333932"])");
  CHECK(made.status == 201);
  CHECK(member(made, "warnings").starts_with(R"([{"pointer":"/barcodes/1","code":"check_digit")"));
  const Response changed = shop.send(ask(Method::patch, "/api/v1/products/" + text(made, "id"))
                                         .as("manager")
                                         .with("if-match", "\"" + member(made, "version") + "\"")
                                         .body(R"({"barcodes":["4006381333931"]})"));
  CHECK(changed.status == 200);
  CHECK(member(changed, "warnings") == "[]");
}

TEST_CASE("goods go to another store and come from one") {
  Catalogue shop;
  const auto cup = shop.shop.add_product("Cup", 100, 5, domain::StockPolicy::block);
  const std::string path = "/api/v1/inventory/" + to_string(cup.id);
  auto book = [&](const char* way, const std::string& quantity) {
    return shop.post(Role::inventory_manager, path + way, R"({"quantity":)" + quantity + R"(,"reason":"to Bonn"})");
  };
  CHECK(member(book("/transfer-out", "2000"), "on_hand") == "3000");
  CHECK(member(book("/transfer-in", "500"), "on_hand") == "3500");
  CHECK(member(book("/transfer-out", "3501"), "code") == "\"out_of_stock\"");
  for (const char* way : {"/transfer-out", "/transfer-in"})
    for (const char* odd : {"0", "-1", "1000000001"}) CHECK(book(way, odd).status == 400);
  const std::string ledger = list(shop, {{"fields", "kind,moved"}}, path + "/movements", "manager").body;
  CHECK(ledger.starts_with(R"({"items":[{"kind":"transfer_in","moved":500},{"kind":"transfer_out","moved":-2000},)"));
  shop.shop.check_books();
}

}  // namespace till::test
