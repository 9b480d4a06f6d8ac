// Waiting before the next try: bounded, growing, spread out, and short again after a good connection.
#include "sync/mqtt/backoff.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <vector>

#include "support/fake_random.h"

using namespace till;
using mqtt::Backoff;

TEST_CASE("no wait is longer than its limit, and limits double up to the greatest") {
  CHECK(rc::check([] {
    test::FakeRandom random(*rc::gen::arbitrary<uint64_t>());
    const auto max_ms = *rc::gen::inRange<int64_t>(1, 100'000);
    Backoff backoff(random, max_ms);
    int64_t limit_ms = std::min(Backoff::kFirst_ms, max_ms);
    for (int i = 0; i < 30; ++i) {
      const int64_t pause_ms = backoff.next_ms();
      RC_ASSERT(pause_ms >= 0);
      RC_ASSERT(pause_ms <= limit_ms);
      limit_ms = std::min(limit_ms * 2, max_ms);
    }
    backoff.reset();
    RC_ASSERT(backoff.next_ms() <= Backoff::kFirst_ms);
  }));
}

TEST_CASE("waits at the limit are spread over all of it: a hundred stores do not come back at once") {
  test::FakeRandom random(7);
  Backoff backoff(random, 60'000);
  for (int i = 0; i < 10; ++i) static_cast<void>(backoff.next_ms());
  std::vector<int> quarters(4);
  for (int i = 0; i < 4000; ++i) ++quarters[static_cast<size_t>(std::min<int64_t>(backoff.next_ms() / 15'000, 3))];
  for (const int quarter : quarters) CHECK(std::abs(quarter - 1000) < 150);
}
