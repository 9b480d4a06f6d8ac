#include "domain/decimal.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace till::domain {
namespace {

using namespace std::string_view_literals;

// ISO 4217, the currencies in use whose minor unit is not a hundredth.
constexpr std::array kWholes{"BIF"sv, "CLP"sv, "DJF"sv, "GNF"sv, "ISK"sv, "JPY"sv, "KMF"sv, "KRW"sv,
                             "PYG"sv, "RWF"sv, "UGX"sv, "VND"sv, "VUV"sv, "XAF"sv, "XOF"sv, "XPF"sv};
constexpr std::array kThousandths{"BHD"sv, "IQD"sv, "JOD"sv, "KWD"sv, "LYD"sv, "OMR"sv, "TND"sv};

Error refused(const char* reason, std::string message) {
  return {.code = Code::invalid, .message = std::move(message), .reason = reason};
}

bool is_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

int currency_digits(std::string_view currency) {
  if (std::find(kWholes.begin(), kWholes.end(), currency) != kWholes.end()) return 0;
  if (std::find(kThousandths.begin(), kThousandths.end(), currency) != kThousandths.end()) return 3;
  return 2;
}

Result<int64_t> parse_decimal(std::string_view text, int digits) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  const bool cut_off = point < text.size() && fraction.empty();  // "2."
  if (whole.empty() || cut_off || !is_digits(whole) || !is_digits(fraction))
    return refused("number", "must be a number like 2.55");
  fraction = fraction.substr(0, fraction.find_last_not_of('0') + 1);
  const auto places = static_cast<size_t>(digits);
  if (fraction.size() > places)
    return refused("too_fine", "must not have more than " + std::to_string(digits) + " decimals");

  std::string units = (negative ? "-" : "") + std::string(whole) + std::string(fraction);
  units.append(places - fraction.size(), '0');
  int64_t value = 0;
  if (std::from_chars(units.data(), units.data() + units.size(), value).ec != std::errc{})
    return refused("range", "is too large");
  return value;
}

std::string to_decimal(int64_t value, int digits, int shown) {
  const auto places = static_cast<size_t>(digits), kept = static_cast<size_t>(shown);
  std::string text = std::to_string(value);
  const size_t sign = value < 0 ? 1 : 0;
  if (text.size() - sign <= places) text.insert(sign, places + 1 - (text.size() - sign), '0');
  size_t fraction = places;
  while (fraction > kept && text.back() == '0') text.pop_back(), --fraction;
  if (fraction > 0) text.insert(text.size() - fraction, 1, '.');
  return text;
}

}  // namespace till::domain
