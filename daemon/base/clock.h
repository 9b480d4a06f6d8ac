// Time is passed in, never fetched (tests turn the clock; clocks of terminals are wrong by years).
// Wall time is int64 milliseconds since 1970 UTC everywhere: armhf's time_t has 32 bits.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace till {

/// A moment: milliseconds since 1970-01-01T00:00:00Z. A type of its own so that JSON shows it as RFC 3339.
struct Time {
  int64_t ms = 0;
  auto operator<=>(const Time&) const = default;
};

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() = 0;              // wall time; may jump
  virtual int64_t monotonic_us() = 0;  // for deadlines and durations; never jumps
};

class SystemClock final : public Clock {
 public:
  Time now() override;
  int64_t monotonic_us() override;
};

/// "2010-12-22T09:41:00.000Z"; years outside 0000..9999 are clamped to them.
std::string to_rfc3339(Time time);
void append_rfc3339(std::string& out, Time time);
/// RFC 3339 with any offset and 0 to 9 fraction digits (cut to milliseconds); nothing else is accepted: no lower-case
/// letters, no spaces, no leap second (a count of milliseconds has no place for it).
std::optional<Time> parse_rfc3339(std::string_view text);

/// The day a moment belongs to in the process's time zone (TZ), as the number 20101222; the day begins
/// `day_starts_min` minutes after midnight, so a bar that closes at two books on the evening's day.
int64_t business_date(Time time, int64_t day_starts_min = 0);

}  // namespace till
