#include "base/wire.h"

namespace till {

void ByteWriter::size(uint64_t value) {
  for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<uint8_t>(value | 0x80));
  out_.push_back(static_cast<uint8_t>(value));
}

void ByteWriter::blob(ByteView bytes) {
  size(bytes.size());
  raw(bytes);
}

uint8_t ByteReader::byte() {
  const ByteView one = raw(1);
  return one.empty() ? 0 : one[0];
}

// Only the shortest form is read, so that one value has one encoding and one hash.
uint64_t ByteReader::size() {
  uint64_t value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    const uint8_t group = byte();
    if (failed_) return 0;
    if (shift == 63 && group > 1) break;
    value |= static_cast<uint64_t>(group & 0x7F) << shift;
    if (group & 0x80) continue;
    if (group == 0 && shift > 0) break;
    return value;
  }
  fail();
  return 0;
}

int64_t ByteReader::integer() {
  const uint64_t bits = size();
  return static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1);
}

size_t ByteReader::count(size_t most, size_t least_bytes) {
  const uint64_t found = size();
  if (found > most || found > rest_.size() / std::max<size_t>(least_bytes, 1)) fail();
  return failed_ ? 0 : static_cast<size_t>(found);
}

ByteView ByteReader::raw(size_t length) {
  if (failed_ || length > rest_.size()) {
    fail();
    return {};
  }
  const ByteView taken = rest_.first(length);
  rest_ = rest_.subspan(length);
  return taken;
}

ByteView ByteReader::blob(size_t most) {
  const uint64_t length = size();
  if (length > most) fail();
  return failed_ ? ByteView{} : raw(static_cast<size_t>(length));
}

std::string ByteReader::text(size_t most) {
  const std::string_view found = as_text(blob(most));
  if (!is_utf8(found)) fail();
  return std::string(found);
}

Uuid ByteReader::id() {
  Uuid id;
  const ByteView bytes = raw(id.bytes.size());
  for (size_t i = 0; i < bytes.size(); ++i) id.bytes[i] = bytes[i];
  return id;
}

bool ByteReader::truth() {
  const uint8_t value = byte();
  if (value > 1) fail();
  return !failed_ && value == 1;
}

}  // namespace till
