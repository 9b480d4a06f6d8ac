// The hybrid logical clock (D9): orders counts and movements within a store, and nothing else. The upper 48 bits are
// milliseconds since 1970, the lower 16 count what happened within one; it never goes back, and it is merged from what
// others in the store wrote, so that what was made after seeing a fact comes after it. Wrong clocks make it wrong only
// between tills that have not heard of each other.
#pragma once

#include <algorithm>

#include "base/clock.h"

namespace till::core {

inline constexpr int kHlcTickBits = 16;
constexpr int64_t hlc_of(Time wall) { return wall.ms << kHlcTickBits; }

/// False for what no clock can show: before 1970, or from the year 4199 on.
constexpr bool is_tick(int64_t hlc) { return hlc >= 0 && hlc < int64_t{1} << 62; }

/// The next reading after `last`.
constexpr int64_t next_hlc(int64_t last, Time wall) { return std::max(last + 1, hlc_of(wall)); }

}  // namespace till::core
