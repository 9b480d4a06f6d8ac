// What a sale costs and how it is paid: rows with the cents worked out by hand, and what must hold for any sale.
#include "domain/totals.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>

using namespace till;
using namespace till::domain;

namespace {

OrderLine made(int64_t price, int64_t quantity, int64_t discount = 0, int64_t rate = 190'000) {
  OrderLine line;
  line.unit_price = price;
  line.quantity = quantity;
  line.discount = discount;
  line.tax_rate = rate;
  return line;
}

Order priced(std::vector<OrderLine> lines, PriceRules rules = {}) {
  Order order;
  order.lines = std::move(lines);
  REQUIRE(price_order(order, rules).ok());
  return order;
}

Order due(int64_t total, const std::vector<int64_t>& tendered) {
  Order order;
  order.total = total;
  for (const int64_t amount : tendered) order.payments.push_back({.tendered = amount});
  return order;
}

rc::Gen<OrderLine> any_line() {
  return rc::gen::exec([] {
    const auto price = *rc::gen::weightedOneOf<int64_t>(
        {{8, rc::gen::inRange<int64_t>(0, 100'000)}, {1, rc::gen::inRange<int64_t>(0, kMaxPrice + 1)}});
    const auto quantity = *rc::gen::weightedOneOf<int64_t>(
        {{8, rc::gen::inRange<int64_t>(1, 20'000)}, {1, rc::gen::inRange<int64_t>(1, kMaxQuantity + 1)}});
    const int64_t amount = mul_div(price, quantity, kQuantityOne);
    const auto rate = *rc::gen::element<int64_t>(0, 70'000, 190'000, 1'000'000);
    return made(price, quantity, *rc::gen::inRange<int64_t>(0, amount + 1), rate);
  });
}

void check_sums(const Order& order, const PriceRules& rules) {
  int64_t total = 0, tax = 0, discount = 0;
  for (const OrderLine& line : order.lines) {
    total += line.total;
    tax += line.tax;
    discount += line.discount;
    RC_ASSERT(line.total >= 0);
    RC_ASSERT(line.tax >= 0);
    RC_ASSERT(line.tax <= line.total);
  }
  RC_ASSERT(order.total == total);
  RC_ASSERT(order.tax == tax);
  RC_ASSERT(order.discount == discount);
  RC_ASSERT(order.subtotal - order.discount + (rules.prices_include_tax ? 0 : order.tax) == order.total);
}

}  // namespace

TEST_CASE("lines to totals, to the cent") {
  Order inclusive = priced({made(1999, 1000), made(333, 1500, 10, 70'000)});
  CHECK(inclusive.lines[0].tax == 319);
  CHECK(inclusive.lines[1].total == 490);  // 333 × 1.5 = 499.5, rounded away from zero, less 10
  CHECK(inclusive.lines[1].tax == 32);
  CHECK(inclusive.subtotal == 2499);
  CHECK(inclusive.discount == 10);
  CHECK(inclusive.tax == 351);
  CHECK(inclusive.total == 2489);

  Order exclusive = priced({made(1999, 1000), made(333, 1500, 10, 70'000)}, {.prices_include_tax = false});
  CHECK(exclusive.lines[0].total == 2379);
  CHECK(exclusive.lines[1].total == 524);
  CHECK(exclusive.subtotal == 2499);
  CHECK(exclusive.tax == 414);
  CHECK(exclusive.total == 2903);
}

TEST_CASE("rounding per order rounds the tax of a rate once") {
  const std::vector<OrderLine> three(3, made(10, 1000));  // 1.6 cents of tax in each
  CHECK(priced(three).tax == 6);
  const Order once = priced(three, {.rounding = Rounding::order});
  CHECK(once.tax == 5);  // 30 × 19 / 119 = 4.79
  CHECK(once.lines[0].tax == 2);
  CHECK(once.lines[2].tax == 1);
  CHECK(once.total == 30);
  const Order rates =
      priced({made(10, 1000), made(10, 1000, 0, 70'000), made(10, 1000)}, {.rounding = Rounding::order});
  CHECK(rates.lines[1].tax == 1);  // on its own: 0.65
  CHECK(rates.lines[0].tax + rates.lines[2].tax == 3);
}

TEST_CASE("a discount takes a line to nothing, but not below") {
  CHECK(priced({made(500, 2000, 1000)}).total == 0);
  Order order;
  order.lines = {made(500, 1000), made(500, 2000, 1001)};
  const Status refused = price_order(order, {});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().fields[0].pointer == "/lines/1/discount");
}

TEST_CASE("the dearest order there can be fits") {
  const std::vector<OrderLine> lines(kMaxLines, made(kMaxPrice, kMaxQuantity, 0, kPpm));
  const Order order = priced(lines, {.prices_include_tax = false});
  CHECK(order.subtotal == 2'000'000'000'000'000'000);
  CHECK(order.total == 4'000'000'000'000'000'000);
}

TEST_CASE("property: whatever is sold, gross is net and tax, and the total is that of the lines") {
  CHECK(rc::check("price_order", [] {
    const auto lines = *rc::gen::nonEmpty(rc::gen::container<std::vector<OrderLine>>(any_line()));
    const PriceRules rules{.prices_include_tax = *rc::gen::arbitrary<bool>(),
                           .rounding = *rc::gen::element(Rounding::line, Rounding::order)};
    Order order;
    order.lines = lines;
    RC_ASSERT(price_order(order, rules).ok());
    check_sums(order, rules);
  }));
}

TEST_CASE("property: rounded per order, the tax of a rate is that of its sum") {
  CHECK(rc::check("tax by rate", [] {
    Order order;
    order.lines = *rc::gen::nonEmpty(rc::gen::container<std::vector<OrderLine>>(any_line()));
    RC_ASSERT(price_order(order, {.rounding = Rounding::order}).ok());
    std::map<int64_t, std::pair<int64_t, int64_t>> by_rate;
    for (const OrderLine& line : order.lines) {
      by_rate[line.tax_rate].first += line.total;
      by_rate[line.tax_rate].second += line.tax;
    }
    for (const auto& [rate, sums] : by_rate) RC_ASSERT(sums.second == tax_within(sums.first, rate));
  }));
}

TEST_CASE("cash: what is tendered, what of it pays, what goes back") {
  struct Row {
    int64_t total;
    std::vector<int64_t> tendered, amounts;
    int64_t change;
  };
  const Row kRows[] = {{1000, {1000}, {1000}, 0},
                       {1000, {5000}, {1000}, 4000},
                       {1000, {400, 600}, {400, 600}, 0},
                       {1000, {400, 2000}, {400, 600}, 1400},
                       {1000, {0, 1000}, {0, 1000}, 0},
                       {0, {0}, {0}, 0},
                       {0, {500}, {0}, 500},
                       {1, {1'000'000'000'000}, {1}, 999'999'999'999}};
  for (const Row& row : kRows) {
    Order order = due(row.total, row.tendered);
    CAPTURE(row.total);
    REQUIRE(settle(order).ok());
    for (size_t i = 0; i < row.amounts.size(); ++i) CHECK(order.payments[i].amount == row.amounts[i]);
    CHECK(order.change == row.change);
  }
}

TEST_CASE("cash that is too little or in vain is refused") {
  Order little = due(1000, {400, 599});
  CHECK(settle(little).error().reason == "underpaid");
  Order none = due(1000, {});
  CHECK(settle(none).error().reason == "underpaid");
  Order vain = due(1000, {1000, 1});
  CHECK(settle(vain).error().fields[0].pointer == "/payments/1");
  Order also_vain = due(1000, {500, 600, 0});
  CHECK(settle(also_vain).error().fields[0].code == "not_needed");
}
