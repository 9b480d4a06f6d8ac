// Access tokens (JWT, RFC 7519, signed with HMAC-SHA-256) and opaque tokens. Made by access at login, checked on the
// door's thread for every request.
//
// A token is   header "." payload "." signature,   each base64url without padding (RFC 7515):
//   header     {"alg":"HS256","typ":"JWT"}
//   payload    {"iss":"…","aud":"…","sub":"uuid","sid":"uuid","rights":n,"jti":"uuid","iat":s,"nbf":s,"exp":s}
//   signature  HMAC-SHA-256(key, header "." payload)
// Any JWT library can read it, but verify() takes header and payload only in the very bytes that sign() writes. There
// is nothing to choose, so no "none", no kid, no crit, no second spelling, and no JSON parser on the way: what is left
// is the time of the hash. Above 2 KB nothing is looked at, and the payload not before the signature holds.
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
  TokenSigner(const Key& key, std::string_view issuer, std::string_view audience);

  [[nodiscard]] std::string sign(const Claims& claims) const;
  /// Errors: unauthorized, with reason "token_expired" if that is all that is wrong, else "invalid_token".
  [[nodiscard]] Result<Claims> verify(std::string_view token, Time now) const;

 private:
  [[nodiscard]] std::optional<Claims> read_payload(std::string_view payload) const;

  const HmacSha256 hmac_;
  std::string payload_head_;  // up to the first uuid
};

/// 32 random bytes as 43 letters: refresh tokens, device tokens, one-time codes of links.
std::string make_opaque_token(Random& random);
/// What is stored of an opaque token. No salt and one round are enough for 256 random bits.
Digest hash_opaque_token(std::string_view token);

}  // namespace till::crypto
