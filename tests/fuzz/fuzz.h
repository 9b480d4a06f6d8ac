// What all fuzz targets share. A target is one file that defines run(): it takes its input apart, gives it to a parser
// of the product and asserts (TILL_ASSERT) what has to hold of whatever comes out. Its main is libFuzzer's in the build
// of the fuzzers, and replay.cpp in all others, where the corpus is a unit test.
#pragma once

#include <algorithm>
#include <string_view>

#include "base/bytes.h"
#include "base/id.h"

namespace till::fuzz {

/// Any bytes, read from the front. What is asked for beyond the end is zero or empty.
class Input {
 public:
  explicit Input(ByteView bytes) : rest_(bytes) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  ByteView take(size_t most) {
    const ByteView taken = rest_.first(std::min(most, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  uint8_t byte() {
    const ByteView one = take(1);
    return one.empty() ? uint8_t{0} : one[0];
  }
  bool flag() { return (byte() & 1) != 0; }
  /// 0 to `end` - 1.
  size_t below(size_t end) { return byte() % end; }
  // Little endian, as hex editors show it.
  int64_t integer() { return static_cast<int64_t>(bits(8)); }
  size_t small() { return static_cast<size_t>(bits(2)); }
  Uuid id() {
    Uuid id;
    const ByteView bytes = take(id.bytes.size());
    std::copy(bytes.begin(), bytes.end(), id.bytes.begin());
    return id;
  }
  /// Up to the next line feed, which is taken too: inputs of text can be read and written by people.
  std::string_view line() {
    const std::string_view all = as_text(rest_);
    const std::string_view line = all.substr(0, all.find('\n'));
    take(line.size() + 1);
    return line;
  }
  ByteView rest() { return take(rest_.size()); }
  std::string_view text() { return as_text(rest()); }

 private:
  uint64_t bits(size_t bytes) {
    uint64_t bits = 0;
    int shift = 0;
    for (const uint8_t b : take(bytes)) bits |= uint64_t{b} << shift, shift += 8;
    return bits;
  }

  ByteView rest_;
};

/// One input. Returns, whatever it is, and leaves nothing behind.
void run(Input in);

}  // namespace till::fuzz
