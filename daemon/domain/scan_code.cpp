#include "domain/scan_code.h"

#include <algorithm>

namespace till::domain {
namespace {

constexpr size_t kLength = 13;
constexpr std::string_view kContents = "PWN";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_number(std::string_view code) { return std::all_of(code.begin(), code.end(), is_digit); }

// From the right, the check digit itself first, the weights are 1, 3, 1, 3 …
bool check_digit_fits(std::string_view digits) {
  int sum = 0;
  int weight = 1;
  for (auto at = digits.rbegin(); at != digits.rend(); ++at) {
    sum += weight * (*at - '0');
    weight = 4 - weight;
  }
  return sum % 10 == 0;
}

// The signs stand in one run: "PPP", not "PPVP".
bool is_one_run(std::string_view pattern, char sign) {
  const size_t first = pattern.find(sign);
  const size_t last = pattern.rfind(sign);
  return first != std::string_view::npos &&
         pattern.substr(first, last - first + 1).find_first_not_of(sign) == std::string_view::npos;
}

// The digits that stand where the pattern has `sign`.
std::string part_of(std::string_view pattern, std::string_view code, char sign) {
  std::string digits;
  for (size_t i = 0; i < kLength; ++i)
    if (pattern[i] == sign) digits += code[i];
  return digits;
}

std::optional<int64_t> number_of(std::string_view pattern, std::string_view code, char sign) {
  const std::string digits = part_of(pattern, code, sign);
  if (digits.empty()) return std::nullopt;
  int64_t number = 0;  // of at most 11 digits
  for (const char c : digits) number = number * 10 + (c - '0');
  return number;
}

bool fits(std::string_view pattern, std::string_view code) {
  for (size_t i = 0; i < kLength; ++i)
    if (is_digit(pattern[i]) && pattern[i] != code[i]) return false;
  return pattern.back() != 'C' || check_digit_fits(code);
}

}  // namespace

Status check_pattern(std::string_view pattern) {
  auto refuse = [](const char* why) { return Error{.code = Code::invalid, .message = why, .reason = "bad_pattern"}; };
  if (pattern.size() != kLength) return refuse("must have 13 signs");
  if (pattern.find_first_not_of("0123456789IPWNVC") != std::string_view::npos)
    return refuse("may only have digits and the letters I, P, W, N, V and C");
  const size_t own = pattern.find_first_not_of("0123456789");
  if (own == 0 || (own != std::string_view::npos && pattern.find_first_of("0123456789", own) != std::string_view::npos))
    return refuse("must begin with its own digits and have no others");
  if (!is_one_run(pattern, 'I')) return refuse("must have the item's digits, I, in one run");
  const auto contents = std::count_if(kContents.begin(), kContents.end(),
                                      [&](char sign) { return pattern.find(sign) != std::string_view::npos; });
  const bool runs = std::all_of(kContents.begin(), kContents.end(), [&](char sign) {
    return pattern.find(sign) == std::string_view::npos || is_one_run(pattern, sign);
  });
  if (contents != 1 || !runs) return refuse("must have one of price P, grams W and pieces N, in one run");
  if (const size_t check = pattern.find('C'); check != std::string_view::npos && check != kLength - 1)
    return refuse("must have its check digit, C, at the end");
  return {};
}

std::optional<Label> read_label(const std::vector<std::string>& patterns, std::string_view code) {
  if (code.size() != kLength || !is_number(code)) return std::nullopt;
  const auto pattern =
      std::find_if(patterns.begin(), patterns.end(), [&](const std::string& one) { return fits(one, code); });
  if (pattern == patterns.end()) return std::nullopt;
  const size_t own = pattern->find_first_not_of("0123456789");
  Label label{.item_code = std::string(code.substr(0, own)) + part_of(*pattern, code, 'I'),
              .price = number_of(*pattern, code, 'P'),
              .quantity = number_of(*pattern, code, 'W')};  // a gram is a thousandth of what is priced, a kilogram
  if (const auto pieces = number_of(*pattern, code, 'N')) label.quantity = *pieces * 1000;
  return label;
}

bool has_wrong_check_digit(std::string_view code) {
  const bool is_gtin = code.size() == 8 || code.size() == 12 || code.size() == 13 || code.size() == 14;
  return is_gtin && is_number(code) && !check_digit_fits(code);
}

}  // namespace till::domain
