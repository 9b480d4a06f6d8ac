// How long to wait before the next try to connect: exponential with full jitter (a uniform choice between nothing and
// the limit of this try), so that a hundred stores do not all come back in the moment in which the broker does. Pure
// but for the dice; used by Link on its own thread.
#pragma once

#include "base/random.h"

namespace till::mqtt {

class Backoff {
 public:
  static constexpr int64_t kFirst_ms = 250;

  /// Limits double from kFirst_ms to `max_ms`.
  Backoff(Random& random, int64_t max_ms);

  /// 0 to the limit of this try; the next try has twice the limit.
  int64_t next_ms();
  /// A connection held: the next try is a first one again.
  void reset();

 private:
  Random& random_;
  const int64_t max_ms_;
  int64_t limit_ms_;
};

}  // namespace till::mqtt
