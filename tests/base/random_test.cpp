// The kernel's randomness arrives whole, and the fake one repeats.
#include "base/random.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "support/fake_random.h"

using namespace till;

TEST_CASE("the system's source fills every byte, also more than one getrandom call gives") {
  SystemRandom random;
  std::vector<uint8_t> bytes(1 << 20, 0);
  random.fill(bytes);
  auto zeros = std::count(bytes.begin(), bytes.end(), 0);
  CHECK(zeros > 3000);  // 4096 expected
  CHECK(zeros < 5200);
  CHECK(std::any_of(bytes.end() - 64, bytes.end(), [](uint8_t b) { return b != 0; }));
  random.fill({});
}

TEST_CASE("a seed repeats, another differs") {
  test::FakeRandom one(7), same(7), other(8);
  auto bytes = random_bytes<16>(one);
  CHECK(bytes == random_bytes<16>(same));
  CHECK(bytes != random_bytes<16>(other));
}
