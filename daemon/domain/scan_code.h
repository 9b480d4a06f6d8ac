// What a scanned code says beyond itself. Scales and label printers put a price, a weight or a count into a code of 13
// digits that begins with 2; how the digits are divided is each shop's affair, so it is data (`scan.patterns`), one
// pattern a kind of label, first match first:
//
//   "21IIIIIPPPPPC"    0-9 as it stands    I item    P price in minor units    W grams    N pieces    V ignored
//                      C check digit of the whole code, verified
//
// Pure; used by the catalogue and by sales, and by settings to refuse a pattern that means nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace till::domain {

struct Label {
  std::string item_code{};            // the pattern's own digits and the item's: the barcode that the product has
  std::optional<int64_t> price{};     // of what the label is on, in minor units
  std::optional<int64_t> quantity{};  // thousandths: of a kilogram or of a piece
};

/// Refuses a pattern that is not 13 signs long, does not begin with a digit, has no item, or does not have exactly one
/// of price, weight and pieces, each in one run of digits, or whose C is not the last. Error: invalid, with the reason.
Status check_pattern(std::string_view pattern);

/// What the first of `patterns` (all of them checked) that fits reads in `code`; nullopt: it is no label.
std::optional<Label> read_label(const std::vector<std::string>& patterns, std::string_view code);

/// True for a GTIN (8, 12, 13 or 14 digits; GS1 General Specifications 7.9) whose last digit is not what the others
/// make. A code that is no GTIN has no check digit and is never wrong.
bool has_wrong_check_digit(std::string_view code);

}  // namespace till::domain
