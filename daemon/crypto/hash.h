// SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104). Pure; any thread. Used for tokens, the journal's chain,
// fingerprints.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace till::crypto {

using Digest = std::array<uint8_t, 32>;

Digest sha256(ByteView data);

/// A hash of what comes in parts. Copies go on from where the original was.
class Sha256 {
 public:
  Sha256();
  Sha256& add(ByteView part);
  /// The digest of all parts; the object is spent.
  Digest finish();

 private:
  alignas(8) std::array<std::byte, 128> state_;  // mbedtls_sha256_context, which this header does not show
};

/// A key with its two pads hashed already: each message costs two compressions less.
class HmacSha256 {
 public:
  explicit HmacSha256(ByteView key);
  [[nodiscard]] Digest of(ByteView message) const;

 private:
  Sha256 inner_;
  Sha256 outer_;
};

Digest hmac_sha256(ByteView key, ByteView message);

/// Compares in a time that tells nothing about where they differ, only whether the sizes do.
bool constant_time_equal(ByteView a, ByteView b);

}  // namespace till::crypto
