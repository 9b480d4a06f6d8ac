// Selling: each wrong draft with all its pointers, who may give another price, what the shelf allows, and the largest
// sales there can be. A refused sale leaves nothing behind, not even a number.
#include <algorithm>

#include "support/shop_fixture.h"

using namespace till;
using namespace till::test;
using domain::LineDraft;
using domain::Order;
using domain::OrderDraft;
using domain::Product;
using domain::StockPolicy;
using Faulty = std::vector<std::string>;

namespace {

LineDraft by_barcode(const std::string& code) {
  LineDraft draft;
  draft.barcode = code;
  return draft;
}
LineDraft by_sku(const std::string& sku) {
  LineDraft draft;
  draft.sku = sku;
  return draft;
}
LineDraft priced(const Product& product, int64_t price, const std::string& reason = "scratched") {
  LineDraft draft = line(product);
  draft.unit_price = price;
  draft.reason = reason;
  return draft;
}
LineDraft less(const Product& product, int64_t discount, const std::string& reason = "regular") {
  LineDraft draft = line(product);
  draft.discount = discount;
  draft.reason = reason;
  return draft;
}

int64_t pieces(int64_t n) { return n * domain::kQuantityOne; }

}  // namespace

TEST_CASE("a sale is order, lines, payment, stock and receipt in one") {
  ShopFixture shop;
  const Product cup = shop.add_product("Cup", 1999, 5), bag = shop.add_product("Bag", 333);
  OrderDraft draft{.lines = {line(cup, 2000), line(bag, 1500)}, .payments = {{.tendered = 4000}, {.tendered = 1000}}};
  const Order sale = shop.sell(draft)->order;
  CHECK(sale.kind == domain::OrderKind::sale);
  CHECK(sale.status == domain::OrderStatus::completed);
  CHECK(sale.receipt_number == "A1-" + shop.identity.epoch_tag + "-1");
  CHECK(sale.business_date == 20260105);
  CHECK(sale.cashier_id == shop.caller(Role::cashier).id);
  CHECK(sale.currency == "EUR");
  CHECK(sale.total == 4498);
  CHECK(sale.tax == 638 + 80);
  CHECK(sale.change == 502);
  CHECK(sale.payments[1].amount == 498);
  CHECK(sale.lines[1].name == "Bag");
  CHECK(sale.lines[1].total == 500);
  CHECK(sale.lines[1].id == sale.id.child(2));
  CHECK(sale.oversold);  // there was no bag
  CHECK(shop.on_hand(cup) == 3000);
  CHECK(shop.on_hand(bag) == -1500);
  CHECK(to_json(shop.order(sale.id)) == to_json(sale));
  shop.check_books();
}

TEST_CASE("every fault of a draft comes with its pointer, all at once") {
  ShopFixture shop;
  const Product cup = shop.add_product("Cup", 1999, 5);
  Product old = shop.add_product("Old", 100, 5), gone = shop.add_product("Gone", 100);
  old = shop.change(old, R"({"active":false})").value();
  REQUIRE(shop.write([&] { return shop.shop->catalogue.remove_product(gone.id, gone.version, {}); }).ok());
  LineDraft two_names = line(cup), nobody, unknown = line(cup);
  two_names.sku = "Cup";
  unknown.product_id = shop.ids.next();

  const auto refused = shop.sell(paid({nobody, two_names, by_barcode("4006381333931"), by_sku("cup"), unknown,
                                       line(old), by_sku("Gone"), line(cup), priced(cup, 5, ""), less(cup, 5, "")}),
                                 Role::manager);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Code::invalid);
  CHECK(faults(refused.error()) == Faulty{"/lines/0 one_of", "/lines/1 one_of", "/lines/2/barcode unknown_product",
                                          "/lines/3/sku unknown_product", "/lines/4/product_id unknown_product",
                                          "/lines/5/product_id inactive", "/lines/6/sku unknown_product",
                                          "/lines/8/reason reason_required", "/lines/9/reason reason_required"});

  const std::pair<OrderDraft, Faulty> kRows[] = {
      {{.lines = {line(cup)}, .payments = {}}, {"/payments required"}},
      {{.lines = {line(cup)}, .payments = {{.tendered = 1998}}}, {"/payments underpaid"}},
      {{.lines = {line(cup)}, .payments = {{.tendered = 1999}, {.tendered = 1}}}, {"/payments/1 not_needed"}},
      {paid({line(cup), less(cup, 2000)}), {"/lines/1/discount range"}},
  };
  for (const auto& [draft, wanted] : kRows) {
    const auto result = shop.sell(draft, Role::manager);
    REQUIRE_FALSE(result.ok());
    CHECK(faults(result.error()) == wanted);
  }
  // Without lines it is the cart that is sold, and that is empty.
  CHECK(shop.sell({.payments = {{.tendered = 5}}}, Role::manager).error().reason == "cart_empty");
  CHECK(shop.number("SELECT count(*) FROM orders") == 0);
  CHECK(shop.on_hand(cup) == 5000);
  CHECK(shop.sold({line(cup)}).receipt_n == 1);
}

