// Searching products: whatever is typed is words, the best come first, and the index agrees with the rows whoever wrote
// them. FTS5's own integrity check says whether it does.
#include <sqlite3.h>

#include <algorithm>
#include <functional>
#include <set>

#include "store/product_words.h"
#include "store/shelf.h"

using namespace till;
using namespace till::store;
using domain::Product;
using domain::ProductFilter;
using domain::ProductOrder;

namespace {

struct Searched : Shelf {
  ~Searched() { CHECK(index_is_right()); }

  bool index_is_right() {
    return db.execute("INSERT INTO product_words (product_words, rank) VALUES ('integrity-check', 1)").ok();
  }
  Product add(
      const std::string& name, const std::function<void(Product&)>& edit = [](Product&) {}) {
    Product product;
    product.id = ids.next();
    product.name = name;
    product.sku = "S-" + std::to_string(++made_);
    product.slug = product.sku;
    edit(product);
    REQUIRE(add_product(db, product, stamp).ok());
    return product;
  }
  Product change(const Product& before, const std::function<void(Product&)>& edit) {
    Product after = before;
    edit(after);
    REQUIRE(change_product(db, before, after, stamp).ok());
    return after;
  }
  std::string found(
      const std::string& typed, const std::function<void(ProductFilter&)>& narrow = [](auto&) {}) {
    ProductFilter filter;
    filter.text = typed;
    narrow(filter);
    const auto page = list_products(db, filter, {.limit = 200, .total = true});
    REQUIRE(page.ok());
    CHECK(page->total == static_cast<int64_t>(page->items.size()));
    std::string names;
    for (const Product& product : page->items) names += (names.empty() ? "" : ", ") + product.name;
    return names;
  }

 private:
  int made_ = 0;
};

// All pages of a list, `limit` rows each; `between` runs after each.
std::vector<std::string> walk(
    Searched& shop, const ProductFilter& filter, int64_t limit, const std::function<void()>& between = [] {}) {
  std::vector<std::string> names;
  domain::Slice slice{.limit = limit};
  do {
    const auto page = list_products(shop.db, filter, slice).value();
    CHECK(static_cast<int64_t>(page.items.size()) <= limit);
    for (const Product& product : page.items) names.push_back(product.name);
    slice.cursor = page.next;
    slice.after = page.after;
    between();
  } while (slice.cursor != 0);
  return names;
}

}  // namespace

TEST_CASE("all words must be there, in any of the texts, as beginnings, without accents and case") {
  Searched shop;
  shop.add("Grüne Tasse", [](Product& p) { p.brand = "Künzle", p.description = "Steingut, spülmaschinenfest"; });
  shop.add("Rote Tasse", [](Product& p) { p.sku = "AB-12/7", p.barcodes = {"4006381333931", "with \"quotes\""}; });
  for (const char* typed : {"grune", "GRÜNE tas", "tasse kunzle", "spulm", "Steingut tasse", "  gr\ttasse "})
    CHECK(shop.found(typed) == "Grüne Tasse");
  for (const char* typed : {"AB-12", "ab-12/7", "12/7", "4006381333931", "400638", "with quotes", "rote"})
    CHECK(shop.found(typed) == "Rote Tasse");
  CHECK(shop.found("tasse") == "Grüne Tasse, Rote Tasse");
  for (const char* typed : {"grune rote", "asse", "12-ab", "tassen", "x"}) CHECK(shop.found(typed).empty());
}

TEST_CASE("the best come first") {
  Searched shop;
  shop.add("Shelf", [](Product& p) { p.description = "for a cup"; });
  shop.add("Cupboard");
  shop.add("Red cup");
  shop.add("Saucer", [](Product& p) { p.brand = "Cup"; });
  shop.add("Cup");
  shop.add("Cup, blue");
  shop.add("Shirt size M");
  shop.add("Mug");
  CHECK(shop.found("cup") == "Cup, Cup, blue, Red cup, Saucer, Cupboard, Shelf");
  CHECK(shop.found("red cup") == "Red cup");
  CHECK(shop.found("m") == "Shirt size M");  // a letter alone is no beginning
  CHECK(shop.found("mu") == "Mug");
}

