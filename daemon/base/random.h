// Randomness is passed in, never fetched: tests give a seeded source, main() the kernel's.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace till {

class Random {
 public:
  virtual ~Random() = default;
  /// Fills `out` with bytes no stranger can guess. Callable from any thread.
  virtual void fill(std::span<uint8_t> out) = 0;
};

/// getrandom(2); aborts if the kernel has none, for nothing may go on without.
class SystemRandom final : public Random {
 public:
  void fill(std::span<uint8_t> out) override;
};

template <size_t N>
std::array<uint8_t, N> random_bytes(Random& random) {
  std::array<uint8_t, N> bytes;
  random.fill(bytes);
  return bytes;
}

}  // namespace till