TEST_CASE("another price needs the role of the setting and a reason; the list price is kept") {
  const std::pair<Role, std::vector<Role>> kRows[] = {
      {Role::cashier, {Role::cashier, Role::manager, Role::admin}},
      {Role::manager, {Role::manager, Role::admin}},
      {Role::admin, {Role::admin}},
  };
  for (const auto& row : kRows) {
    const auto lowest = row.first;
    services::Settings settings;
    settings.override_role = lowest;
    ShopFixture shop(settings);
    const Product cup = shop.add_product("Cup", 1999, 50);
    for (const Role role : {Role::cashier, Role::manager, Role::admin}) {
      const bool may = std::find(row.second.begin(), row.second.end(), role) != row.second.end();
      CAPTURE(to_string(lowest));
      CAPTURE(to_string(role));
      for (const LineDraft& draft : {priced(cup, 1500), priced(cup, 2500), less(cup, 1)}) {
        const auto result = shop.sell(paid({draft}), role);
        CHECK(result.ok() == may);
        if (!may) CHECK(result.error().reason == "override_not_allowed");
      }
    }
    const Order sale = shop.sell(paid({priced(cup, 1500), less(cup, 99), line(cup)}), Role::admin)->order;
    CHECK(sale.lines[0].list_price == 1999);
    CHECK(sale.lines[0].unit_price == 1500);
    CHECK(sale.lines[0].reason == "scratched");
    CHECK_FALSE(sale.lines[1].list_price);
    CHECK(sale.lines[1].total == 1900);
    CHECK_FALSE(shop.sell(paid({priced(cup, 1999, "")}))->order.lines[0].list_price);  // as good as not given
  }
}

TEST_CASE("what the shelf has not is warned of, allowed or refused, by product") {
  ShopFixture shop;
  const Product warns = shop.add_product("Warns", 100, 1),
                allows = shop.add_product("Allows", 100, 1, StockPolicy::allow),
                blocks = shop.add_product("Blocks", 100, 2, StockPolicy::block);
  CHECK_FALSE(shop.sold({line(warns), line(allows), line(blocks)}).oversold);
  CHECK_FALSE(shop.sold({line(allows)}).oversold);
  const Order over = shop.sold({line(warns)});
  CHECK(over.oversold);
  CHECK(shop.order(over.id).oversold);

  const auto refused = shop.sell(paid({line(warns), line(blocks, 1001)}));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Code::conflict);
  CHECK(refused.error().reason == "out_of_stock");
  CHECK(faults(refused.error()) == Faulty{"/lines/1/quantity out_of_stock"});
  CHECK(shop.on_hand(warns) == -1000);  // the first line went with the second
  const auto twice = shop.sell(paid({line(blocks, 600), line(blocks, 600)}));
  CHECK(faults(twice.error()) == Faulty{"/lines/1/quantity out_of_stock"});
  CHECK(shop.sold({line(blocks, 400), line(blocks, 600)}).receipt_n == 4);
  CHECK(shop.on_hand(blocks) == 0);
  shop.check_books();
}

TEST_CASE("a tax class that the settings lost stops its product, not the shop") {
  services::Settings settings;
  settings.tax_classes["books"] = 70'000;
  ShopFixture shop(settings);
  Product book;
  book.name = book.sku = "Book";
  book.price = 1000;
  book.tax_class = "books";
  book = shop.add(book).value();
  const Product cup = shop.add_product("Cup", 1000);
  CHECK(shop.sold({line(book)}).tax == 65);
  shop.settings.tax_classes.erase("books");
  shop.reopen();
  CHECK(shop.sell(paid({line(book)})).error().reason == "unknown_tax_class");
  CHECK(shop.sold({line(cup)}).receipt_n == 2);
}