TEST_CASE("nothing that is typed is an operator or a fault") {
  Searched shop;
  shop.add("NOT AND OR NEAR cup");
  shop.add("Cup – red");
  for (const char* typed :
       {"cup*",  "\"cup",     "cup\"",      "\"cup\"", "cup AND", "NOT cup", "(cup",         "cup)",
        "^cup",  "name:cup",  "{name}:cup", "- cup",   "cup -",   "cup + +", "NEAR(cup, 5)", "cup' OR 1=1 --",
        "%cup%", "\\cup",     "*",          "\"",      "\"\"",    "\"\"\"",  "- : ^",        "–",
        "😀",     "cup 😀 – *", "😀 cup",      "^ ^",     "cup:cup", "a\x01 b", "' \" ' \"",    "\u00a0cup"}) {
    CAPTURE(typed);
    for (const ProductOrder order : {ProductOrder::best, ProductOrder::name, ProductOrder::price_last})
      shop.found(typed, [&](ProductFilter& f) { f.order = order; });
  }
  CHECK(shop.found("not") == "NOT AND OR NEAR cup");
  CHECK(shop.found("and or") == "NOT AND OR NEAR cup");
  CHECK(shop.found("Cup – red") == "Cup – red");  // signs alone narrow nothing
  CHECK(shop.found("– cup 😀 red") == "Cup – red");
  CHECK(shop.found("*").empty());
  CHECK(shop.found("😀").empty());
  CHECK(shop.found(" \t ") == "NOT AND OR NEAR cup, Cup – red");  // no words: no search
}

TEST_CASE("any bytes of UTF-8 find something or nothing") {
  Searched shop;
  shop.add("Cup");
  const std::string alphabet[] = {"\"",  "*",   "^",    ":", "(", ")",  "{", "}", "-", "+", " ",  "a",   "cup",
                                  "NOT", "AND", "NEAR", ",", "'", "\\", "é", "😀", "–", "1", "\t", "\x7f"};
  uint64_t seed = 7;
  for (int n = 0; n < 3'000; ++n) {
    std::string typed;
    for (int sign = 0; sign < 12; ++sign) {
      seed = seed * 6364136223846793005U + 1442695040888963407U;
      typed += alphabet[(seed >> 33) % std::size(alphabet)];
    }
    CAPTURE(typed);
    ProductFilter filter;
    filter.text = typed;
    REQUIRE(list_products(shop.db, filter, {.limit = 3}).ok());
  }
}

