// Writing and reading of byte grammars: the messages and bodies of sync (sync/core), and whatever else is bytes on a
// wire. A reader never throws and never reads past its end: the first thing that is wrong makes it fail, everything
// after that reads as zero, and the caller asks once, at the end (complete()).
//
//   integer  zigzag, then base 128, least significant group first, at most 10 bytes (as Protocol Buffers' sint64)
//   size     base 128 without zigzag: lengths and counts
//   text     size, UTF-8 bytes         blob  size, bytes         id, hash …  their bytes as they are
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/id.h"

namespace till {

class ByteWriter {
 public:
  explicit ByteWriter(Bytes& out) : out_(out) {}

  void byte(uint8_t value) { out_.push_back(value); }
  void integer(int64_t value) { size(zigzag(value)); }
  void size(uint64_t value);
  void raw(ByteView bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  void blob(ByteView bytes);
  void text(std::string_view text) { blob(as_bytes(text)); }
  void id(const Uuid& id) { raw(id.view()); }

 private:
  static uint64_t zigzag(int64_t value) {
    return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  }

  Bytes& out_;
};

class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : rest_(bytes) {}

  uint8_t byte();
  int64_t integer();
  uint64_t size();
  /// A count of items of which each takes at least `least_bytes`: fails if they cannot all be there, so that a lie
  /// cannot make us reserve memory for them.
  size_t count(size_t most, size_t least_bytes = 1);
  ByteView raw(size_t length);
  ByteView blob(size_t most);
  /// Fails where it is not UTF-8: it will be stored, shown and sent on as text.
  std::string text(size_t most);
  Uuid id();
  template <size_t N>
  std::array<uint8_t, N> fixed() {
    std::array<uint8_t, N> out{};
    const ByteView bytes = raw(N);
    for (size_t i = 0; i < bytes.size(); ++i) out[i] = bytes[i];
    return out;
  }
  /// An enum's number below `end`; fails beyond.
  template <class E>
  E enumerator(E last) {
    const uint8_t value = byte();
    if (value > static_cast<uint8_t>(last)) fail();
    return failed_ ? E{} : static_cast<E>(value);
  }
  bool truth();
  void fail() { failed_ = true; }

  [[nodiscard]] bool failed() const { return failed_; }
  /// True if nothing was wrong and nothing is left over.
  [[nodiscard]] bool complete() const { return !failed_ && rest_.empty(); }
  [[nodiscard]] size_t left() const { return rest_.size(); }

 private:
  ByteView rest_;
  bool failed_ = false;
};

}  // namespace till
