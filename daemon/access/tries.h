// How many wrong passwords are forgiven (20-api, Resources: auth): five, then each further one doubles the wait.
// Counted per account and address, so a stranger's tries never lock somebody at another address. Pure.
#pragma once

#include <array>
#include <string_view>

#include "base/clock.h"

namespace till::access {

inline constexpr int64_t kFreeTries = 5;
inline constexpr int64_t kFirstWait_ms = 30'000;
inline constexpr int64_t kLongestWait_ms = 3'600'000;
inline constexpr int64_t kForgetTries_ms = 24 * kLongestWait_ms;  // after the last wrong one

struct Tries {
  int64_t failures = 0;
  Time failed_at{};
  Time blocked_until{};
};

/// Half a SHA-256 over both; what was typed as the account is not kept, it may be a password in the wrong field.
using TriesKey = std::array<uint8_t, 16>;
TriesKey tries_key(std::string_view account, std::string_view address);

/// One more wrong password. A count older than kForgetTries_ms starts again.
Tries after_failure(Tries tries, Time now);

/// Seconds until the next try, rounded up; 0: go ahead. A wait above the longest there is was set by a clock that has
/// been turned back since, and does not count: nobody is locked out for years.
int64_t wait_s(const Tries& tries, Time now);

}  // namespace till::access
