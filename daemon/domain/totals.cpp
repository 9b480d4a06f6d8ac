#include "domain/totals.h"

#include <algorithm>
#include <map>

namespace till::domain {
namespace {

int64_t tax_of(int64_t base, int64_t rate, bool within) {
  return within ? tax_within(base, rate) : tax_on_top(base, rate);
}

// Rounding per order: the tax of all lines of one rate is rounded once and spread back, so that lines still add up.
void tax_by_rate(std::vector<OrderLine>& lines, const std::vector<int64_t>& bases, bool within) {
  std::map<int64_t, std::vector<size_t>> by_rate;
  for (size_t i = 0; i < lines.size(); ++i) by_rate[lines[i].tax_rate].push_back(i);
  for (const auto& [rate, indexes] : by_rate) {
    int64_t sum = 0;
    std::vector<int64_t> weights;
    for (const size_t i : indexes) {
      sum += bases[i];
      weights.push_back(bases[i]);
    }
    const std::vector<int64_t> taxes = spread(tax_of(sum, rate, within), weights);
    for (size_t k = 0; k < indexes.size(); ++k) lines[indexes[k]].tax = taxes[k];
  }
}

}  // namespace

Status price_order(Order& order, const PriceRules& rules) {
  order.subtotal = order.discount = order.tax = order.total = 0;
  std::vector<int64_t> bases;
  bases.reserve(order.lines.size());
  for (size_t i = 0; i < order.lines.size(); ++i) {
    OrderLine& line = order.lines[i];
    const int64_t amount = mul_div(line.unit_price, line.quantity, kQuantityOne);
    if (line.discount > amount)
      return invalid_field("/lines/" + std::to_string(i) + "/discount", "range", "is more than the line's amount");
    bases.push_back(amount - line.discount);
    order.subtotal += amount;
    order.discount += line.discount;
    if (rules.rounding == Rounding::line) line.tax = tax_of(bases[i], line.tax_rate, rules.prices_include_tax);
  }
  if (rules.rounding == Rounding::order) tax_by_rate(order.lines, bases, rules.prices_include_tax);
  for (size_t i = 0; i < order.lines.size(); ++i) {
    OrderLine& line = order.lines[i];
    line.total = bases[i] + (rules.prices_include_tax ? 0 : line.tax);
    order.tax += line.tax;
    order.total += line.total;
  }
  return {};
}

Status settle(Order& order) {
  int64_t due = order.total;
  order.change = 0;
  for (size_t i = 0; i < order.payments.size(); ++i) {
    Payment& payment = order.payments[i];
    const std::string pointer = "/payments/" + std::to_string(i);
    if (due == 0 && (i > 0 || payment.method == Tender::card))
      return invalid_field(pointer, "not_needed", "nothing is left to pay");
    if (payment.method == Tender::card) {
      if (payment.amount > due) return invalid_field(pointer + "/amount", "overpaid", "is more than is left to pay");
      if (payment.amount == 0) payment.amount = due;
      payment.tendered = payment.amount;
    } else {
      payment.amount = std::min(due, payment.tendered);
    }
    due -= payment.amount;
    order.change += payment.tendered - payment.amount;
  }
  if (due == 0) return {};
  Error error = invalid_field("/payments", "underpaid", std::to_string(due) + " is left to pay");
  error.reason = "underpaid";
  return error;
}

}  // namespace till::domain
