// Orders and stock as headquarters sees them: decoded from the bytes as they came.
#include "sync/hub/orders.h"

#include "hub/hub_fixture.h"

using namespace till;
using test::HubFixture;
using test::Till;
using test::uuid;

namespace {

const Uuid kCup = uuid(1), kMug = uuid(2);

struct TwoStores : HubFixture {
  Till a{*this, "s1", "A1"}, b{*this, "s2", "B1", 2};
  TwoStores() {
    a.greet();
    b.greet();
    a.sell(kCup, 1000).sell(kMug, 2000).send();
    b.sell(kCup, 3000).send();
  }
  std::vector<hub::StoreOrder> list(const hub::OrderQuery& query, domain::Slice slice = {.limit = 50}) {
    auto page = hub::list_orders(*db, query, slice);
    REQUIRE(page.ok());
    return page->items;
  }
};

}  // namespace

TEST_CASE("orders are listed with where they come from, the newest to arrive first, and found by what is known") {
  TwoStores hub;
  const auto all = hub.list({});
  REQUIRE(all.size() == 3);
  CHECK(all[0].store == "s2");
  CHECK(all[0].node == "B1");
  CHECK(all[0].order.total == 3000);
  CHECK(all[0].order.lines[0].product_id == kCup);
  CHECK(all[0].order.hash != core::Hash{});
  CHECK(all[0].link == hub::Link::follows);
  CHECK(hub.list({.store = "s1"}).size() == 2);
  CHECK(hub.list({.node = "B1"}).size() == 1);
  CHECK(hub.list({.business_date = 20260105}).size() == 3);
  CHECK(hub.list({.store = "s1", .business_date = 20260104}).empty());
  CHECK(hub.list({.receipt = all[1].order.receipt_number})[0].order.id == all[1].order.id);
  CHECK(hub.list({.store = "s2", .receipt = all[1].order.receipt_number}).empty());
  const auto page = hub::list_orders(*hub.db, {}, {.limit = 2});
  CHECK(page->items.size() == 2);
  CHECK(hub.list({}, {.cursor = page->next, .limit = 2}).size() == 1);
  CHECK(hub::get_order(*hub.db, all[2].order.id)->order.total == 1000);
  CHECK_FALSE(hub::get_order(*hub.db, uuid(9)).ok());
}

TEST_CASE("a sale that was voided is shown so") {
  TwoStores hub;
  const Uuid sale = hub.list({.store = "s2"})[0].order.id;
  domain::Order order;
  order.id = hub.ids.next_parent();
  order.of_order_id = sale;
  order.business_date = 20260105;
  order.receipt_number = "B1-X-2";
  order.kind = domain::OrderKind::return_;
  hub.b.add_order(order).send();
  CHECK(hub::get_order(*hub.db, sale)->order.status == domain::OrderStatus::completed);
  order.id = hub.ids.next_parent();
  order.receipt_number = "B1-X-3";
  order.kind = domain::OrderKind::void_;
  hub.b.add_order(order).send();
  CHECK(hub::get_order(*hub.db, sale)->order.status == domain::OrderStatus::voided);
}

TEST_CASE("stock is listed by product and store") {
  TwoStores hub;
  auto list = [&](std::optional<Uuid> product, std::optional<std::string> store) {
    auto page = hub::list_stock(*hub.db, product, store, {.limit = 50});
    REQUIRE(page.ok());
    return page->items;
  };
  CHECK(list({}, {}).size() == 3);
  CHECK(list(kCup, {}).size() == 2);
  REQUIRE(list(kCup, "s2").size() == 1);
  CHECK(list(kCup, "s2")[0].on_hand == -3000);
  CHECK(list(kCup, "s2")[0].oversold);
  CHECK(hub::list_stock(*hub.db, {}, {}, {.limit = 2})->next > 0);
}
