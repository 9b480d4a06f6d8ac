// Refresh tokens: opaque, random, kept as hashes only, and replaced by each use.
//
//   base64url( session id (16 bytes) ‖ family secret (16) ‖ turn secret (16) )   64 letters
//
// A refresh draws a new turn secret and keeps the family's. So two hashes tell all that matters about a token of any
// age. The family fits and the turn does not: it was ours once and somebody used it twice (reuse: the session ends).
// The family does not fit: it was never ours, and whoever made it up cannot end anybody's session. Keeping the hash of
// every old token instead would cost a row a refresh and tell no more.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/random.h"
#include "crypto/hash.h"

namespace till::access {

/// What is kept of a token: SHA-256 of its first 32 bytes and of all 48. Its secrets are random, so no salt is needed.
struct RefreshHashes {
  crypto::Digest family{};
  crypto::Digest token{};
};

class RefreshToken {
 public:
  static constexpr size_t kLetters = 64;

  /// The first token of a session.
  static RefreshToken first(const Uuid& session, Random& random);
  /// The token that replaces this one.
  [[nodiscard]] RefreshToken next(Random& random) const;
  /// nullopt for anything but 64 letters of base64url.
  static std::optional<RefreshToken> parse(std::string_view text);

  [[nodiscard]] Uuid session() const;
  [[nodiscard]] RefreshHashes hashes() const;
  [[nodiscard]] std::string text() const;

 private:
  static constexpr size_t kPart = 16;
  std::array<uint8_t, 3 * kPart> bytes_{};
};

}  // namespace till::access
