// Money is integers (D8): minor units, thousandths of a quantity, tax rates in parts per million. Products are taken in
// 128 bits, so that no price × quantity within the limits can overflow.
#pragma once

#include <cstdint>
#include <vector>

namespace till::domain {

inline constexpr int64_t kQuantityOne = 1000;  // one piece
inline constexpr int64_t kPpm = 1'000'000;     // 100 %

/// a × b / c, rounded half away from zero. c > 0; the result must fit int64 (prices and quantities ≤ 10^9 always do).
constexpr int64_t mul_div(int64_t a, int64_t b, int64_t c) {
  __extension__ using Wide = __int128;
  const Wide product = static_cast<Wide>(a) * b;
  const Wide half = c / 2;
  return static_cast<int64_t>((product + (product < 0 ? -half : half)) / c);
}

/// The tax contained in a gross amount at `rate_ppm`.
constexpr int64_t tax_within(int64_t gross_minor, int64_t rate_ppm) {
  return mul_div(gross_minor, rate_ppm, kPpm + rate_ppm);
}
/// The tax that comes on top of a net amount.
constexpr int64_t tax_on_top(int64_t net_minor, int64_t rate_ppm) { return mul_div(net_minor, rate_ppm, kPpm); }

/// Spreads `amount` over weights so that the parts add up exactly: each gets its floor, the rest goes one by one to
/// the largest remainders, earlier ones first. Weights ≥ 0; all zero: everything goes to the first.
std::vector<int64_t> spread(int64_t amount, const std::vector<int64_t>& weights);

/// What is due for `more` of `all` units of a line worth `total`, when `already` units gave back `refunded`:
/// round(total × (already + more) / all) − refunded, so that the parts of a refund add up to the whole (20-api).
constexpr int64_t refund_part(int64_t total, int64_t all, int64_t already, int64_t refunded, int64_t more) {
  return mul_div(total, already + more, all) - refunded;
}

}  // namespace till::domain
