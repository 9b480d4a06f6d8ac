// Randomness that a seed repeats: the same bytes in the same order, whatever the sizes asked for.
#pragma once

#include <mutex>

#include "base/random.h"

namespace till::test {

class FakeRandom final : public Random {
 public:
  explicit FakeRandom(uint64_t seed = 1) : state_(seed) {}

  void fill(std::span<uint8_t> out) override {
    std::lock_guard lock(mutex_);
    for (uint8_t& byte : out) byte = next();
  }

 private:
  /// splitmix64 (Steele, Lea, Flood 2014), of which the top byte is used.
  uint8_t next() {
    state_ += 0x9e3779b97f4a7c15;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return static_cast<uint8_t>((z ^ (z >> 31)) >> 56);
  }

  std::mutex mutex_;
  uint64_t state_;
};

}  // namespace till::test
