#include "access/refresh_token.h"

#include <algorithm>

#include "base/bytes.h"

namespace till::access {

RefreshToken RefreshToken::first(const Uuid& session, Random& random) {
  RefreshToken token;
  random.fill(token.bytes_);
  std::copy(session.bytes.begin(), session.bytes.end(), token.bytes_.begin());
  return token;
}

RefreshToken RefreshToken::next(Random& random) const {
  RefreshToken token = *this;
  random.fill(std::span(token.bytes_).last(kPart));
  return token;
}

std::optional<RefreshToken> RefreshToken::parse(std::string_view text) {
  if (text.size() != kLetters) return std::nullopt;
  const auto bytes = from_base64url(text);
  if (!bytes) return std::nullopt;
  RefreshToken token;
  std::copy(bytes->begin(), bytes->end(), token.bytes_.begin());
  return token;
}

Uuid RefreshToken::session() const {
  Uuid id;
  std::copy_n(bytes_.begin(), kPart, id.bytes.begin());
  return id;
}

RefreshHashes RefreshToken::hashes() const {
  return {.family = crypto::sha256(ByteView(bytes_).first(2 * kPart)), .token = crypto::sha256(bytes_)};
}

std::string RefreshToken::text() const { return to_base64url(bytes_); }

}  // namespace till::access
