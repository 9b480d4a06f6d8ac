// Orders that are not sold in one go: placed and paid later, each step and each refused one, what is held back and for
// how long, cancelling, shipments, and who may see what. Plus carts, which become orders.
#include "domain/order_steps.h"
#include "store/order_list.h"
#include "support/shop_fixture.h"

using namespace till;
using namespace till::test;
using domain::Fulfilment;
using domain::Order;
using domain::OrderDraft;
using domain::OrderStatus;
using domain::Product;
using domain::StockPolicy;

namespace {

constexpr const char* kGood = "pm_card_visa";
constexpr const char* kBad = "pm_card_chargeDeclined";

domain::PostalAddress home() {
  domain::PostalAddress address;
  address.full_name = "Ada L.";
  address.street = "1 Mill Lane";
  address.city = "London";
  address.country = "GB";
  return address;
}

services::Settings with_cards() {
  services::Settings settings;
  settings.cards = services::CardMode::test;
  return settings;
}

struct Desk {
  ShopFixture shop{with_cards()};
  http::Caller customer = shop.caller(Role::customer);
  http::Caller cashier = shop.caller(Role::cashier);

  Result<Sold> order(OrderDraft draft, const http::Caller& who, const std::optional<http::OnceKey>& once = {}) {
    return shop.write([&] { return shop.shop->selling.sell(draft, who, once); });
  }
  Order placed(std::vector<domain::LineDraft> lines, Fulfilment how = Fulfilment::delivery) {
    OrderDraft draft{.fulfilment = how, .lines = std::move(lines)};
    if (how == Fulfilment::delivery) draft.address = home();
    auto made = order(draft, customer);
    REQUIRE_MESSAGE(made.ok(), (made.ok() ? "" : made.error().message));
    return made->order;
  }
  Result<Sold> pay(const Order& order, std::vector<domain::PaymentDraft> payments, const http::Caller& who,
                   const std::optional<http::OnceKey>& once = {}) {
    return shop.write([&] { return shop.shop->selling.pay(order.id, payments, who, once); });
  }
  Order paid(std::vector<domain::LineDraft> lines, Fulfilment how = Fulfilment::delivery) {
    auto done = pay(placed(std::move(lines), how), {{.method = domain::Tender::card, .token = kGood}}, customer);
    REQUIRE(done.ok());
    return done->order;
  }
  Result<Order> step(const Order& order, OrderStatus to, int64_t version = domain_any) {
    return shop.write(
        [&] { return shop.shop->orders.change_status(order.id, version, {.status = to, .reason = ""}, cashier); });
  }
  Result<Order> cancel(const Order& order, const http::Caller& who) {
    return shop.write([&] { return shop.shop->orders.cancel(order.id, "changed my mind", who); });
  }
  domain::Stock stock(const Product& product) { return shop.shop->inventory.get_stock(product.id).value(); }
  std::vector<std::string> events() {
    std::vector<std::string> names;
    for (const auto& entry : shop.events.after(0, 1000).entries) names.emplace_back(entry.event->name);
    return names;
  }
  void check_books() {
    shop.check_books();
    CHECK_FALSE(store::find_unequal_reserved(shop.db()).value().has_value());
  }

  static constexpr int64_t domain_any = -1;
};

http::OnceKey key(const std::string& text, uint64_t hash = 1) {
  http::OnceKey once;
  once.key = text;
  once.body_hash = hash;
  return once;
}

std::string reason_of(const Error& error) { return error.reason; }

}  // namespace

TEST_CASE("a placed order holds its goods back, and is a sale once it is paid") {
  Desk desk;
  const Product cup = desk.shop.add_product("Cup", 1999, 5);
  const Order placed = desk.placed({line(cup, 2000)});
  CHECK(placed.status == OrderStatus::pending);
  CHECK(placed.receipt_number.empty());
  CHECK(placed.customer_id == desk.customer.id);
  CHECK(placed.reserved_until.has_value());
  CHECK(placed.total == 3998);
  CHECK(desk.stock(cup).on_hand == 5000);
  CHECK(desk.stock(cup).reserved == 2000);
  CHECK(desk.stock(cup).available == 3000);
  CHECK(to_json(desk.shop.order(placed.id)) == to_json(placed));

  auto paid = desk.pay(placed, {{.method = domain::Tender::card, .token = kGood}}, desk.customer);
  REQUIRE(paid.ok());
  CHECK(paid->order.id == placed.id);
  CHECK(paid->order.status == OrderStatus::paid);
  CHECK(paid->order.receipt_number == "A1-" + desk.shop.identity.epoch_tag + "-1");
  CHECK(paid->order.version > placed.version);
  CHECK(paid->order.payments[0].reference == "test_" + to_string(paid->order.payments[0].id));
  CHECK(desk.stock(cup).on_hand == 3000);
  CHECK(desk.stock(cup).reserved == 0);
  const Order now = desk.shop.order(placed.id);
  CHECK(to_json(now) == to_json(paid->order));
  CHECK(now.placed_at == placed.created_at);
  CHECK(now.address->city == "London");
  CHECK(desk.events() == std::vector<std::string>{"order.placed", "order.paid"});
  desk.check_books();
}

