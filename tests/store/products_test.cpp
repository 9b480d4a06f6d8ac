// Products and what finds them: indexes that follow every change, lookups, filters, and pages that stay put.
#include "store/products.h"

#include <functional>

#include "store/shelf.h"

using namespace till;
using namespace till::store;
using domain::Product;
using domain::ProductFilter;

namespace {

struct Shop : Shelf {
  Product change(const Product& before, const std::function<void(Product&)>& edit) {
    Product after = before;
    edit(after);
    REQUIRE(change_product(db, before, after, stamp).ok());
    return after;
  }
  std::string holder(const std::string& code) {
    const auto found = find_by_barcode(db, code).value();
    const auto sellable = find_sellable_by_barcode(db, code).value();
    CHECK(found.has_value() == sellable.has_value());
    if (found) CHECK(found->row == sellable->row);
    return found ? found->name : "";
  }
  std::string names(const ProductFilter& filter) {
    std::string all;
    const auto page = list_products(db, filter, {.limit = 100}).value();
    for (const Product& product : page.items) all += product.name + " ";
    return all;
  }
};

}  // namespace

TEST_CASE("a product is read back whole, with its stock") {
  Shop shop;
  Product cup;
  cup.id = shop.ids.next();
  cup.name = "Tasse";
  cup.slug = "tasse";
  cup.sku = "C-1";
  cup.barcodes = {"111", "with \"quotes\""};
  cup.brand = "B";
  cup.description = "D";
  cup.images = {"https://shop.test/a.png"};
  cup.category_ids = {shop.ids.next(), shop.ids.next()};
  cup.price = 1999;
  cup.currency = "EUR";
  cup.unit = domain::Unit::weighed;
  cup.stock_policy = domain::StockPolicy::block;
  cup.low_stock = 7;
  cup.active = false;
  REQUIRE(add_product(shop.db, cup, shop.stamp).ok());
  shop.move(cup, 5000, 1);
  cup.on_hand = cup.available = 5000;
  CHECK(to_json(*get_product(shop.db, cup.id)) == to_json(cup));
  CHECK(to_json(**find_by_sku(shop.db, "C-1")) == to_json(cup));
  CHECK(to_json(**find_by_slug(shop.db, "tasse")) == to_json(cup));
  CHECK(to_json(**find_by_barcode(shop.db, "with \"quotes\"")) == to_json(cup));
  const Sellable sold = find_sellable_by_id(shop.db, cup.id).value().value();
  CHECK(sold.price == 1999);
  CHECK(sold.stock_policy == domain::StockPolicy::block);
  CHECK_FALSE(sold.active);
}

TEST_CASE("barcodes follow changes and removal") {
  Shop shop;
  Product cup = shop.make("cup", {"1", "2"}), bag = shop.make("bag", {"3"});
  CHECK(shop.holder("1") == "cup");
  CHECK(shop.holder("9") == "");
  cup = shop.change(cup, [](Product& p) { p.barcodes = {"2", "4"}; });
  CHECK(shop.holder("1") == "");
  CHECK(shop.holder("2") == "cup");
  CHECK(shop.holder("4") == "cup");
  CHECK(shop.holder("3") == "bag");
  CHECK(barcode_taken(shop.db, "4", bag.row).value());
  CHECK_FALSE(barcode_taken(shop.db, "4", cup.row).value());
  CHECK_FALSE(barcode_taken(shop.db, "1", 0).value());
  cup = shop.change(cup, [](Product& p) { p.price = 5; });
  CHECK(shop.holder("4") == "cup");
  REQUIRE(remove_product(shop.db, cup, shop.stamp).ok());
  CHECK(shop.holder("2") == "");
  CHECK_FALSE(barcode_taken(shop.db, "2", 0).value());
  CHECK_FALSE(sku_taken(shop.db, "cup", 0).value());
  CHECK_FALSE(find_sellable_by_sku(shop.db, "cup").value());
  CHECK_FALSE(find_sellable_by_id(shop.db, cup.id).value());
  shop.change(bag, [](Product& p) { p.barcodes.clear(); });
  CHECK(shop.number("SELECT count(*) FROM product_barcodes") == 0);
}

TEST_CASE("of two that hold one code, as the hub may say, the older one has it") {
  Shop shop;
  const Product older = shop.make("older", {"1"});
  const Product newer = shop.make("newer", {"1"});
  CHECK(shop.holder("1") == "older");
  REQUIRE(remove_product(shop.db, older, shop.stamp).ok());
  CHECK(shop.holder("1") == "newer");
  CHECK(barcode_taken(shop.db, "1", 0).value());
  CHECK_FALSE(barcode_taken(shop.db, "1", newer.row).value());
}

