#include "access/tries.h"

#include <algorithm>

#include "crypto/hash.h"

namespace till::access {

TriesKey tries_key(std::string_view account, std::string_view address) {
  const std::string both = std::string(account) + '\n' + std::string(address);  // neither can hold a line feed
  const auto digest = crypto::sha256(as_bytes(both));
  TriesKey key;
  std::copy_n(digest.begin(), key.size(), key.begin());
  return key;
}

Tries after_failure(Tries tries, Time now) {
  if (now.ms - tries.failed_at.ms > kForgetTries_ms) tries = {};
  ++tries.failures;
  tries.failed_at = now;
  int64_t wait_ms = 0;
  for (int64_t n = kFreeTries; n <= tries.failures && wait_ms < kLongestWait_ms; ++n)
    wait_ms = std::clamp(2 * wait_ms, kFirstWait_ms, kLongestWait_ms);
  tries.blocked_until = {now.ms + wait_ms};
  return tries;
}

int64_t wait_s(const Tries& tries, Time now) {
  const int64_t left_ms = tries.blocked_until.ms - now.ms;
  return left_ms <= 0 || left_ms > kLongestWait_ms ? 0 : (left_ms + 999) / 1000;
}

}  // namespace till::access