TEST_CASE("each step of each kind of order, and every other one is refused") {
  constexpr OrderStatus kAll[] = {OrderStatus::pending,   OrderStatus::paid,      OrderStatus::shipped,
                                  OrderStatus::delivered, OrderStatus::completed, OrderStatus::cancelled,
                                  OrderStatus::voided};
  // clang-format off
  const std::vector<std::tuple<Fulfilment, OrderStatus, OrderStatus>> right = {
      {Fulfilment::pickup,   OrderStatus::pending, OrderStatus::cancelled},
      {Fulfilment::pickup,   OrderStatus::paid,    OrderStatus::completed},
      {Fulfilment::pickup,   OrderStatus::paid,    OrderStatus::cancelled},
      {Fulfilment::delivery, OrderStatus::pending, OrderStatus::cancelled},
      {Fulfilment::delivery, OrderStatus::paid,    OrderStatus::shipped},
      {Fulfilment::delivery, OrderStatus::paid,    OrderStatus::cancelled},
      {Fulfilment::delivery, OrderStatus::shipped, OrderStatus::delivered},
  };
  // clang-format on
  for (const Fulfilment how : {Fulfilment::counter, Fulfilment::pickup, Fulfilment::delivery})
    for (const OrderStatus from : kAll)
      for (const OrderStatus to : kAll) {
        const bool allowed = std::find(right.begin(), right.end(), std::tuple(how, from, to)) != right.end();
        CAPTURE(to_string(how));
        CAPTURE(to_string(from));
        CAPTURE(to_string(to));
        CHECK((domain::step_of(how, from, to) != domain::StepKind::none) == allowed);
      }
}

TEST_CASE("a delivery goes its way, and its shipment with it") {
  Desk desk;
  const Product cup = desk.shop.add_product("Cup", 1999, 5);
  const Order order = desk.paid({line(cup)});
  const auto& orders = desk.shop.shop->orders;
  auto shipment = orders.get_shipment(*order.shipment_id, desk.customer);
  REQUIRE(shipment.ok());
  CHECK(shipment->status == domain::ShipmentStatus::pending);
  CHECK(shipment->address->street == "1 Mill Lane");

  CHECK(reason_of(desk.step(order, OrderStatus::delivered).error()) == "wrong_step");
  CHECK(desk.step(order, OrderStatus::shipped, order.version + 7).error().code == Code::stale);
  REQUIRE(desk.step(order, OrderStatus::shipped, order.version).ok());
  shipment = orders.get_shipment(*order.shipment_id, desk.customer);
  CHECK(shipment->status == domain::ShipmentStatus::shipped);

  // The other way round: who changes the shipment moves the order.
  const auto patch =
      patch_from_json<domain::Shipment>(*parse_json(R"({"status": "delivered", "tracking_number": "T-1"})")).value();
  auto moved = desk.shop.write(
      [&] { return desk.shop.shop->orders.change_shipment(shipment->id, shipment->version, patch, desk.cashier); });
  REQUIRE(moved.ok());
  CHECK(moved->tracking_number == "T-1");
  CHECK(desk.shop.order(order.id).status == OrderStatus::delivered);
  CHECK(to_json(*moved) == to_json(*orders.get_shipment(shipment->id, desk.cashier)));
  CHECK(reason_of(desk.cancel(order, desk.cashier).error()) == "wrong_step");
  CHECK(desk.events().back() == "order.delivered");
}

