#include "crypto/hash.h"

#include <algorithm>
#include <type_traits>

#include "base/result.h"
#include "crypto/mbedtls_compat.h"

namespace till::crypto {
namespace {

constexpr size_t kBlockBytes = 64;

mbedtls_sha256_context* context(std::array<std::byte, 128>& state) {
  static_assert(sizeof(mbedtls_sha256_context) <= sizeof(state) && alignof(mbedtls_sha256_context) <= 8);
  static_assert(std::is_trivially_copyable_v<mbedtls_sha256_context>);
  return reinterpret_cast<mbedtls_sha256_context*>(state.data());
}

Sha256 begin_with_pad(ByteView key, uint8_t pad) {
  std::array<uint8_t, kBlockBytes> block;
  block.fill(pad);
  for (size_t i = 0; i < key.size(); ++i) block[i] ^= key[i];
  return Sha256().add(block);
}

}  // namespace

Sha256::Sha256() {
  mbedtls_sha256_init(context(state_));
  TILL_ASSERT(sha256_starts(context(state_)) == 0);
}

Sha256& Sha256::add(ByteView part) {
  TILL_ASSERT(sha256_update(context(state_), part) == 0);
  return *this;
}

Digest Sha256::finish() {
  Digest digest;
  TILL_ASSERT(sha256_finish(context(state_), digest.data()) == 0);
  return digest;
}

Digest sha256(ByteView data) { return Sha256().add(data).finish(); }

HmacSha256::HmacSha256(ByteView key) {
  Digest hashed;
  if (key.size() > kBlockBytes) {
    hashed = sha256(key);
    key = hashed;
  }
  inner_ = begin_with_pad(key, 0x36);
  outer_ = begin_with_pad(key, 0x5c);
}

Digest HmacSha256::of(ByteView message) const {
  Digest inner = Sha256(inner_).add(message).finish();
  return Sha256(outer_).add(inner).finish();
}

Digest hmac_sha256(ByteView key, ByteView message) { return HmacSha256(key).of(message); }

bool constant_time_equal(ByteView a, ByteView b) {
  if (a.size() != b.size()) return false;
  volatile uint8_t difference = 0;  // volatile: the compiler must not stop at the first one
  for (size_t i = 0; i < a.size(); ++i) difference = difference | (a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace till::crypto
