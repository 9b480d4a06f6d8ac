#include "base/retention.h"

#include <algorithm>

namespace till {

Retention::Retention(Clock& clock, int64_t kept_ms)
    : clock_(clock), kept_ms_(kept_ms), made_ms_(clock.now().ms), made_us_(clock.monotonic_us()) {}

Time Retention::oldest() const {
  const int64_t passed_ms = (clock_.monotonic_us() - made_us_) / 1000;
  return {std::min(clock_.now().ms, made_ms_ + passed_ms) - kept_ms_};
}

}  // namespace till
