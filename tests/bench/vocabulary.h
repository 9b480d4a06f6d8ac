// The words that the bench's products have and that it searches for: 4,096 of two to four syllables, the first ones
// far more often than the last, as in any catalogue.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace till::bench {

inline std::string word(uint64_t n) {
  constexpr std::string_view kBegin = "bdfghklmnprstvwz", kRest = "aeiou";
  std::string text;
  for (uint64_t syllables = 2 + n % 3, bits = n * 2'654'435'761U; syllables > 0; --syllables, bits /= 80) {
    text += kBegin[bits % 16];
    text += kRest[bits / 16 % 5];
  }
  return text;
}

inline std::string some_word(std::mt19937_64& random) {
  const double even = static_cast<double>(random() >> 11) / 9'007'199'254'740'992.0;  // 0 … 1
  return word(static_cast<uint64_t>(4096 * even * even * even));
}

inline std::string some_words(std::mt19937_64& random, int count) {
  std::string text = some_word(random);
  for (int n = 1; n < count; ++n) text += " " + some_word(random);
  return text;
}

}  // namespace till::bench
