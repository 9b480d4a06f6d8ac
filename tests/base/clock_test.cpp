// Moments as text, and the day a moment belongs to.
#include "base/clock.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <ctime>

using namespace till;

namespace {

/// Sets the process's time zone for one test.
class Zone {
 public:
  explicit Zone(const char* name) { set(name); }
  ~Zone() { set("UTC"); }

 private:
  static void set(const char* name) {
    setenv("TZ", name, 1);
    tzset();
  }
};

int64_t day_of(std::string_view text, int64_t day_starts_min = 0) {
  return business_date(*parse_rfc3339(text), day_starts_min);
}

}  // namespace

TEST_CASE("RFC 3339 gives back every moment of the years 0000 to 9999") {
  CHECK(rc::check([] {
    auto ms = *rc::gen::inRange<int64_t>(-62'167'219'200'000, 253'402'300'800'000);
    auto text = to_rfc3339({ms});
    RC_ASSERT(text.size() == 24u);
    RC_ASSERT(parse_rfc3339(text) == Time{ms});
  }));
}

TEST_CASE("years outside 0000 to 9999 are clamped") {
  CHECK(to_rfc3339({INT64_MIN}) == "0000-01-01T00:00:00.000Z");
  CHECK(to_rfc3339({INT64_MAX}) == "9999-12-31T23:59:59.999Z");
  CHECK(to_rfc3339({-1}) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("offsets and fractions are understood") {
  const std::pair<std::string_view, std::string_view> kSame[] = {
      {"2010-12-22T09:41:00Z", "2010-12-22T09:41:00.000Z"},
      {"2010-12-22T09:41:00.5Z", "2010-12-22T09:41:00.500Z"},
      {"2010-12-22T09:41:00.123999999Z", "2010-12-22T09:41:00.123Z"},
      {"2010-12-22T09:41:00+01:30", "2010-12-22T08:11:00.000Z"},
      {"2010-12-31T23:30:00-01:00", "2011-01-01T00:30:00.000Z"},
      {"2010-12-22T09:41:00-00:00", "2010-12-22T09:41:00.000Z"},
      {"2000-02-29T00:00:00+23:59", "2000-02-28T00:01:00.000Z"},
  };
  for (const auto& row : kSame) {
    std::string_view text = row.first;
    CAPTURE(text);
    REQUIRE(parse_rfc3339(text));
    CHECK(to_rfc3339(*parse_rfc3339(text)) == row.second);
  }
}

TEST_CASE("nothing else is a moment") {
  for (std::string_view bad : {"",
                               "2010-12-22",
                               "2010-12-22T09:41:00",
                               "2010-12-22 09:41:00Z",
                               "2010-12-22t09:41:00z",
                               "2010-12-22T09:41Z",
                               "2010-13-22T09:41:00Z",
                               "2010-00-22T09:41:00Z",
                               "2010-12-32T09:41:00Z",
                               "2011-02-29T09:41:00Z",
                               "1900-02-29T00:00:00Z",
                               "2010-12-22T24:00:00Z",
                               "2010-12-22T09:60:00Z",
                               "2016-12-31T23:59:60Z",
                               "2010-12-22T09:41:00.Z",
                               "2010-12-22T09:41:00.1234567890Z",
                               "2010-12-22T09:41:00,5Z",
                               "2010-12-22T09:41:00+1:00",
                               "2010-12-22T09:41:00+24:00",
                               "2010-12-22T09:41:00+01:60",
                               "2010-12-22T09:41:00+0100",
                               "2010-12-22T09:41:00ZZ",
                               " 2010-12-22T09:41:00Z",
                               "2010-12-22T09:41:00Z ",
                               "+2010-12-22T09:41:00Z",
                               "-2010-12-22T09:41:00Z",
                               "20101222T094100Z",
                               "1293010860000",
                               "2010-12-22T09:41:00\xe2\x88\x92"
                               "01:00"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_rfc3339(bad));
  }
}

TEST_CASE("the business day follows the zone and the hour the day begins") {
  Zone zone("Europe/London");
  CHECK(day_of("2026-01-05T00:00:00Z") == 20260105);
  CHECK(day_of("2026-07-04T23:30:00Z") == 20260705);  // summer time
  CHECK(day_of("2026-01-05T01:59:00Z", 120) == 20260104);
  CHECK(day_of("2026-01-05T02:00:00Z", 120) == 20260105);
  CHECK(day_of("2026-03-01T01:00:00Z", 120) == 20260228);
  CHECK(day_of("2026-01-01T01:00:00Z", 120) == 20251231);
}

TEST_CASE("on the night of the clock change the day still begins at its wall-clock minute") {
  Zone zone("Europe/London");                              // 2026-03-29: 01:00 UTC becomes 02:00 local
  CHECK(day_of("2026-03-29T04:59:00Z", 360) == 20260328);  // 05:59 local
  CHECK(day_of("2026-03-29T05:00:00Z", 360) == 20260329);  // 06:00 local
}

TEST_CASE("a clock without a battery, or far off, still has a business day") {
  Zone zone("UTC");
  CHECK(business_date({0}) == 19700101);
  CHECK(business_date({-1}) == 19691231);
  CHECK(business_date({INT64_MAX}) == 99991231);
  CHECK(business_date({INT64_MIN}) == 101);
}