TEST_CASE("goods are held back for so long and no longer, and longer while somebody pays") {
  Desk desk;
  const Product last = desk.shop.add_product("Last one", 1000, 1, StockPolicy::block);
  const Order placed = desk.placed({line(last)});
  CHECK(reason_of(desk.order({.lines = {line(last)}, .payments = {{.tendered = 1000}}}, desk.cashier).error()) ==
        "out_of_stock");
  desk.shop.clock.advance_ms(59 * 60'000);
  const auto declined = desk.pay(placed, {{.method = domain::Tender::card, .token = kBad}}, desk.customer);
  REQUIRE(declined.ok());
  CHECK(declined->declined->code == Code::declined);
  CHECK(desk.shop.order(placed.id).status == OrderStatus::pending);
  desk.shop.clock.advance_ms(2 * 60'000);  // past the first hour, within the second
  CHECK(reason_of(desk.order({.lines = {line(last)}, .payments = {{.tendered = 1000}}}, desk.cashier).error()) ==
        "out_of_stock");
  desk.shop.clock.advance_ms(60 * 60'000);
  REQUIRE(desk.order({.lines = {line(last)}, .payments = {{.tendered = 1000}}}, desk.cashier).ok());
  const auto late = desk.pay(placed, {{.method = domain::Tender::card, .token = kGood}}, desk.customer);
  CHECK(reason_of(late.error()) == "out_of_stock");
  CHECK(desk.shop.order(placed.id).status == OrderStatus::pending);
  desk.check_books();
}

TEST_CASE("what is fetched or sent has to be there, unless its product allows that it is not") {
  Desk desk;
  const Product few = desk.shop.add_product("Few", 100, 1);
  const Product any = desk.shop.add_product("Any", 100, 0, StockPolicy::allow);
  const auto refused = desk.order({.fulfilment = Fulfilment::pickup, .lines = {line(few, 2000)}}, desk.customer);
  CHECK(reason_of(refused.error()) == "out_of_stock");
  CHECK(refused.error().fields[0].pointer == "/lines/0/quantity");
  CHECK(desk.order({.fulfilment = Fulfilment::pickup, .lines = {line(any, 2000)}}, desk.customer).ok());
  desk.check_books();
}

TEST_CASE("cancelling gives back what was held, and goods and money of what was paid") {
  Desk desk;
  const Product cup = desk.shop.add_product("Cup", 1999, 5);
  SUBCASE("not paid") {
    const Order placed = desk.placed({line(cup)});
    const auto cancelled = desk.cancel(placed, desk.customer);
    REQUIRE(cancelled.ok());
    CHECK(cancelled->status == OrderStatus::cancelled);
    CHECK(desk.stock(cup).reserved == 0);
    CHECK(to_json(desk.shop.order(placed.id)).find("changed my mind") != std::string::npos);
    CHECK(reason_of(desk.cancel(placed, desk.customer).error()) == "wrong_step");
    CHECK(reason_of(desk.pay(placed, {{.method = domain::Tender::card, .token = kGood}}, desk.customer).error()) ==
          "not_pending");
  }
  SUBCASE("paid by card: by the customer himself") {
    const Order order = desk.paid({line(cup, 2000)});
    REQUIRE(desk.cancel(order, desk.customer).ok());
    CHECK(desk.stock(cup).on_hand == 5000);
    const auto all = desk.shop.shop->orders.list({}, desk.cashier, {});
    REQUIRE(all->items.size() == 2);
    const Order& back = all->items[0];
    CHECK(back.kind == domain::OrderKind::return_);
    CHECK(back.total == -order.total);
    CHECK(back.payments[0].method == domain::Tender::card);
    CHECK(back.payments[0].reference.rfind("refund_test_", 0) == 0);
    CHECK(all->items[1].status == OrderStatus::cancelled);
    const auto shipment = desk.shop.shop->orders.get_shipment(*order.shipment_id, desk.cashier);
    CHECK(shipment->status == domain::ShipmentStatus::cancelled);
    // Nothing of it comes back a second time.
    const auto again = desk.shop.take_back(order.id, {{.line_id = order.lines[0].id, .quantity = 1000}});
    CHECK(reason_of(again.error()) == "cancelled");
  }
  SUBCASE("paid in cash: at the counter only") {
    const Order placed = desk.placed({line(cup)}, Fulfilment::pickup);
    REQUIRE(desk.pay(placed, {{.tendered = 5000}}, desk.cashier).ok());
    CHECK(reason_of(desk.cancel(placed, desk.customer).error()) == "cash_needs_staff");
    CHECK(desk.stock(cup).on_hand == 4000);
    REQUIRE(desk.cancel(placed, desk.cashier).ok());
    CHECK(desk.stock(cup).on_hand == 5000);
  }
  SUBCASE("paid by both, and some of it came back before") {
    const Order placed = desk.placed({line(cup, 2000)}, Fulfilment::pickup);
    REQUIRE(desk.pay(placed, {{.method = domain::Tender::card, .amount = 3000, .token = kGood}, {.tendered = 998}},
                     desk.cashier)
                .ok());
    REQUIRE(desk.shop.take_back(placed.id, {{.line_id = placed.lines[0].id, .quantity = 1000}}).ok());
    REQUIRE(desk.cancel(placed, desk.cashier).ok());
    CHECK(desk.stock(cup).on_hand == 5000);
    int64_t sum = 0;
    const auto all = desk.shop.shop->orders.list({}, desk.cashier, {});
    for (const Order& order : all->items) sum += order.total;
    CHECK(sum == 0);
  }
  desk.check_books();
}

TEST_CASE("a repeated POST is answered as it was made, whatever became of the order") {
  Desk desk;
  const Product cup = desk.shop.add_product("Cup", 1999, 5);
  const OrderDraft draft{.fulfilment = Fulfilment::delivery, .lines = {line(cup)}, .address = home()};
  const Order first = desk.order(draft, desk.customer, key("place-1"))->order;
  const Order paid =
      desk.pay(first, {{.method = domain::Tender::card, .token = kGood}}, desk.customer, key("pay-1"))->order;
  REQUIRE(desk.step(paid, OrderStatus::shipped).ok());
  desk.shop.reopen();
  const auto placed_again = desk.order(draft, desk.customer, key("place-1"));
  CHECK(placed_again->replayed);
  CHECK(to_json(placed_again->order) == to_json(first));
  const auto paid_again =
      desk.pay(first, {{.method = domain::Tender::card, .token = kGood}}, desk.customer, key("pay-1"));
  CHECK(paid_again->replayed);
  CHECK(to_json(paid_again->order) == to_json(paid));
  CHECK(desk.pay(first, {}, desk.customer, key("pay-1", 2)).error().code == Code::mismatch);
  CHECK(desk.order(draft, desk.customer, key("place-1", 2)).error().code == Code::mismatch);
  // The same key for another thing is another key.
  CHECK(reason_of(desk.pay(first, {{.method = domain::Tender::card, .token = kGood}}, desk.customer, key("place-1"))
                      .error()) == "not_pending");
  CHECK(desk.stock(cup).on_hand == 4000);
}

TEST_CASE("customers see their own orders, and cannot sell at the counter or take cash") {
  Desk desk;
  const Product cup = desk.shop.add_product("Cup", 1999, 5);
  const Order mine = desk.placed({line(cup)}, Fulfilment::pickup);
  http::Caller stranger = desk.customer;
  stranger.user += 1000;
  stranger.id = desk.shop.ids.next();
  auto& orders = desk.shop.shop->orders;
  CHECK(orders.get(mine.id, stranger).error().code == Code::not_found);
  CHECK(orders.list({}, stranger, {})->items.empty());
  CHECK(orders.list({}, desk.customer, {})->items.size() == 1);
  CHECK(desk.cancel(mine, stranger).error().code == Code::not_found);
  CHECK(desk.pay(mine, {{.method = domain::Tender::card, .token = kGood}}, stranger).error().code == Code::not_found);
  CHECK(reason_of(desk.pay(mine, {{.tendered = 1999}}, desk.customer).error()) == "staff_only");
  CHECK(reason_of(desk.order({.lines = {line(cup)}, .payments = {{.tendered = 1999}}}, desk.customer).error()) ==
        "staff_only");
  CHECK(reason_of(desk.order({.fulfilment = Fulfilment::pickup, .lines = {line(cup)}, .customer_id = desk.cashier.id},
                             desk.customer)
                      .error()) == "staff_only");
  // Staff order for a customer, who sees it then.
  const auto for_him = desk.order(
      {.fulfilment = Fulfilment::pickup, .lines = {line(cup)}, .customer_id = desk.customer.id}, desk.cashier);
  CHECK(orders.get(for_him->order.id, desk.customer).ok());
  CHECK(desk.order({.fulfilment = Fulfilment::pickup, .lines = {line(cup)}, .customer_id = desk.shop.ids.next()},
                   desk.cashier)
            .error()
            .fields[0]
            .pointer == "/customer_id");
}

TEST_CASE("the list has every order where it came, in pages of any size") {
  Desk desk;
  const Product cup = desk.shop.add_product("Cup", 100, 100);
  std::vector<Uuid> made;
  for (int i = 0; i < 12; ++i) {
    if (i % 3 == 0) {
      made.push_back(desk.shop.sold({line(cup)}).id);
    } else {
      made.push_back(desk.placed({line(cup)}, Fulfilment::pickup).id);
    }
  }
  std::reverse(made.begin(), made.end());
  for (const int64_t limit : {1, 2, 5, 12, 50}) {
    std::vector<Uuid> seen;
    domain::Slice slice{.limit = limit};
    do {
      const auto page = desk.shop.shop->orders.list({}, desk.cashier, slice);
      REQUIRE(page.ok());
      for (const Order& order : page->items) seen.push_back(order.id);
      slice.cursor = page->next;
    } while (slice.cursor != 0);
    CHECK(seen == made);
  }
  const auto counted = desk.shop.shop->orders.list({}, desk.cashier, {.limit = 1, .total = true});
  CHECK(counted->total == 12);
  domain::OrderFilter pending;
  pending.status = OrderStatus::pending;
  CHECK(desk.shop.shop->orders.list(pending, desk.cashier, {})->items.size() == 8);
}

TEST_CASE("what is wrong with an order for pickup or delivery is said with its pointer") {
  Desk desk;
  const Product cup = desk.shop.add_product("Cup", 1999, 5);
  auto pointer = [&](OrderDraft draft) {
    const auto refused = desk.order(std::move(draft), desk.customer);
    REQUIRE(!refused.ok());
    return refused.error().fields.empty() ? refused.error().reason : refused.error().fields[0].pointer;
  };
  CHECK(pointer({.fulfilment = Fulfilment::delivery, .lines = {line(cup)}}) == "/address_id");
  CHECK(pointer({.fulfilment = Fulfilment::pickup, .lines = {line(cup)}, .address = home()}) == "/address");
  CHECK(pointer({.fulfilment = Fulfilment::delivery, .lines = {line(cup)}, .address_id = desk.shop.ids.next()}) ==
        "/address_id");
  CHECK(pointer({.fulfilment = Fulfilment::pickup}) == "cart_empty");
  using domain::Tender;
  auto pay = [&](std::vector<domain::PaymentDraft> payments) {
    return pointer({.fulfilment = Fulfilment::pickup, .lines = {line(cup)}, .payments = std::move(payments)});
  };
  CHECK(pay({{.method = Tender::card}}) == "/payments/0/token");
  CHECK(pay({{.method = Tender::card, .amount = 5000, .token = kGood}}) == "/payments/0/amount");
  CHECK(pay({{.method = Tender::card, .amount = 1, .token = kGood}}) == "/payments");
  CHECK(pay({{.method = Tender::card, .tendered = 5, .token = kGood}}) == "/payments/0/tendered");
  CHECK(pay({{.method = Tender::card, .token = "tok_unheard_of"}}) == "card_declined");
  CHECK(desk.stock(cup).reserved == 0);
  CHECK(desk.shop.number("SELECT count(*) FROM placed_orders") == 0);
}

TEST_CASE("without cards set up, paying by card is refused and nothing is lost") {
  ShopFixture shop;
  const Product cup = shop.add_product("Cup", 1999, 5);
  const auto refused =
      shop.sell({.lines = {line(cup)}, .payments = {{.method = domain::Tender::card, .token = kGood}}});
  CHECK(reason_of(refused.error()) == "card_not_set_up");
}

TEST_CASE("a product that runs low is told of once, until it is full again") {
  Desk desk;
  Product cup = desk.shop.add_product("Cup", 100, 4);
  REQUIRE(desk.shop.change(cup, R"({"low_stock": 2000})").ok());
  auto told = [&] { return desk.shop.number("SELECT count(*) FROM notices WHERE kind = 8"); };
  desk.shop.sold({line(cup)});
  CHECK(told() == 0);
  desk.shop.sold({line(cup)});
  CHECK(told() == 1);
  desk.shop.sold({line(cup)});
  CHECK(told() == 1);
  REQUIRE(desk.shop.book(cup, domain::StockEntryKind::receive, 5000).ok());
  desk.placed({line(cup, 4000)}, Fulfilment::pickup);
  CHECK(told() == 2);
}

TEST_CASE("a customer who leaves takes his addresses along, once nothing is on its way") {
  Desk desk;
  const Product cup = desk.shop.add_product("Cup", 1999, 5);
  const Order order = desk.paid({line(cup)});
  auto forget = [&] {
    return desk.shop.write([&] { return desk.shop.shop->orders.forget_customer(desk.customer.user); });
  };
  CHECK(reason_of(forget().error()) == "open_orders");
  REQUIRE(desk.step(order, OrderStatus::shipped).ok());
  REQUIRE(desk.step(order, OrderStatus::delivered).ok());
  REQUIRE(forget().ok());
  CHECK_FALSE(desk.shop.order(order.id).address.has_value());
  CHECK(desk.shop.number("SELECT count(*) FROM notices") == 0);
  desk.check_books();
}

TEST_CASE("goods are held back by hand") {
  Desk desk;
  const Product cup = desk.shop.add_product("Cup", 1999, 5);
  auto& reservations = desk.shop.shop->reservations;
  auto reserve = [&](int64_t quantity, std::optional<int64_t> minutes) {
    return desk.shop.write([&] {
      return reservations.reserve(cup.id, {.quantity = quantity, .reason = "for the mayor", .minutes = minutes},
                                  desk.cashier);
    });
  };
  auto release = [&](int64_t quantity) {
    return desk.shop.write([&] { return reservations.release_quantity(cup.id, quantity); });
  };
  REQUIRE(reserve(2000, 10).ok());
  const auto kept = reserve(3000, {});
  REQUIRE(kept.ok());
  CHECK(reason_of(reserve(1, {}).error()) == "out_of_stock");
  CHECK(release(2500)->reserved == 2500);
  CHECK(reason_of(release(2501).error()) == "not_reserved");
  CHECK(reservations.list({})->items.size() == 1);
  desk.shop.clock.advance_ms(11 * 60'000);
  CHECK(release(500)->reserved == 2000);
  CHECK(desk.shop.write([&] { return reservations.release_one(kept->id); }).ok());
  CHECK(desk.shop.write([&] { return reservations.release_one(kept->id); }).error().code == Code::not_found);
  const Order placed = desk.placed({line(cup)}, Fulfilment::pickup);
  const Uuid of_order = reservations.list({})->items[0].id;
  CHECK(reason_of(desk.shop.write([&] { return reservations.release_one(of_order); }).error()) == "of_order");
  desk.check_books();
}

TEST_CASE("nobody empties the shelves without paying") {
  Desk desk;
  const Product cup = desk.shop.add_product("Cup", 100, 100);
  for (int i = 0; i < 20; ++i) desk.placed({line(cup)}, Fulfilment::pickup);
  const OrderDraft one_more{.fulfilment = Fulfilment::pickup, .lines = {line(cup)}};
  CHECK(reason_of(desk.order(one_more, desk.customer).error()) == "too_many_open_orders");
  CHECK(desk.order(one_more, desk.cashier).ok());
  desk.shop.clock.advance_ms(61 * 60'000);
  CHECK(desk.order(one_more, desk.customer).ok());
}

TEST_CASE("a secret is forgotten when it is of no use any more") {
  Desk desk;
  REQUIRE(desk.shop
              .write([&] {
                return desk.shop.shop->notices.tell({.kind = domain::NoticeKind::password_reset,
                                                     .user = desk.customer.user,
                                                     .address = "::1",
                                                     .secret = "s3cret"});
              })
              .ok());
  CHECK(to_json(desk.shop.shop->notices.list({}, {})->items[0]).find("s3cret") == std::string::npos);
  CHECK(desk.shop.number("SELECT count(*) FROM notices WHERE secret = 's3cret'") == 1);
  desk.shop.clock.advance_ms(61 * 60'000);
  REQUIRE(desk.shop.write([&] { return desk.shop.shop->notices.tidy(); }).ok());
  CHECK(desk.shop.number("SELECT count(*) FROM notices WHERE secret IS NULL") == 1);
}
