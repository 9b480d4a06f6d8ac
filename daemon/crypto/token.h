// Access tokens (JWT, RFC 7519, signed with HMAC-SHA-256) and opaque tokens. Made by access at login, checked on the
// door's thread for every request: about two microseconds.
//
// A token is   header "." payload "." signature,   each base64url without padding (RFC 7515):
//   header     {"alg":"HS256","typ":"JWT"} and not a byte else: there is nothing to choose, so no "none", no kid, no
//   crit payload    {"iss","aud","sub","sid","rights","jti","iat","nbf","exp"}, all of them and no other signature
//   HMAC-SHA-256(key, header "." payload)
// It refuses everything above 2 KB unread, and reads no payload before the signature holds.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/hash.h"

namespace till::crypto {

inline constexpr size_t kMaxTokenBytes = 2048;
/// How far a token may come from the future: a clock that is set back by NTP must not throw everybody out.
inline constexpr int64_t kTokenLeewayMs = 30'000;

/// What a token says. Moments are whole seconds in the token; parts of a second are cut.
struct Claims {
  Uuid user{};          // sub
  Uuid session{};       // sid
  Uuid id{};            // jti: of this token
  uint32_t rights = 0;  // bits; what one means is the shop's business
  Time issued{};        // iat, and nbf
  Time expires{};       // exp: the first moment it is no longer good

  bool operator==(const Claims&) const = default;
};

class TokenSigner {
 public:
  using Key = std::array<uint8_t, 32>;

  /// `issuer` and `audience` keep the tokens of two installations, or of two purposes, apart even under one key.
  TokenSigner(const Key& key, std::string issuer, std::string audience);

  [[nodiscard]] std::string sign(const Claims& claims) const;
  /// Errors: unauthorized, with reason "token_expired" if that is all that is wrong, else "invalid_token".
  [[nodiscard]] Result<Claims> verify(std::string_view token, Time now) const;

 private:
  [[nodiscard]] std::optional<Claims> read_payload(std::string_view payload) const;

  const HmacSha256 hmac_;
  const std::string issuer_;
  const std::string audience_;
};

/// 32 random bytes as 43 letters: refresh tokens, device tokens, one-time codes of links.
std::string make_opaque_token(Random& random);
/// What is stored of an opaque token. No salt and one round are enough for 256 random bits.
Digest hash_opaque_token(std::string_view token);

}  // namespace till::crypto
