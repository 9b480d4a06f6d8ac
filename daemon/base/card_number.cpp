#include "base/card_number.h"

#include <array>
#include <cstddef>

namespace till {
namespace {

bool luhn_valid(const char* digits, size_t count) {
  int sum = 0;
  for (size_t i = 0; i < count; ++i) {
    int d = digits[count - 1 - i] - '0';
    if (i % 2 == 1) {
      d *= 2;
      if (d > 9) d -= 9;
    }
    sum += d;
  }
  return sum % 10 == 0;
}

int leading(const char* digits, size_t count) {
  int value = 0;
  for (size_t i = 0; i < count; ++i) value = value * 10 + (digits[i] - '0');
  return value;
}

// ISO/IEC 7812 ranges in use: Visa 4, Mastercard 51-55 and 2221-2720, American Express 34 and 37, Diners 300-305, 36
// and 38, Discover 6011, 644-649 and 65, JCB 3528-3589, UnionPay 62, Maestro 50, 56-58 and 67.
bool known_issuer(const char* digits) {
  const int p1 = leading(digits, 1), p2 = leading(digits, 2), p3 = leading(digits, 3), p4 = leading(digits, 4);
  auto within = [](int value, int low, int high) { return value >= low && value <= high; };
  return p1 == 4 || within(p2, 51, 55) || within(p4, 2221, 2720) || p2 == 34 || p2 == 37 || within(p3, 300, 305) ||
         p2 == 36 || p2 == 38 || p4 == 6011 || within(p3, 644, 649) || p2 == 65 || within(p4, 3528, 3589) || p2 == 62 ||
         p2 == 50 || within(p2, 56, 58) || p2 == 67;
}

// Every window is tried: a number may stand between other digits ("order 12 4111 1111 …").
bool window_holds_card(const char* digits, size_t count) {
  for (size_t start = 0; start + 14 <= count; ++start) {
    if (!known_issuer(digits + start)) continue;
    for (size_t length = 14; length <= 19 && start + length <= count; ++length)
      if (luhn_valid(digits + start, length)) return true;
  }
  return false;
}

}  // namespace

bool has_card_number(std::string_view text) {
  if (text.size() < 14) return false;
  std::array<char, 64> run;  // the last digits of the current run; longer runs slide
  size_t count = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : 'x';
    if (c >= '0' && c <= '9') {
      if (count == run.size()) {
        if (window_holds_card(run.data(), count)) return true;
        for (size_t k = 0; k < 18; ++k) run[k] = run[count - 18 + k];
        count = 18;
      }
      run[count++] = c;
    } else if (c != ' ' && c != '-') {
      if (window_holds_card(run.data(), count)) return true;
      count = 0;
    }
  }
  return false;
}

}  // namespace till
