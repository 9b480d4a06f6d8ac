#include "sync/core/seal.h"

#include <zlib.h>

#include "crypto/hash.h"

namespace till::core {
namespace {

constexpr uint8_t kFormat = 1;
constexpr uint8_t kDeflated = 1;
constexpr size_t kMacBytes = 16;
constexpr size_t kFrame = 2 + kMacBytes;
constexpr size_t kSmall = 64;  // not worth deflating

Error refused(Code code, const char* reason) {
  return {.code = code, .message = "A message of sync was refused", .reason = reason};
}

std::array<uint8_t, kMacBytes> mac_of(const Key& key, std::string_view topic, uint8_t flags, ByteView content) {
  Bytes head(as_bytes(topic).begin(), as_bytes(topic).end());
  head.insert(head.end(), {0, kFormat, flags});
  head.insert(head.end(), content.begin(), content.end());
  const crypto::Digest whole = crypto::hmac_sha256(key, head);
  std::array<uint8_t, kMacBytes> mac;
  std::copy_n(whole.begin(), mac.size(), mac.begin());
  return mac;
}

// Raw deflate: the zlib header and checksum would be 6 bytes more, and the HMAC checks better. Nothing if it does not
// help.
Bytes deflated(ByteView content) {
  if (content.size() < kSmall) return {};
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  Bytes out(content.size());
  stream.next_in = const_cast<Bytef*>(content.data());  // zlib's signature; it does not write there
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int ended = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return ended == Z_STREAM_END ? out : Bytes{};
}

// At most kMaxContent: a bomb ends there.
Result<Bytes> inflated(ByteView packed) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return refused(Code::internal, "inflate");
  Bytes out(std::min(kMaxContent, std::max<size_t>(packed.size() * 4, 1024)));
  stream.next_in = const_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  int ended = Z_OK;
  for (;;) {
    stream.next_out = out.data() + stream.total_out;
    stream.avail_out = static_cast<uInt>(out.size() - stream.total_out);
    ended = inflate(&stream, Z_NO_FLUSH);
    if (ended != Z_OK || stream.avail_out > 0 || out.size() >= kMaxContent) break;
    out.resize(std::min(kMaxContent, out.size() * 2));
  }
  const bool whole = ended == Z_STREAM_END && stream.avail_in == 0;
  out.resize(stream.total_out);
  inflateEnd(&stream);
  if (!whole) return refused(Code::invalid, "inflate");
  return out;
}

struct Frame {
  uint8_t flags = 0;
  ByteView mac;
  ByteView content;
};

Result<Frame> read_frame(ByteView payload) {
  if (payload.size() > kMaxPayload) return refused(Code::invalid, "oversized");
  if (payload.size() <= kFrame) return refused(Code::invalid, "truncated");
  if (payload[0] != kFormat || payload[1] > kDeflated) return refused(Code::invalid, "format");
  return Frame{payload[1], payload.subspan(2, kMacBytes), payload.subspan(kFrame)};
}

Status check_mac(const Frame& frame, const Key& key, std::string_view topic) {
  if (crypto::constant_time_equal(frame.mac, mac_of(key, topic, frame.flags, frame.content))) return {};
  return refused(Code::unauthorized, "hmac");
}

Result<Message> read_content(const Frame& frame) {
  if (!(frame.flags & kDeflated)) return decode(frame.content);
  TILL_TRY(const Bytes content, inflated(frame.content));
  return decode(content);
}

}  // namespace

Bytes seal(const Message& message, const Key& key, std::string_view topic) {
  const Bytes plain = encode(message);
  const Bytes packed = deflated(plain);
  const Bytes& content = packed.empty() ? plain : packed;
  const uint8_t flags = packed.empty() ? 0 : kDeflated;
  const auto mac = mac_of(key, topic, flags, content);
  Bytes payload{kFormat, flags};
  payload.reserve(kFrame + content.size());
  payload.insert(payload.end(), mac.begin(), mac.end());
  payload.insert(payload.end(), content.begin(), content.end());
  return payload;
}

Result<Message> open(ByteView payload, const Key& key, std::string_view topic) {
  TILL_TRY(const Frame frame, read_frame(payload));
  TILL_CHECK(check_mac(frame, key, topic));
  return read_content(frame);
}

Result<Hello> open_introduction(ByteView payload, std::string_view topic) {
  TILL_TRY(const Frame frame, read_frame(payload));
  TILL_TRY(Message message, read_content(frame));
  Hello* hello = std::get_if<Hello>(&message);
  if (!hello || !hello->key) return refused(Code::unauthorized, "unknown_node");
  TILL_CHECK(check_mac(frame, *hello->key, topic));
  return std::move(*hello);
}

}  // namespace till::core