TEST_CASE("prices without tax, rounded per order") {
  services::Settings settings;
  settings.prices = {.prices_include_tax = false, .rounding = domain::Rounding::order};
  ShopFixture shop(settings);
  const Product sweet = shop.add_product("Sweet", 10, 100);
  const Order sale = shop.sold({line(sweet), line(sweet), line(sweet)});
  CHECK(sale.subtotal == 30);
  CHECK(sale.tax == 6);
  CHECK(sale.total == 36);
  shop.check_books();
}

TEST_CASE("the longest sale has 2,000 lines") {
  ShopFixture shop;
  const Product cup = shop.add_product("Cup", 1999, 10), bag = shop.add_product("Bag", 5);
  std::vector<LineDraft> lines;
  for (size_t n = 0; n < domain::kMaxLines; ++n) lines.push_back(line(n % 2 ? bag : cup));
  const Order sale = shop.sold(lines);
  CHECK(sale.total == 1000 * 2004);
  const Order kept = shop.order(sale.id);
  REQUIRE(kept.lines.size() == domain::kMaxLines);
  CHECK(kept.lines[1999].id == sale.id.child(2000));
  CHECK(to_json(kept) == to_json(sale));
  CHECK(shop.on_hand(cup) == pieces(10 - 1000));
  CHECK(shop.on_hand(bag) == -pieces(1000));
  const Order next = shop.sold({line(cup)});  // the keys of its lines are above
  CHECK(shop.take_back(sale.id, {{.line_id = sale.lines[1999].id, .quantity = 1000}})->order.total == -5);
  CHECK(shop.void_sale(next.id).ok());
  shop.check_books();
}

TEST_CASE("the dearest line fits, also its tax and its return") {
  ShopFixture shop;
  const Product yacht = shop.add_product("Yacht", domain::kMaxPrice);
  const OrderDraft draft{.lines = {line(yacht, domain::kMaxQuantity)},
                         .payments = {{.tendered = 1'000'000'000'000'000}}};
  const Order sale = shop.sell(draft)->order;
  CHECK(sale.total == 1'000'000'000'000'000);
  CHECK(sale.tax == 159'663'865'546'218);
  const auto back = shop.take_back(sale.id, {{.line_id = sale.lines[0].id, .quantity = domain::kMaxQuantity}});
  CHECK(back->order.total == -sale.total);
  CHECK(shop.on_hand(yacht) == 0);
  shop.check_books();
}

TEST_CASE("something for nothing is sold, too") {
  ShopFixture shop;
  const Product sample = shop.add_product("Sample", 0, 5);
  const Order sale = shop.sell({.lines = {line(sample)}, .payments = {{.tendered = 0}}})->order;
  CHECK(sale.total == 0);
  CHECK(shop.take_back(sale.id, {{.line_id = sale.lines[0].id, .quantity = 1000}})->order.total == 0);
  CHECK(to_json(shop.order(sale.id)) == to_json(sale));
  shop.check_books();
}

TEST_CASE("a label sells what it says: a price, a weight or pieces") {
  services::Settings settings;
  settings.scan_patterns = {"21IIIIIPPPPPC", "27IIIIIWWWWWC"};
  ShopFixture shop(settings);
  Product cheese;
  cheese.name = cheese.sku = "Cheese";
  cheese.barcodes = {"2100042", "2700042"};
  cheese.price = 1990;  // a kilogram
  cheese.unit = domain::Unit::weighed;
  cheese.stock = 10'000;
  cheese = shop.add(cheese).value();

  const Order by_price = shop.sold({by_barcode("2100042005006")});
  CHECK(by_price.total == 500);
  CHECK(by_price.lines[0].quantity == 1000);
  CHECK_FALSE(by_price.lines[0].list_price.has_value());
  CHECK(by_price.lines[0].moved == -251);  // 5.00 buys 251 g

  const Order by_weight = shop.sold({by_barcode("2700042012501")});
  CHECK(by_weight.lines[0].quantity == 1250);
  CHECK(by_weight.total == 2488);  // 1.250 kg at 19.90

  REQUIRE(shop.take_back(by_price.id, {{.line_id = by_price.lines[0].id, .quantity = 1000}}).ok());
  CHECK(shop.on_hand(cheese) == 10'000 - 1250);
  CHECK_FALSE(shop.sell(paid({by_barcode("2100042005008")})).ok());  // misread: the check digit is wrong
  shop.check_books();
}
