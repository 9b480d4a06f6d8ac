// What is not forgotten when somebody sets the clock.
#include "base/retention.h"

#include <doctest/doctest.h>

#include "support/fake_clock.h"

using namespace till;

TEST_CASE("what is kept is kept by the time that has passed, whatever the wall says meanwhile") {
  constexpr int64_t kDay = 86'400'000;
  test::FakeClock clock(Time{5 * 60'000});  // five minutes after the beginning of 1970
  const Retention kept(clock, 30 * kDay);
  const Time written = clock.now();
  clock.set({int64_t{56} * 365 * kDay});
  CHECK(written > kept.oldest());
  clock.advance_ms(29 * kDay);
  CHECK(written > kept.oldest());
  clock.advance_ms(2 * kDay);
  CHECK(written < kept.oldest());
  clock.set({0});  // set back: what was written later is not older for it
  CHECK(Time{int64_t{56} * 365 * kDay} > kept.oldest());
}
