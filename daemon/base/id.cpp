#include "base/id.h"

#include <algorithm>

namespace till {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr uint32_t kMaxCounter = 0xfff;

constexpr bool dash_before(size_t byte) { return byte == 4 || byte == 6 || byte == 8 || byte == 10; }

}  // namespace

Uuid Uuid::child(uint16_t n) const {
  Uuid id = *this;
  id.bytes[14] = static_cast<uint8_t>(n >> 8);
  id.bytes[15] = static_cast<uint8_t>(n);
  return id;
}

uint16_t Uuid::child_number() const { return static_cast<uint16_t>(bytes[14] << 8 | bytes[15]); }

void append_uuid(std::string& out, const Uuid& id) {
  char text[36];
  char* at = text;
  for (size_t i = 0; i < id.bytes.size(); ++i) {
    if (dash_before(i)) *at++ = '-';
    *at++ = kHexDigits[id.bytes[i] >> 4];
    *at++ = kHexDigits[id.bytes[i] & 15];
  }
  out.append(text, sizeof(text));
}

std::string to_string(const Uuid& id) {
  std::string out;
  append_uuid(out, id);
  return out;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid id;
  size_t at = 0;
  for (size_t i = 0; i < id.bytes.size(); ++i) {
    if (dash_before(i) && text[at++] != '-') return std::nullopt;
    int high = hex_value(text[at++]);
    int low = hex_value(text[at++]);
    if (high < 0 || low < 0) return std::nullopt;
    id.bytes[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return id;
}

Uuid IdSource::next() {
  Uuid id;
  auto noise = random_bytes<8>(random_);
  std::copy(noise.begin(), noise.end(), id.bytes.begin() + 8);
  int64_t now_ms = clock_.now().ms;

  std::lock_guard lock(mutex_);
  if (now_ms > last_ms_) {
    last_ms_ = now_ms;
    counter_ = 0;
  } else if (++counter_ > kMaxCounter) {  // more than 4,096 in a millisecond: borrow from the next one
    ++last_ms_;
    counter_ = 0;
  }
  for (size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<uint8_t>(last_ms_ >> (40 - 8 * i));
  id.bytes[6] = static_cast<uint8_t>(0x70 | counter_ >> 8);
  id.bytes[7] = static_cast<uint8_t>(counter_);
  id.bytes[8] = static_cast<uint8_t>(0x80 | (id.bytes[8] & 0x3f));
  return id;
}

Uuid IdSource::next_parent() { return next().parent(); }

}  // namespace till
