// What a sale costs: lines to totals, by the store's rules. Pure; property-tested (tests/domain/totals_test.cpp).
#pragma once

#include "base/result.h"
#include "domain/order.h"

namespace till::domain {

enum class Rounding : uint8_t { line, order };

/// The store's price rules (20-api, Selling rules). Defaults: prices include tax, rounding per line.
struct PriceRules {
  bool prices_include_tax = true;
  Rounding rounding = Rounding::line;
};

/// Fills tax and total of each line (quantity, unit_price, discount and tax_rate are given) and the order's subtotal,
/// discount, tax and total. Always: total = Σ line totals; subtotal − discount (+ tax, if prices exclude it) = total.
/// Error: a discount above the line's amount, with its JSON pointer.
Status price_order(Order& order, const PriceRules& rules);

/// Sets each payment's amount, in order, and the order's change. A card's `amount` is what it is to pay, zero: all that
/// is left. Errors: less than due, more than due by card, or a payment in vain (nothing is left for it).
Status settle(Order& order);

}  // namespace till::domain