TEST_CASE("many and long words are no burden") {
  Searched shop;
  shop.add("cup");
  std::string letters, one(10'000, 'x'), signs(10'000, '"');
  for (int n = 0; n < 3'000; ++n) letters += "cup ";
  CHECK(shop.found(letters) == "cup");
  CHECK(shop.found(one).empty());
  CHECK(shop.found(signs).empty());
  CHECK(match_expressions(letters).back().size() < 200);
}

TEST_CASE("the index follows every way of writing a product") {
  Searched shop;
  const Product cup = shop.add("Cup", [](Product& p) { p.barcodes = {"111"}; });
  const Product mug = shop.change(cup, [](Product& p) { p.name = "Mug", p.barcodes = {"222", "333"}; });
  CHECK(shop.found("cup").empty());
  CHECK(shop.found("111").empty());
  CHECK(shop.found("333") == "Mug");
  Product dearer = shop.change(mug, [](Product& p) { p.price = 5; });
  CHECK(shop.found("mug") == "Mug");
  CHECK(shop.index_is_right());
  REQUIRE(remove_product(shop.db, dearer, shop.stamp).ok());
  CHECK(shop.found("mug").empty());
  CHECK(shop.index_is_right());
  const Product kept = Products::find_kept(shop.db, dearer.id).value()->row;
  Product back = kept;
  back.name = "Mug again";
  REQUIRE(revive_product(shop.db, kept, back, shop.stamp).ok());
  CHECK(shop.found("again") == "Mug again");
}

TEST_CASE("a write that is undone leaves no word behind") {
  Searched shop;
  shop.add("Cup");
  REQUIRE(shop.db.execute("BEGIN; SAVEPOINT one").ok());
  const Product bag = shop.add("Bag");
  REQUIRE(shop.db.execute("RELEASE one; SAVEPOINT two").ok());
  shop.change(bag, [](Product& p) { p.name = "Sack"; });
  shop.add("Hat");
  CHECK(shop.found("sack") == "Sack");
  REQUIRE(shop.db.execute("ROLLBACK TO two; RELEASE two; COMMIT").ok());
  CHECK(shop.found("bag") == "Bag");
  CHECK(shop.found("sack").empty());
  CHECK(shop.found("hat").empty());
}

TEST_CASE("a search goes with every filter") {
  Searched shop;
  const Uuid cups = shop.ids.next();
  shop.add("Cup one", [&](Product& p) { p.price = 100, p.brand = "Acme", p.category_ids = {cups}; });
  shop.add("Cup two", [&](Product& p) { p.price = 200, p.active = false, p.sku = "K"; });
  shop.add("Cup three", [&](Product& p) { p.price = 300, p.brand = "acme", p.barcodes = {"1/2"}; });
  using Filter = ProductFilter;
  CHECK(shop.found("cup", [](Filter& f) { f.price_min = 150; }) == "Cup two, Cup three");
  CHECK(shop.found("cup", [](Filter& f) { f.active = true; }) == "Cup one, Cup three");
  CHECK(shop.found("cup", [](Filter& f) { f.brand = "ACME"; }) == "Cup one, Cup three");
  CHECK(shop.found("", [](Filter& f) { f.brand = "acme"; }) == "Cup one, Cup three");
  CHECK(shop.found("cup", [](Filter& f) { f.brand = "acm"; }).empty());
  CHECK(shop.found("cup", [&](Filter& f) { f.category_id = cups; }) == "Cup one");
  CHECK(shop.found("cup", [](Filter& f) { f.sku = "K"; }) == "Cup two");
  CHECK(shop.found("mug", [](Filter& f) { f.sku = "K"; }).empty());
  CHECK(shop.found("", [](Filter& f) { f.barcode = "1/2"; }) == "Cup three");
  CHECK(shop.found("three", [](Filter& f) { f.barcode = "1/2"; }) == "Cup three");
  CHECK(shop.found("", [&](Filter& f) { f.barcode = "1/2", f.category_id = cups; }).empty());
  CHECK(shop.found("cup", [](Filter& f) { f.order = ProductOrder::price_last; }) == "Cup three, Cup two, Cup one");
}

TEST_CASE("a category has what stands below it, however deep, and rings end") {
  Searched shop;
  auto category = [&](const std::string& name, std::optional<Uuid> parent) {
    domain::Category row;
    row.id = shop.ids.next();
    row.name = row.slug = name;
    row.parent_id = parent;
    REQUIRE(Categories::insert(shop.db, row, shop.stamp).ok());
    return row;
  };
  domain::Category top = category("top", {});
  const auto middle = category("middle", top.id), low = category("low", middle.id), gone = category("gone", top.id);
  shop.add("A", [&](Product& p) { p.category_ids = {top.id, low.id}; });
  shop.add("B", [&](Product& p) { p.category_ids = {low.id}; });
  shop.add("C", [&](Product& p) { p.category_ids = {gone.id}; });
  auto in = [&](const Uuid& id) { return shop.found("", [&](ProductFilter& f) { f.category_id = id; }); };
  CHECK(in(top.id) == "A, B, C");
  CHECK(in(middle.id) == "A, B");
  REQUIRE(Categories::remove(shop.db, gone, shop.stamp).ok());
  CHECK(in(top.id) == "A, B");
  CHECK(in(shop.ids.next()).empty());
  domain::Category ring = top;
  ring.parent_id = low.id;  // two tills at once
  REQUIRE(Categories::update(shop.db, top, ring, shop.stamp).ok());
  CHECK(in(middle.id) == "A, B");
  CHECK(find_category_by_slug(shop.db, "low").value()->id == low.id);
  CHECK_FALSE(find_category_by_slug(shop.db, "gone").value());
}

TEST_CASE("each order, whole and by pages") {
  Searched shop;
  const char* const kNames[] = {"pear", "Apple", "fig", "apple", "Älpler", "Fig"};
  const int64_t kPrices[] = {300, 100, 300, 200, 100, 300};
  for (size_t n = 0; n < std::size(kNames); ++n) shop.add(kNames[n], [&](Product& p) { p.price = kPrices[n]; });
  const std::pair<ProductOrder, std::vector<std::string>> kWanted[] = {
      {ProductOrder::best, {"pear", "Apple", "fig", "apple", "Älpler", "Fig"}},
      {ProductOrder::made, {"pear", "Apple", "fig", "apple", "Älpler", "Fig"}},
      {ProductOrder::made_last, {"Fig", "Älpler", "apple", "fig", "Apple", "pear"}},
      {ProductOrder::price, {"Apple", "Älpler", "apple", "pear", "fig", "Fig"}},
      {ProductOrder::price_last, {"Fig", "fig", "pear", "apple", "Älpler", "Apple"}},
      {ProductOrder::name, {"Apple", "apple", "fig", "Fig", "pear", "Älpler"}},
      {ProductOrder::name_last, {"Älpler", "pear", "Fig", "fig", "apple", "Apple"}}};
  for (const auto& [order, names] : kWanted) {
    CAPTURE(static_cast<int>(order));
    ProductFilter filter;
    filter.order = order;
    for (int64_t limit = 1; limit <= 7; ++limit) CHECK(walk(shop, filter, limit) == names);
  }
}

TEST_CASE("pages of every order and of a search stay put while products come and go") {
  for (size_t order = 0; order < EnumNames<ProductOrder>::names.size(); ++order) {
    for (const char* typed : {"", "cup"}) {
      CAPTURE(order);
      CAPTURE(typed);
      Searched shop;
      std::vector<Product> kept, going;
      for (int n = 0; n < 12; ++n) {
        auto named = [&](const std::string& name) {
          return shop.add(name + " " + std::to_string(n), [&](Product& p) { p.price = n % 3; });
        };
        kept.push_back(named(n % 4 == 0 ? "Cup" : n % 4 == 1 ? "Red cup" : n % 4 == 2 ? "Cupboard" : "Tea cups"));
        going.push_back(named("Cup going"));
      }
      ProductFilter filter;
      filter.text = typed;
      filter.order = static_cast<ProductOrder>(order);
      const auto names = walk(shop, filter, 5, [&] {
        if (!going.empty()) {
          REQUIRE(remove_product(shop.db, going.back(), shop.stamp).ok());
          going.pop_back();
        }
        shop.add("Cup new", [](Product& p) { p.price = 1; });
        shop.add("Cupboard new");
      });
      for (const Product& product : kept) CHECK(std::count(names.begin(), names.end(), product.name) == 1);
      for (const Product& product : going) CHECK(std::count(names.begin(), names.end(), product.name) == 1);
    }
  }
}

TEST_CASE("a page of a search begins where the last one ended, in every tier") {
  Searched shop;
  for (const char* name : {"Cup", "My cup", "Cupboard"})
    for (int n = 0; n < 5; ++n) shop.add(name + std::string(" ") + std::to_string(n));
  for (int n = 0; n < 5; ++n) shop.add("Shelf " + std::to_string(n), [](Product& p) { p.description = "cup"; });
  ProductFilter filter;
  filter.text = "cup";
  const auto all = walk(shop, filter, 200);
  CHECK(all.size() == 20);
  CHECK(std::set<std::string>(all.begin(), all.end()).size() == 20);
  for (int64_t limit = 1; limit <= 21; ++limit) CHECK(walk(shop, filter, limit) == all);
  for (const char* odd : {"9", "x", "/", "", "12", "-1"})
    CHECK(list_products(shop.db, filter, {.cursor = 3, .limit = 5, .after = odd}).ok());
}

TEST_CASE("a page is read along an index or from what a search finds, never by sorting the shop") {
  Searched shop;
  for (int n = 0; n < 20; ++n) shop.add("Cup " + std::to_string(n));
  for (size_t order = 0; order < EnumNames<ProductOrder>::names.size(); ++order) {
    ProductFilter filter;
    filter.order = static_cast<ProductOrder>(order);
    REQUIRE(list_products(shop.db, filter, {.limit = 3})->next != 0);
    REQUIRE(list_products(shop.db, filter, {.cursor = 5, .limit = 3, .after = "5"}).ok());
  }
  ProductFilter search;
  search.text = "cup";
  REQUIRE(list_products(shop.db, search, {.limit = 3})->next != 0);
  int sorts = 0;
  for (auto* statement = sqlite3_next_stmt(shop.db.handle(), nullptr); statement;
       statement = sqlite3_next_stmt(shop.db.handle(), statement))
    sorts += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_SORT, 0);
  CHECK(sorts == 0);
}
