// Idempotency keys of orders: a repeated POST is the same order, byte for byte, whatever happened to it, its products
// and the process since; and a key is nobody else's.
#include "support/shop_fixture.h"

using namespace till;
using namespace till::test;
using domain::Order;
using domain::OrderDraft;
using domain::Product;

namespace {

constexpr int64_t kDay_ms = 86'400'000;

/// A shop where a cup was sold with the key "k".
struct Sale : ShopFixture {
  Product cup = add_product("Cup", 1999, 10);
  OrderDraft draft = paid({line(cup, 3000)});
  Order sale = sell(draft, Role::cashier, once("k"))->order;
  std::string answer = to_json(sale);

  void check_replayed() {
    const int64_t orders = number("SELECT count(*) FROM orders"), before = on_hand(cup);
    const auto again = sell(draft, Role::cashier, once("k"));
    REQUIRE(again.ok());
    CHECK(again->replayed);
    CHECK(to_json(again->order) == answer);
    CHECK(number("SELECT count(*) FROM orders") == orders);
    CHECK(on_hand(cup) == before);
  }
};

}  // namespace

TEST_CASE("the same order comes back, whatever became of it") {
  Sale shop;
  shop.check_replayed();
  SUBCASE("after a return") {
    REQUIRE(shop.take_back(shop.sale.id, {{.line_id = shop.sale.lines[0].id, .quantity = 1000}}).ok());
  }
  SUBCASE("after it was voided") {
    REQUIRE(shop.void_sale(shop.sale.id).ok());
    CHECK(shop.order(shop.sale.id).status == domain::OrderStatus::voided);
    CHECK(to_json(shop.order(shop.sale.id)) != shop.answer);
  }
  SUBCASE("after the product was renamed, made dearer and moved to another tax class") {
    shop.settings.tax_classes["reduced"] = 70'000;
    REQUIRE(shop.change(shop.cup, R"({"name":"Mug","price":2999,"tax_class":"reduced","sku":"Mug"})").ok());
  }
  SUBCASE("after the product was removed") {
    REQUIRE(shop.write([&] { return shop.shop->catalogue.remove_product(shop.cup.id, shop.cup.version, {}); }).ok());
    const auto again = shop.sell(shop.draft, Role::cashier, once("k"));
    CHECK(again->replayed);
    CHECK(to_json(again->order) == shop.answer);
    return;  // its stock is shown no more
  }
  SUBCASE("after a restart") { shop.reopen(); }
  SUBCASE("after a restore, in another epoch") { shop.restore(); }
  SUBCASE("after other sales and 29 days") {
    for (int n = 0; n < 5; ++n) shop.sold({line(shop.cup)});
    shop.clock.advance_ms(29 * kDay_ms);
  }
  shop.check_replayed();
  shop.check_books();
}

TEST_CASE("a key with another body is refused and changes nothing") {
  Sale shop;
  const auto other = shop.sell(paid({line(shop.cup)}), Role::cashier, once("k", 2));
  REQUIRE_FALSE(other.ok());
  CHECK(other.error().code == Code::mismatch);
  CHECK(shop.on_hand(shop.cup) == 7000);
  shop.check_replayed();
}

TEST_CASE("the same key of another caller, or on another path, is another key") {
  Sale shop;
  const Order other = shop.sell(shop.draft, Role::manager, once("k"))->order;
  CHECK(other.id != shop.sale.id);
  auto one_back = [&](const Order& sale) {
    return shop.take_back(sale.id, {{.line_id = sale.lines[0].id, .quantity = 1000}}, once("k"));
  };
  const auto back = one_back(shop.sale), other_back = one_back(other);
  REQUIRE(back.ok());
  REQUIRE(other_back.ok());
  CHECK_FALSE(back->replayed);
  CHECK_FALSE(other_back->replayed);
  CHECK(other_back->order.of_order_id == other.id);
  CHECK(to_json(one_back(shop.sale)->order) == to_json(back->order));
  CHECK(to_json(one_back(other)->order) == to_json(other_back->order));

  domain::BlindLineDraft blind;
  blind.product_id = shop.cup.id;
  const auto unknown = shop.take_back_blind({blind}, once("k"));
  CHECK_FALSE(unknown->replayed);
  CHECK(to_json(shop.take_back_blind({blind}, once("k"))->order) == to_json(unknown->order));

  const Order third = shop.sold({line(shop.cup)}), fourth = shop.sold({line(shop.cup)});
  const auto undone = shop.void_sale(third.id, once("k"));
  CHECK_FALSE(undone->replayed);
  CHECK_FALSE(shop.void_sale(fourth.id, once("k"))->replayed);
  const auto again = shop.void_sale(third.id, once("k"));
  REQUIRE(again.ok());  // not "was voided already"
  CHECK(to_json(again->order) == to_json(undone->order));
  shop.check_replayed();
  shop.check_books();
}

TEST_CASE("a key is remembered as long as the setting says, and not a moment longer") {
  Sale shop;
  shop.clock.advance_ms(30 * kDay_ms);
  shop.check_replayed();
  shop.clock.advance_ms(1);
  const auto again = shop.sell(shop.draft, Role::cashier, once("k"));
  CHECK_FALSE(again->replayed);
  CHECK(again->order.id != shop.sale.id);
  shop.answer = to_json(again->order);  // from now on the key is the new order's
  shop.check_replayed();
}

TEST_CASE("a refused request keeps no key") {
  Sale shop;
  OrderDraft poor = shop.draft;
  poor.payments[0].tendered = 1;
  REQUIRE_FALSE(shop.sell(poor, Role::cashier, once("k2")).ok());
  const auto made = shop.sell(shop.draft, Role::cashier, once("k2", 7));
  REQUIRE(made.ok());
  CHECK_FALSE(made->replayed);
}

TEST_CASE("without a key every sale is its own") {
  Sale shop;
  CHECK(shop.sell(shop.draft)->order.id != shop.sell(shop.draft)->order.id);
}
