// Goods that come back: parts that add up to the cent, never more than was sold, and sales that can be undone only
// while nothing else has happened to them.
#include "support/shop_fixture.h"

using namespace till;
using namespace till::test;
using domain::Order;
using domain::OrderLine;
using domain::Product;
using Faulty = std::vector<std::string>;

namespace {

constexpr int64_t kDay_ms = 86'400'000;

domain::ReturnLineDraft of(const OrderLine& sold, int64_t quantity, bool restock = true) {
  return {.line_id = sold.id, .quantity = quantity, .restock = restock};
}

void check_sums(const Order& order, bool tax_within = true) {
  int64_t total = 0, tax = 0, paid = 0;
  for (const OrderLine& line : order.lines) total += line.total, tax += line.tax;
  for (const domain::Payment& payment : order.payments) paid += payment.amount;
  CHECK(order.total == total);
  CHECK(order.tax == tax);
  CHECK(paid == total);
  CHECK(order.subtotal - order.discount + (tax_within ? 0 : order.tax) == order.total);
}

/// Sells 7 pieces at a third off what divides badly, takes them back cut as told, and adds the parts up.
void check_cut(const std::vector<int64_t>& parts, bool tax_within, domain::Rounding rounding) {
  services::Settings settings;
  settings.prices = {.prices_include_tax = tax_within, .rounding = rounding};
  ShopFixture shop(settings);
  const Product cup = shop.add_product("Cup", 333, 100);
  domain::LineDraft draft = line(cup, 7000);
  draft.discount = 100;
  draft.reason = "regular";
  const Order sale = shop.sell(paid({draft, line(cup, 1000)}), Role::manager)->order;
  Order sum;
  for (const int64_t part : parts) {
    const auto back = shop.take_back(sale.id, {of(sale.lines[0], part)});
    REQUIRE(back.ok());
    check_sums(back->order, tax_within);
    CHECK(back->order.total <= 0);
    sum.total += back->order.total;
    sum.tax += back->order.tax;
    sum.discount += back->order.discount;
  }
  CHECK(sum.total == -sale.lines[0].total);
  CHECK(sum.tax == -sale.lines[0].tax);
  CHECK(sum.discount == -100);
  CHECK(shop.take_back(sale.id, {of(sale.lines[0], 1)}).error().reason == "over_returned");
  CHECK(shop.on_hand(cup) == 99'000);
  shop.check_books();
}

}  // namespace

TEST_CASE("however a line comes back in parts, they add up in total, tax and discount") {
  const std::vector<std::vector<int64_t>> kCuts = {
      {7000}, {1, 6999}, {6999, 1}, {1000, 1000, 1000, 1000, 1000, 1000, 1000}, {3333, 3333, 334}, {1, 1, 1, 6997}};
  for (const auto& cut : kCuts)
    for (const bool tax_within : {true, false}) check_cut(cut, tax_within, domain::Rounding::line);
  check_cut(kCuts[3], true, domain::Rounding::order);
}

TEST_CASE("a return is an order of its own and leaves the sale as it was") {
  ShopFixture shop;
  const Product cup = shop.add_product("Cup", 1999, 5);
  const Order sale = shop.sold({line(cup, 2000)});
  REQUIRE(shop.change(cup, R"({"price":5000})").ok());  // what was paid comes back, not what it costs now
  const Order back = shop.take_back(sale.id, {of(sale.lines[0], 1000)})->order;
  CHECK(back.kind == domain::OrderKind::return_);
  CHECK(back.of_order_id == sale.id);
  CHECK(back.receipt_n == 2);
  CHECK(back.total == -1999);
  CHECK(back.change == 0);
  CHECK(back.reason == "too small");
  CHECK(back.lines[0].of_line_id == sale.lines[0].id);
  CHECK(back.lines[0].moved == 1000);
  CHECK(back.payments[0].status == domain::PaymentStatus::refunded);
  CHECK(to_json(shop.order(sale.id)) == to_json(sale));
  CHECK(to_json(shop.order(back.id)) == to_json(back));
}

TEST_CASE("goods that are not put back on the shelf move no stock") {
  ShopFixture shop;
  const Product cup = shop.add_product("Cup", 1999, 5);
  const Order sale = shop.sold({line(cup, 3000)});
  const Order back = shop.take_back(sale.id, {of(sale.lines[0], 1000, false), of(sale.lines[0], 1000)})->order;
  CHECK(back.lines[0].moved == 0);
  CHECK(back.lines[1].moved == 1000);
  CHECK(back.total == -3998);
  CHECK(shop.on_hand(cup) == 3000);
  shop.check_books();
}

TEST_CASE("no more comes back than was sold, also not twice in one return") {
  ShopFixture shop;
  const Product cup = shop.add_product("Cup", 333, 5);
  const Order sale = shop.sold({line(cup, 3000), line(cup, 1000)});
  const OrderLine &three = sale.lines[0], &one = sale.lines[1];
  const std::vector<std::vector<domain::ReturnLineDraft>> kTooMuch = {
      {of(three, 3001)}, {of(three, 2000), of(three, 1001)}, {of(one, 1000), of(three, 1), of(one, 1)}};
  for (const auto& lines : kTooMuch) {
    const auto refused = shop.take_back(sale.id, lines);
    CHECK(refused.error().code == Code::conflict);
    CHECK(refused.error().reason == "over_returned");
  }
  const Order back = shop.take_back(sale.id, {of(three, 1000), of(three, 1999)})->order;
  CHECK(back.total == -(999 - 0));  // 2.999 of 3 is the whole price, rounded
  CHECK(shop.take_back(sale.id, {of(three, 2)}).error().reason == "over_returned");
  CHECK(shop.take_back(sale.id, {of(three, 1), of(one, 1000)})->order.total == -333);
  CHECK(shop.on_hand(cup) == 5000);
  shop.check_books();
}

TEST_CASE("what cannot be taken back") {
  ShopFixture shop;
  const Product cup = shop.add_product("Cup", 1999, 50);
  const Order sale = shop.sold({line(cup), line(cup)}), other = shop.sold({line(cup)});
  const auto refused = shop.take_back(sale.id, {of(other.lines[0], 1000),
                                                {.line_id = sale.id, .quantity = 1},
                                                {.line_id = sale.id.child(3), .quantity = 1},
                                                of(sale.lines[0], 1),
                                                {.line_id = {}, .quantity = 1}});
  CHECK(faults(refused.error()) == Faulty{"/lines/0/line_id unknown_line", "/lines/1/line_id unknown_line",
                                          "/lines/2/line_id unknown_line", "/lines/4/line_id unknown_line"});
  CHECK(faults(shop.take_back(sale.id, {}).error()) == Faulty{"/lines required"});
  CHECK(shop.take_back(shop.ids.next(), {of(sale.lines[0], 1)}).error().code == Code::not_found);
  const Order back = shop.take_back(sale.id, {of(sale.lines[0], 1000)})->order;
  CHECK(shop.take_back(back.id, {of(back.lines[0], 1000)}).error().reason == "not_a_sale");
  const Order undone = shop.void_sale(other.id)->order;
  CHECK(shop.take_back(other.id, {of(other.lines[0], 1000)}).error().reason == "voided");
  CHECK(shop.take_back(undone.id, {of(undone.lines[0], 1000)}).error().reason == "not_a_sale");
  CHECK(shop.number("SELECT count(*) FROM orders") == 4);
  shop.check_books();
}

TEST_CASE("without its sale goods come back at the list price, or at what is said to have been paid") {
  ShopFixture shop;
  const Product cup = shop.add_product("Cup", 1999, 5), bag = shop.add_product("Bag", 100);
  domain::BlindLineDraft listed, paid_less, broken;
  listed.product_id = cup.id;
  listed.quantity = 2000;
  paid_less.sku = "Cup";
  paid_less.unit_price = 1500;
  paid_less.discount = 500;
  broken.product_id = bag.id;
  broken.restock = false;
  const Order back = shop.take_back_blind({listed, paid_less, broken})->order;
  CHECK(back.total == -(3998 + 1000 + 100));
  CHECK(back.discount == -500);
  CHECK(back.lines[0].quantity == -2000);
  CHECK_FALSE(back.of_order_id);
  CHECK_FALSE(back.lines[0].of_line_id);
  CHECK(back.payments[0].amount == back.total);
  check_sums(back);
  CHECK(shop.on_hand(cup) == 8000);
  CHECK(shop.on_hand(bag) == 0);
  CHECK(to_json(shop.order(back.id)) == to_json(back));

  domain::BlindLineDraft nobody, too_much = listed;
  too_much.discount = 3999;
  CHECK(faults(shop.take_back_blind({listed, nobody}).error()) == Faulty{"/lines/1 one_of"});
  CHECK(faults(shop.take_back_blind({listed, too_much}).error()) == Faulty{"/lines/1/discount range"});
  CHECK(faults(shop.take_back_blind({}).error()) == Faulty{"/lines required"});
  shop.check_books();
}

TEST_CASE("a void undoes a sale: goods, money and status, with a receipt of its own") {
  ShopFixture shop;
  const Product cup = shop.add_product("Cup", 1999, 5), bag = shop.add_product("Bag", 100);
  const domain::OrderDraft draft{.lines = {line(cup, 2000), line(bag)},
                                 .payments = {{.tendered = 4000}, {.tendered = 1000}}};
  const Order sale = shop.sell(draft)->order;
  shop.clock.advance_ms(60'000);
  const Order undone = shop.void_sale(sale.id)->order;
  CHECK(undone.kind == domain::OrderKind::void_);
  CHECK(undone.of_order_id == sale.id);
  CHECK(undone.total == -4098);
  CHECK(undone.subtotal == -4098);
  CHECK(undone.payments[0].amount == -4000);
  CHECK(undone.payments[1].amount == -98);
  check_sums(undone);
  CHECK(shop.on_hand(cup) == 5000);
  CHECK(shop.on_hand(bag) == 0);
  const Order now = shop.order(sale.id);
  CHECK(now.status == domain::OrderStatus::voided);
  CHECK(now.version > sale.version);
  CHECK(now.updated_at > sale.updated_at);
  CHECK(now.receipt_number == sale.receipt_number);
  CHECK(to_json(shop.order(undone.id)) == to_json(undone));
  shop.check_books();
}

TEST_CASE("what cannot be voided") {
  ShopFixture shop;
  const Product cup = shop.add_product("Cup", 1999, 50);
  const Order sale = shop.sold({line(cup)}), returned = shop.sold({line(cup)}), late = shop.sold({line(cup)});
  const Order undone = shop.void_sale(sale.id)->order;
  const Order back = shop.take_back(returned.id, {of(returned.lines[0], 1)})->order;
  for (const Order& order : {sale, undone, returned, back}) {
    const auto refused = shop.void_sale(order.id);
    CHECK(refused.error().code == Code::conflict);
    CHECK(refused.error().reason == "not_voidable");
  }
  CHECK(shop.void_sale(shop.ids.next()).error().code == Code::not_found);
  shop.clock.advance_ms(kDay_ms);
  CHECK(shop.void_sale(late.id).error().reason == "not_voidable");
  CHECK(shop.take_back(late.id, {of(late.lines[0], 1000)}).ok());
  shop.check_books();
}

TEST_CASE("a day ends when the shop says so") {
  services::Settings settings;
  settings.day_starts_min = 240;  // a bar: until four in the morning
  ShopFixture shop(settings);
  const Product beer = shop.add_product("Beer", 450, 50);
  shop.clock.set({1'767'657'000'000});  // 23:50 UTC
  const Order before = shop.sold({line(beer)}), other = shop.sold({line(beer)});
  shop.clock.advance_ms(3 * 3'600'000);
  CHECK(shop.void_sale(before.id).ok());
  shop.clock.advance_ms(3 * 3'600'000);
  CHECK(shop.void_sale(other.id).error().reason == "not_voidable");
}
