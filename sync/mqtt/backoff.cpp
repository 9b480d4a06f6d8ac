#include "sync/mqtt/backoff.h"

#include <algorithm>
#include <cstring>

namespace till::mqtt {

Backoff::Backoff(Random& random, int64_t max_ms)
    : random_(random), max_ms_(max_ms), limit_ms_(std::min(kFirst_ms, max_ms)) {}

int64_t Backoff::next_ms() {
  const int64_t limit_ms = limit_ms_;
  limit_ms_ = std::min(limit_ms_ * 2, max_ms_);
  const auto dice = random_bytes<sizeof(uint64_t)>(random_);
  uint64_t number = 0;
  std::memcpy(&number, dice.data(), sizeof number);
  return static_cast<int64_t>(number % static_cast<uint64_t>(limit_ms + 1));  // the bias is below 2^-47
}

void Backoff::reset() { limit_ms_ = std::min(kFirst_ms, max_ms_); }

}  // namespace till::mqtt
