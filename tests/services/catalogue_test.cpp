// Products and categories: names that are taken, edits that clash, a tree that stays one, and what removal sets free.
#include <algorithm>

#include "support/shop_fixture.h"

using namespace till;
using namespace till::test;
using domain::Category;
using domain::Product;
using Faulty = std::vector<std::string>;

namespace {

struct Shelves : ShopFixture {
  services::Catalogue& catalogue() { return shop->catalogue; }
  http::Caller manager() const { return caller(Role::manager); }

  Result<Product> make(const std::string& name, const std::string& sku, std::vector<std::string> barcodes = {},
                       const std::string& slug = "") {
    Product product;
    product.name = name;
    product.sku = sku;
    product.barcodes = std::move(barcodes);
    product.slug = slug;
    return add(std::move(product));
  }
  Status remove(const Product& product) {
    return write([&] { return catalogue().remove_product(product.id, product.version, manager()); });
  }
  Result<Category> category(const std::string& name, const std::optional<Uuid>& parent = {}) {
    Category category;
    category.name = name;
    category.parent_id = parent;
    return write([&] { return catalogue().add_category(category, manager()); });
  }
  Result<Category> move(const Category& category, const std::string& patch) {
    auto wanted = patch_from_json<Category>(*parse_json(patch));
    REQUIRE(wanted.ok());
    return write([&] { return catalogue().change_category(category.id, category.version, *wanted, manager()); });
  }
  Status remove(const Category& category) {
    return write([&] { return catalogue().remove_category(category.id, category.version, manager()); });
  }
};

std::string below(const Category& parent) { return R"({"parent_id":")" + to_string(parent.id) + R"("})"; }
std::string standing_in(const Category& category) {
  return R"({"category_ids":[")" + to_string(category.id) + R"("]})";
}

void check_taken(const Error& error, const std::string& pointer) {
  CHECK(error.code == Code::conflict);
  CHECK(error.reason == "taken");
  CHECK(faults(error) == Faulty{pointer + " taken"});
}

}  // namespace

TEST_CASE("a slug is made from the name, and made another one where it is taken") {
  Shelves shop;
  CHECK(shop.make("Red Cup", "1")->slug == "red-cup");
  CHECK(shop.make("Red Cup", "2")->slug == "red-cup-2");
  CHECK(shop.make("RED-cup!", "3")->slug == "red-cup-3");
  CHECK(shop.make("日本茶", "4")->slug == "item");
  const Product own = shop.make("Blue", "5", {}, "Own Slug/x").value();
  CHECK(own.slug == "Own Slug/x");
  check_taken(shop.make("Green", "6", {}, "red-cup-2").error(), "/slug");
  check_taken(shop.change(own, R"({"slug":"red-cup"})").error(), "/slug");
  CHECK(shop.change(own, R"({"slug":"Own Slug/x","name":"Red Cup"})")->slug == "Own Slug/x");
  CHECK(shop.category("Red Cup")->slug == "red-cup");  // categories have names of their own
}

TEST_CASE("a SKU and a barcode belong to one product") {
  Shelves shop;
  const Product cup = shop.make("Cup", "C1", {"111", "222"}).value();
  const Product bag = shop.make("Bag", "B1", {"333"}).value();
  check_taken(shop.make("Other", "C1").error(), "/sku");
  check_taken(shop.make("Other", "O1", {"444", "222"}).error(), "/barcodes/1");
  check_taken(shop.change(bag, R"({"sku":"C1"})").error(), "/sku");
  check_taken(shop.change(bag, R"({"barcodes":["111"]})").error(), "/barcodes/0");
  CHECK(shop.change(cup, R"({"sku":"C1","barcodes":["222","555"]})").ok());  // its own
  CHECK(shop.change(bag, R"({"barcodes":["333","111"]})").ok());             // set free by the cup
  CHECK(shop.catalogue().get_product_by_barcode("111")->id == bag.id);
  CHECK(shop.catalogue().get_product_by_barcode("222")->id == cup.id);
  CHECK(shop.make("Lower", "c1").ok());  // SKUs are opaque
}

TEST_CASE("a product's own faults come all at once") {
  Shelves shop;
  Product bad;
  bad.name = bad.sku = "Bad";
  bad.currency = "CHF";
  bad.tax_class = "luxury";
  bad.barcodes = {"1", "2", "1"};
  bad.category_ids = {shop.category("Cups")->id, shop.ids.next()};
  CHECK(faults(shop.add(bad).error()) == Faulty{"/currency currency", "/tax_class unknown_tax_class",
                                                "/barcodes/2 twice", "/category_ids/1 unknown_category"});
  CHECK(shop.number("SELECT count(*) FROM products") == 0);
  CHECK(shop.make("Good", "G")->currency == "EUR");
}

TEST_CASE("an edit of an old version is refused with the row as it is now") {
  Shelves shop;
  const Product cup = shop.add_product("Cup", 1999, 5);
  const Product dear = shop.change(cup, R"({"price":2499})").value();
  CHECK(dear.version == cup.version + 1);
  const auto stale = shop.change(cup, R"({"price":1})");
  REQUIRE_FALSE(stale.ok());
  CHECK(stale.error().code == Code::stale);
  CHECK(stale.error().current_version == dear.version);
  CHECK(stale.error().current == to_json(*shop.catalogue().get_product(cup.id)));
  CHECK(shop.remove(cup).error().code == Code::stale);
  const Category cups = shop.category("Cups").value();
  REQUIRE(shop.move(cups, R"({"position":5})").ok());
  CHECK(shop.move(cups, R"({"position":6})").error().code == Code::stale);
  CHECK(shop.remove(cups).error().code == Code::stale);
}

