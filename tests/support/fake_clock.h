// A clock that stands still until the test moves it. Any thread may read it while the test turns it.
#pragma once

#include <atomic>

#include "base/clock.h"

namespace till::test {

class FakeClock final : public Clock {
 public:
  /// Begins on 2026-01-05, a Monday, at 09:00 UTC unless told otherwise.
  explicit FakeClock(Time start = {1'767'603'600'000}) : wall_ms_(start.ms) {}

  Time now() override { return {wall_ms_.load()}; }
  int64_t monotonic_us() override { return monotonic_us_.load(); }

  /// Time passes: both clocks move.
  void advance_ms(int64_t ms) {
    wall_ms_ += ms;
    monotonic_us_ += ms * 1000;
  }
  /// Somebody sets the wall clock, forward or back; no time passes.
  void set(Time time) { wall_ms_ = time.ms; }

 private:
  std::atomic<int64_t> wall_ms_;
  std::atomic<int64_t> monotonic_us_{1'000'000};
};

}  // namespace till::test
