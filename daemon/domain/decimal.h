// Numbers as people write them in files: "2.55". Inside the shop they are integers (domain/money.h); this is the border
// for CSV. Pure. It refuses to guess: no decimal comma, no thousands separator, no exponent, no blank.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace till::domain {

inline constexpr int kQuantityDigits = 3;  // quantities are thousandths

/// Fraction digits of a currency's minor unit (ISO 4217): 2 for most, 0 for JPY, 3 for KWD.
int currency_digits(std::string_view currency);

/// "2.55" with 2 digits → 255; a minus in front is read, zeros beyond the digits lose nothing and are read too.
/// Errors: invalid, with the reason `number`, `too_fine` (more than `digits` fraction digits) or `range`.
Result<int64_t> parse_decimal(std::string_view text, int digits);

/// 255 with 2 digits → "2.55"; of the fraction's last zeros only those within the first `shown` digits are kept.
std::string to_decimal(int64_t value, int digits, int shown);

}  // namespace till::domain
