// Small texts: times, ids, hexadecimal, base64url, decimals, card numbers, UTF-8, label patterns and scanned codes. One
// value has one spelling where the header says so, and every number that is read is written as a text that reads back.
//
//   input = text | LF | label pattern | LF | code
#include "base/card_number.h"
#include "base/clock.h"
#include "domain/decimal.h"
#include "domain/journal.h"
#include "domain/scan_code.h"
#include "fuzz/fuzz.h"

namespace till::fuzz {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

/// RFC 3629 once more, character by character: what its table of well-formed sequences says.
bool is_well_formed(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    auto at = [&](size_t n) { return i + n < text.size() ? static_cast<unsigned char>(text[i + n]) : 0u; };
    const unsigned first = at(0);
    const size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    unsigned code = length == 1 ? first : first & (0xFFu >> (length + 1));
    for (size_t n = 1; n < length; ++n) {
      if ((at(n) & 0xC0) != 0x80) return false;
      code = code << 6 | (at(n) & 0x3F);
    }
    constexpr unsigned kLeast[] = {1, 0x80, 0x800, 0x10000};
    const bool stray = (first >= 0x80 && first < 0xC0) || first >= 0xF8;
    if (stray || code < kLeast[length - 1] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
    i += length;
  }
  return true;
}

void check_spellings(std::string_view text) {
  TILL_ASSERT(is_utf8(text) == is_well_formed(text));
  TILL_ASSERT(is_well_formed(text.substr(0, utf8_prefix(text))));
  if (const auto bytes = from_hex(text)) TILL_ASSERT(to_hex(*bytes) == lower(text));
  if (const auto bytes = from_base64url(text)) TILL_ASSERT(to_base64url(*bytes) == text);
  TILL_ASSERT(from_hex(to_hex(as_bytes(text))).value() == Bytes(as_bytes(text).begin(), as_bytes(text).end()));
  TILL_ASSERT(from_base64url(to_base64url(as_bytes(text))).has_value());
  if (const auto id = parse_uuid(text)) TILL_ASSERT(to_string(*id) == lower(text));
  if (const auto time = parse_rfc3339(text)) {
    const std::string written = to_rfc3339(*time);
    const auto again = parse_rfc3339(written);
    TILL_ASSERT(again && to_rfc3339(*again) == written);
    const bool in_range = time->ms >= -62'167'219'200'000 && time->ms <= 253'402'300'799'999;
    TILL_ASSERT(*again == *time || !in_range);  // an offset may reach into a year that has no name
  }
  if (const auto number = domain::read_receipt_number("A1", text)) {
    TILL_ASSERT(domain::receipt_number("A1", number->tag, number->n) == text);
    TILL_ASSERT(domain::epoch_tag(domain::epoch_of_tag(number->tag).value()) == number->tag);
  }
  for (const int digits : {0, 2, 3}) {
    const auto value = domain::parse_decimal(text, digits);
    if (!value.ok()) continue;
    TILL_ASSERT(domain::parse_decimal(domain::to_decimal(*value, digits, digits), digits).value() == *value);
    TILL_ASSERT(domain::parse_decimal(domain::to_decimal(*value, digits, 0), digits).value() == *value);
  }
}

/// The digits with the right check digit behind them, written down once more by GS1's words.
bool gtin_fits(std::string_view code) {
  int sum = 0;
  for (size_t i = 0; i < code.size(); ++i) sum += (code[code.size() - 1 - i] - '0') * (i % 2 == 1 ? 3 : 1);
  return sum % 10 == 0;
}

void check_code(const std::string& pattern, std::string_view code) {
  const bool digits = std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
  const bool gtin = digits && (code.size() == 8 || (code.size() >= 12 && code.size() <= 14));
  TILL_ASSERT(domain::has_wrong_check_digit(code) == (gtin && !gtin_fits(code)));
  if (!domain::check_pattern(pattern).ok()) return;
  const auto label = domain::read_label({pattern}, code);
  if (!label) return;
  TILL_ASSERT(digits && code.size() == 13 && label->price.has_value() != label->quantity.has_value());
  TILL_ASSERT(!label->item_code.empty() && label->item_code.size() < 13);
  TILL_ASSERT(label->price.value_or(0) >= 0 && label->quantity.value_or(0) >= 0);
  TILL_ASSERT(pattern.back() != 'C' || gtin_fits(code));
}

}  // namespace

void run(Input in) {
  const std::string_view text = in.line();
  check_spellings(text);
  const bool found = has_card_number(text);
  TILL_ASSERT(!found || text.size() >= 14);
  TILL_ASSERT(has_card_number(std::string(text) + "x 4242 4242-4242 4242"));  // whatever stands before it
  const std::string pattern(in.line());
  check_code(pattern, in.text());
}

}  // namespace till::fuzz
