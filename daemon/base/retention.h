// How long something is kept that is kept for a while, on a terminal whose clock may be wrong by years and be set at
// any moment. Asked by whoever forgets it (answers by their key), on any thread.
#pragma once

#include "base/clock.h"

namespace till {

/// How far back something goes that is kept for a while. Where the clock is set forward, the time counts that has
/// really passed since this was made: what was kept a minute ago is not forgotten because a till without a battery has
/// heard what year it is.
class Retention {
 public:
  Retention(Clock& clock, int64_t kept_ms);

  /// What was kept before this may be forgotten.
  [[nodiscard]] Time oldest() const;

 private:
  Clock& clock_;
  const int64_t kept_ms_;
  const int64_t made_ms_, made_us_;  // by the wall, by the monotonic clock
};

}  // namespace till
