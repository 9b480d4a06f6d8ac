// Money: rounding at the half, products beyond 64 bits, and parts that add up whatever the numbers are.
#include "domain/money.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <numeric>

using namespace till::domain;

namespace {

__extension__ using Wide = __int128;

constexpr int64_t kMost = 1'000'000'000;  // the largest price and quantity (20-api)

int64_t sum(const std::vector<int64_t>& parts) { return std::accumulate(parts.begin(), parts.end(), int64_t{0}); }

}  // namespace

TEST_CASE("a half is rounded away from zero, on both sides") {
  struct Row {
    int64_t a, b, c, result;
  };
  const Row kRows[] = {{1, 1, 2, 1},    {-1, 1, 2, -1}, {3, 1, 2, 2},   {-3, 1, 2, -2}, {1, 1, 3, 0},
                       {2, 1, 3, 1},    {-1, 1, 3, 0},  {-2, 1, 3, -1}, {5, 1, 10, 1},  {4, 1, 10, 0},
                       {-5, 1, 10, -1}, {0, 7, 3, 0},   {1, -1, 2, -1}, {-1, -1, 2, 1}};
  for (const Row& row : kRows) {
    CAPTURE(row.a * row.b);
    CAPTURE(row.c);
    CHECK(mul_div(row.a, row.b, row.c) == row.result);
  }
}

TEST_CASE("products beyond 64 bits are exact") {
  CHECK(mul_div(kMost, kMost, 1000) == 1'000'000'000'000'000);
  CHECK(mul_div(INT64_MAX, INT64_MAX, INT64_MAX) == INT64_MAX);
  CHECK(mul_div(INT64_MIN, 1, 1) == INT64_MIN);
  CHECK(mul_div(-INT64_MAX, INT64_MAX, INT64_MAX) == -INT64_MAX);
  CHECK(tax_within(2 * kMost * kMost, 190'000) == 319'327'731'092'436'975);  // 2,000 of the dearest lines
}

TEST_CASE("property: the result is the nearest whole number, never further than a half") {
  CHECK(rc::check("mul_div", [](int64_t a, int64_t b) {
    const auto c = *rc::gen::inRange<int64_t>(1, kMost);
    const Wide product = static_cast<Wide>(a % kMost) * (b % kMost);
    const Wide off = static_cast<Wide>(mul_div(a % kMost, b % kMost, c)) * c - product;
    RC_ASSERT(2 * off <= c);
    RC_ASSERT(2 * off >= -c);
    if (2 * off == c) RC_ASSERT(product > 0);   // a half goes up here …
    if (2 * off == -c) RC_ASSERT(product < 0);  // … and down there
    RC_ASSERT(mul_div(-(a % kMost), b % kMost, c) == -mul_div(a % kMost, b % kMost, c));
  }));
}

TEST_CASE("tax at a cent: inclusive and on top") {
  CHECK(tax_within(1999, 190'000) == 319);
  CHECK(tax_within(119, 190'000) == 19);
  CHECK(tax_within(1, 190'000) == 0);
  CHECK(tax_within(1999, 0) == 0);
  CHECK(tax_within(2, kPpm) == 1);  // 100 %
  CHECK(tax_on_top(1680, 190'000) == 319);
  CHECK(tax_on_top(50, 10'000) == 1);  // half a cent
  CHECK(tax_on_top(49, 10'000) == 0);
}

TEST_CASE("an amount is spread by largest remainder, earlier parts first") {
  CHECK(spread(100, {1, 1, 1}) == std::vector<int64_t>{34, 33, 33});
  CHECK(spread(-100, {1, 1, 1}) == std::vector<int64_t>{-34, -33, -33});
  CHECK(spread(10, {0, 3, 0}) == std::vector<int64_t>{0, 10, 0});
  CHECK(spread(7, {0, 0}) == std::vector<int64_t>{7, 0});
  CHECK(spread(7, {}).empty());
  CHECK(spread(0, {5, 5}) == std::vector<int64_t>{0, 0});
  CHECK(spread(2, {1, 2, 2}) == std::vector<int64_t>{0, 1, 1});
  CHECK(sum(spread(kMost * kMost, std::vector<int64_t>(2'000, kMost * kMost))) == kMost * kMost);
}

TEST_CASE("property: parts of a spread add up, none is a whole unit off its share or on the wrong side") {
  CHECK(rc::check("spread", [] {
    const auto amount = *rc::gen::inRange<int64_t>(-kMost * 1000, kMost * 1000);
    const auto weights =
        *rc::gen::nonEmpty(rc::gen::container<std::vector<int64_t>>(rc::gen::inRange<int64_t>(0, kMost)));
    const auto parts = spread(amount, weights);
    RC_ASSERT(sum(parts) == amount);
    const Wide all = std::accumulate(weights.begin(), weights.end(), Wide{0});
    if (all == 0) return;
    for (size_t i = 0; i < parts.size(); ++i) {
      const Wide off = static_cast<Wide>(parts[i]) * all - static_cast<Wide>(amount) * weights[i];
      RC_ASSERT(off < all);
      RC_ASSERT(off > -all);
      RC_ASSERT((amount < 0 ? -parts[i] : parts[i]) >= 0);
    }
  }));
}

TEST_CASE("property: however a refund is cut, its parts add up and never turn round") {
  CHECK(rc::check("refund_part", [] {
    const auto all = *rc::gen::inRange<int64_t>(1, kMost);
    const auto total = *rc::gen::inRange<int64_t>(0, kMost * 1000);
    int64_t already = 0, refunded = 0;
    while (already < all) {
      const auto more =
          *rc::gen::weightedOneOf<int64_t>({{9, rc::gen::inRange<int64_t>(1, all / 7 + 2)}, {1, rc::gen::just(all)}});
      const int64_t taken = std::min(more, all - already);
      const int64_t part = refund_part(total, all, already, refunded, taken);
      RC_ASSERT(part >= 0);
      already += taken;
      refunded += part;
      RC_ASSERT(refunded <= total);
    }
    RC_ASSERT(refunded == total);
  }));
}
