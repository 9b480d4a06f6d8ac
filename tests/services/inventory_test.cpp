// Stock: each kind of booking with its sign, counts that book the difference, and a ledger that tells all of it.
#include "support/shop_fixture.h"

using namespace till;
using namespace till::test;
using domain::Movement;
using domain::Product;
using domain::StockEntryKind;
using domain::StockPolicy;
using Faulty = std::vector<std::string>;

namespace {

/// "kind moved" of each movement, newest first.
Faulty ledger(ShopFixture& shop, const Product& product, domain::Slice slice = {}) {
  Faulty steps;
  const auto page = shop.shop->inventory.list_movements(product.id, slice).value();
  for (const Movement& step : page.items) steps.push_back(step.kind + " " + std::to_string(step.moved));
  return steps;
}

}  // namespace

TEST_CASE("each kind takes its sign and gives the stock afterwards") {
  struct Row {
    StockEntryKind kind;
    int64_t quantity, after;  // -1: refused
  };
  const Row kRows[] = {
      {StockEntryKind::receive, 5000, 5000}, {StockEntryKind::receive, 0, -1},    {StockEntryKind::receive, -1, -1},
      {StockEntryKind::issue, 1000, 4000},   {StockEntryKind::issue, 0, -1},      {StockEntryKind::issue, -1000, -1},
      {StockEntryKind::adjust, -500, 3500},  {StockEntryKind::adjust, 250, 3750}, {StockEntryKind::adjust, 0, -1},
      {StockEntryKind::count, 3000, 3000},   {StockEntryKind::count, 4000, 4000}, {StockEntryKind::count, 4000, 4000},
      {StockEntryKind::count, 0, 0},         {StockEntryKind::count, -1, -1},
  };
  ShopFixture shop;
  const Product cup = shop.add_product("Cup", 100);
  int64_t version = shop.shop->inventory.get_stock(cup.id)->version;
  for (const Row& row : kRows) {
    CAPTURE(to_string(row.kind));
    CAPTURE(row.quantity);
    const auto stock = shop.book(cup, row.kind, row.quantity);
    CHECK(stock.ok() == (row.after >= 0));
    if (!stock.ok()) {
      CHECK(faults(stock.error()) == Faulty{"/quantity range"});
    } else {
      CHECK(stock->on_hand == row.after);
      CHECK(stock->available == row.after);
      CHECK(stock->version == ++version);
    }
  }
  CHECK(ledger(shop, cup) == Faulty{"count -4000", "count 0", "count 1000", "count -750", "adjust 250", "adjust -500",
                                    "issue -1000", "receive 5000"});
  shop.check_books();
}

TEST_CASE("a count says what stood on the shelf, whatever the book said") {
  ShopFixture shop;
  const Product cup = shop.add_product("Cup", 100, 5);
  shop.sold({line(cup, 8000)});
  CHECK(shop.on_hand(cup) == -3000);
  const auto counted = shop.book(cup, StockEntryKind::count, 2000);
  CHECK(counted->on_hand == 2000);
  const Movement step = shop.shop->inventory.list_movements(cup.id, {})->items[0];
  CHECK(step.moved == 5000);
  CHECK(step.counted == 2000);
  CHECK(step.reason == "a reason");
  CHECK(step.business_date == 20260105);
  CHECK_FALSE(step.order_id);
  shop.check_books();
}

TEST_CASE("only a product that blocks refuses an issue of more than there is") {
  ShopFixture shop;
  const Product blocks = shop.add_product("Blocks", 100, 2, StockPolicy::block),
                warns = shop.add_product("Warns", 100, 2);
  const auto refused = shop.book(blocks, StockEntryKind::issue, 2001);
  CHECK(refused.error().code == Code::conflict);
  CHECK(refused.error().reason == "out_of_stock");
  CHECK(shop.book(blocks, StockEntryKind::issue, 2000)->on_hand == 0);
  CHECK(shop.book(blocks, StockEntryKind::adjust, -100)->on_hand == -100);  // a correction states a fact
  CHECK(shop.book(warns, StockEntryKind::issue, 2001)->on_hand == -1);
  shop.check_books();
}

TEST_CASE("the ledger tells sales, returns, voids and bookings in one order, page by page") {
  ShopFixture shop;
  const Product cup = shop.add_product("Cup", 100, 10);
  const domain::Order sale = shop.sold({line(cup, 2000), line(cup, 1000)});
  REQUIRE(shop.take_back(sale.id, {{.line_id = sale.lines[0].id, .quantity = 500}}).ok());
  REQUIRE(shop.book(cup, StockEntryKind::issue, 250).ok());
  REQUIRE(shop.void_sale(shop.sold({line(cup, 4000)}).id).ok());
  const Faulty all = {"void 4000",  "sale -4000", "issue -250",   "return 500",
                      "sale -1000", "sale -2000", "receive 10000"};
  CHECK(ledger(shop, cup) == all);
  Faulty seen;
  domain::Slice slice{.cursor = 0, .limit = 2};
  do {
    const auto page = shop.shop->inventory.list_movements(cup.id, slice).value();
    for (const Movement& step : page.items) seen.push_back(step.kind + " " + std::to_string(step.moved));
    slice.cursor = page.next;
    shop.sold({line(cup, 1)});  // what comes meanwhile shifts nothing
  } while (slice.cursor != 0);
  CHECK(seen == all);
  const auto page = shop.shop->inventory.list_movements(cup.id, {.cursor = 0, .limit = 200}).value();
  const Movement& sold = page.items[page.items.size() - 2];
  CHECK(sold.order_id == sale.id);
  CHECK(sold.id == sale.lines[0].id);
}

TEST_CASE("another product's movement is no place to go on from") {
  ShopFixture shop;
  const Product cup = shop.add_product("Cup", 100, 5), bag = shop.add_product("Bag", 100, 5);
  const int64_t cursor = shop.shop->inventory.list_movements(cup.id, {})->items.size() == 1
                             ? shop.number("SELECT last FROM stock WHERE product = 2")
                             : 0;
  for (const int64_t foreign : {cursor, int64_t{1}, INT64_MAX}) {
    const auto refused = shop.shop->inventory.list_movements(cup.id, {.cursor = foreign});
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().reason == "bad_cursor");
  }
  CHECK(shop.shop->inventory.list_movements(shop.ids.next(), {}).error().code == Code::not_found);
  CHECK(shop.shop->inventory.get_stock(shop.ids.next()).error().code == Code::not_found);
}

TEST_CASE("what runs low is told") {
  ShopFixture shop;
  const Product cup = shop.change(shop.add_product("Cup", 100, 5), R"({"low_stock":3000})").value();
  shop.add_product("Never", 100);
  CHECK(shop.shop->inventory.list_stock(true, {})->items.empty());
  REQUIRE(shop.book(cup, StockEntryKind::count, 3000).ok());
  const auto low = shop.shop->inventory.list_stock(true, {}).value();
  REQUIRE(low.items.size() == 1);
  CHECK(low.items[0].product_id == cup.id);
  CHECK(shop.shop->inventory.list_stock(false, {})->items.size() == 2);
}