TEST_CASE("categories follow changes and removal") {
  Shop shop;
  const Uuid cups = shop.ids.next(), gifts = shop.ids.next();
  Product cup = shop.make("cup", {}, {cups, gifts});
  shop.make("card", {}, {gifts});
  ProductFilter in_cups{}, in_gifts{};
  in_cups.category_id = cups;
  in_gifts.category_id = gifts;
  CHECK(shop.names(in_cups) == "cup ");
  CHECK(shop.names(in_gifts) == "cup card ");
  CHECK(category_in_use(shop.db, cups).value());
  cup = shop.change(cup, [&](Product& p) { p.category_ids = {gifts}; });
  CHECK(shop.names(in_cups) == "");
  CHECK_FALSE(category_in_use(shop.db, cups).value());
  REQUIRE(remove_product(shop.db, cup, shop.stamp).ok());
  CHECK(shop.names(in_gifts) == "card ");
  CHECK(shop.number("SELECT count(*) FROM product_categories") == 1);
}

TEST_CASE("each filter, alone and together") {
  Shop shop;
  struct Row {
    const char *name, *brand;
    int64_t price, moved;
    bool active;
  };
  const Row kRows[] = {{"Red Cup", "Acme", 100, 1000, true},
                       {"Blue Cup", "", 200, 0, true},
                       {"100% Wool", "Acme", 300, -1000, true},
                       {"Old_Hat", "", 400, 1000, false}};
  const Uuid cups = shop.ids.next();
  int64_t fact = 0;
  for (const Row& row : kRows) {
    Product product = shop.make(row.name);
    product = shop.change(product, [&](Product& p) {
      p.brand = row.brand;
      p.price = row.price;
      p.active = row.active;
      if (p.name.ends_with("Cup")) p.category_ids = {cups};
    });
    if (row.moved != 0) shop.move(product, row.moved, ++fact);
  }
  auto names = [&](const std::function<void(ProductFilter&)>& set) {
    ProductFilter filter;
    set(filter);
    return shop.names(filter);
  };
  CHECK(names([](auto&) {}) == "Red Cup Blue Cup 100% Wool Old_Hat ");
  CHECK(names([](auto& f) { f.text = "cup"; }) == "Red Cup Blue Cup ");
  CHECK(names([](auto& f) { f.text = "acme"; }) == "Red Cup 100% Wool ");
  CHECK(names([](auto& f) { f.price_min = 200; }) == "Blue Cup 100% Wool Old_Hat ");
  CHECK(names([](auto& f) { f.price_max = 200; }) == "Red Cup Blue Cup ");
  CHECK(names([](auto& f) { f.price_min = 201, f.price_max = 299; }) == "");
  CHECK(names([](auto& f) { f.active = false; }) == "Old_Hat ");
  CHECK(names([](auto& f) { f.available = true; }) == "Red Cup Old_Hat ");
  CHECK(names([](auto& f) { f.available = false; }) == "Blue Cup 100% Wool ");
  CHECK(names([&](auto& f) { f.category_id = cups; }) == "Red Cup Blue Cup ");
  CHECK(names([&](auto& f) { f.category_id = cups, f.available = true, f.price_max = 150; }) == "Red Cup ");
}

TEST_CASE("pages follow each other without gap or repeat while rows come and go") {
  Shop shop;
  std::vector<Product> all;
  for (int n = 0; n < 7; ++n) all.push_back(shop.make("p" + std::to_string(n)));
  std::string seen;
  int64_t cursor = 0;
  do {
    const auto page = list_products(shop.db, {}, {.cursor = cursor, .limit = 3}).value();
    CHECK(page.items.size() <= 3);
    for (const Product& product : page.items) seen += product.name + " ";
    cursor = page.next;
    if (seen == "p0 p1 p2 ") {
      shop.make("p7");
      REQUIRE(remove_product(shop.db, all[0], shop.stamp).ok());
      REQUIRE(remove_product(shop.db, all[2], shop.stamp).ok());  // the one the cursor stands on
      REQUIRE(remove_product(shop.db, all[4], shop.stamp).ok());
    }
  } while (cursor != 0);
  CHECK(seen == "p0 p1 p2 p3 p5 p6 p7 ");
  CHECK(list_products(shop.db, {}, {.limit = 5})->next == 0);  // exactly a page: nothing follows
}
