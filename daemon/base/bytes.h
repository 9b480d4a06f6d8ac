// Bytes and their text forms. Pure; used by every layer.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace till {

using Bytes = std::vector<uint8_t>;
using ByteView = std::span<const uint8_t>;

inline ByteView as_bytes(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }
inline std::string_view as_text(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// The value of a hexadecimal digit of either case, or -1.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Lower-case hexadecimal.
std::string to_hex(ByteView bytes);
/// Either case; nullopt for an odd number of digits or anything else than digits.
std::optional<Bytes> from_hex(std::string_view text);

/// base64url without padding (RFC 4648 §5). Decoding is strict: no padding, no white space, and the unused bits of
/// the last letter must be zero, so that one value has one spelling (tokens are compared as text).
std::string to_base64url(ByteView bytes);
std::optional<Bytes> from_base64url(std::string_view text);

/// How many bytes at the front of `text` are well-formed UTF-8 without NUL (RFC 3629: no surrogates, no overlong
/// forms).
size_t utf8_prefix(std::string_view text);
inline bool is_utf8(std::string_view text) { return utf8_prefix(text) == text.size(); }

}  // namespace till