TEST_CASE("an edit that says what is so keeps the version and the history") {
  Shelves shop;
  const Product cup = shop.add_product("Cup", 1999, 5);
  shop.clock.advance_ms(1000);
  const Product same = shop.change(cup, R"({"price":1999,"name":"Cup","barcodes":[],"active":true})").value();
  CHECK(same.version == cup.version);
  CHECK(same.updated_at == cup.updated_at);
  CHECK(shop.change(cup, "{}")->version == cup.version);
  CHECK(shop.catalogue().product_history(cup.id, {})->items.size() == 1);
}

TEST_CASE("history tells each change, newest first, by whom and when") {
  Shelves shop;
  Product cup = shop.add_product("Cup", 1999, 5);
  shop.clock.advance_ms(1000);
  cup = shop.change(cup, R"({"price":2499,"barcodes":["111"]})").value();
  cup = shop.change(cup, R"({"name":"Mug"})").value();
  CHECK(cup.on_hand == 5000);
  const auto history = shop.catalogue().product_history(cup.id, {.cursor = 0, .limit = 2}).value();
  REQUIRE(history.items.size() == 2);
  CHECK(history.items[0].changes.text == R"({"name":["Cup","Mug"]})");
  CHECK(history.items[1].changes.text == R"({"barcodes":[[],["111"]],"price":[1999,2499]})");
  CHECK(history.items[1].at == shop.clock.now());
  CHECK(history.items[1].user_id == shop.manager().id);
  const auto rest = shop.catalogue().product_history(cup.id, {.cursor = history.next, .limit = 2}).value();
  REQUIRE(rest.items.size() == 1);
  CHECK(rest.items[0].changes.text == "{}");
  CHECK(rest.next == 0);
}

TEST_CASE("a removed product is found by nothing and sets its names free; what was sold of it stays") {
  Shelves shop;
  Product cup = shop.make("Cup", "C1", {"111"}).value();
  const domain::Order sale = shop.sell({.lines = {line(cup)}, .payments = {{.tendered = 0}}})->order;
  REQUIRE(shop.remove(cup).ok());
  CHECK(shop.catalogue().get_product(cup.id).error().code == Code::not_found);
  CHECK(shop.catalogue().get_product_by_sku("C1").error().code == Code::not_found);
  CHECK(shop.catalogue().get_product_by_barcode("111").error().code == Code::not_found);
  CHECK(shop.catalogue().get_product_by_slug("cup").error().code == Code::not_found);
  CHECK(shop.catalogue().list_products({}, {})->items.empty());
  CHECK(shop.change(cup, R"({"price":5})").error().code == Code::not_found);
  CHECK(shop.remove(cup).error().code == Code::not_found);
  CHECK(shop.book(cup, domain::StockEntryKind::receive, 1000).error().code == Code::not_found);
  CHECK(to_json(shop.order(sale.id)) == to_json(sale));
  CHECK(shop.take_back(sale.id, {{.line_id = sale.lines[0].id, .quantity = 1000}}).ok());

  const Product heir = shop.make("Cup", "C1", {"111"}).value();
  CHECK(heir.slug == "cup");
  CHECK(heir.on_hand == 0);
  CHECK(shop.catalogue().get_product_by_barcode("111")->id == heir.id);
  shop.check_books();
}

TEST_CASE("the tree of categories has no rings and no loose ends") {
  Shelves shop;
  const Category home = shop.category("Home").value(), cups = shop.category("Cups", home.id).value(),
                 tea = shop.category("Tea", cups.id).value();
  for (const Category& ring : {home, cups, tea})
    CHECK(faults(shop.move(home, below(ring)).error()) == Faulty{"/parent_id ring"});
  CHECK(faults(shop.category("Lost", shop.ids.next()).error()) == Faulty{"/parent_id unknown_category"});
  CHECK(faults(shop.move(tea, R"({"parent_id":"01890a5d-ac96-774b-bcce-b302099a8057"})").error()) ==
        Faulty{"/parent_id unknown_category"});
  const Category moved = shop.move(tea, below(home)).value();
  CHECK(moved.parent_id == home.id);
  CHECK_FALSE(shop.move(moved, R"({"parent_id":null})")->parent_id);
  CHECK(shop.move(home, below(tea)).ok());  // it stands above nothing any more but cups
}

TEST_CASE("a category in use stays") {
  Shelves shop;
  const Category home = shop.category("Home").value(), cups = shop.category("Cups", home.id).value();
  Product cup = shop.change(shop.add_product("Cup", 1999), standing_in(cups)).value();
  for (const Category& used : {home, cups}) CHECK(shop.remove(used).error().reason == "in_use");
  cup = shop.change(cup, standing_in(home)).value();
  REQUIRE(shop.remove(cups).ok());
  CHECK(shop.remove(home).error().reason == "in_use");  // by the product alone
  REQUIRE(shop.remove(cup).ok());
  CHECK(shop.remove(home).ok());
  CHECK(shop.remove(home).error().code == Code::not_found);
  CHECK(shop.catalogue().get_category(home.id).error().code == Code::not_found);
  CHECK(shop.category("Below", home.id).error().fields[0].code == "unknown_category");
  CHECK(shop.category("Home")->slug == "home");
}
