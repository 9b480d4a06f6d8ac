#include "base/clock.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <utility>

namespace till {
namespace {

constexpr int64_t kDayMs = 86'400'000;
constexpr int64_t kFirstMs = -62'167'219'200'000;  // 0000-01-01T00:00:00.000Z
constexpr int64_t kLastMs = 253'402'300'799'999;   // 9999-12-31T23:59:59.999Z

struct Date {
  int64_t year;
  unsigned month;
  unsigned day;
};

Date date_of_day(int64_t days_since_1970) {
  std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{static_cast<int32_t>(days_since_1970)}}};
  return {int{date.year()}, unsigned{date.month()}, unsigned{date.day()}};
}

int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

int64_t day_number(Date date) { return date.year * 10'000 + int64_t{date.month} * 100 + date.day; }

void put_digits(char* at, int count, int64_t number) {
  for (int i = count - 1; i >= 0; --i, number /= 10) at[i] = static_cast<char>('0' + number % 10);
}

/// Reads a fixed form from the front; one failure makes every later step fail.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool take(char expected) {
    if (rest_.empty() || rest_.front() != expected) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void need(char expected) { ok_ = ok_ && take(expected); }
  std::optional<int> digit() {
    if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') return std::nullopt;
    int value = rest_.front() - '0';
    rest_.remove_prefix(1);
    return value;
  }
  int number(int digits, int least, int most) {
    int value = 0;
    for (int i = 0; i < digits; ++i) {
      auto next = digit();
      ok_ = ok_ && next.has_value();
      value = value * 10 + next.value_or(0);
    }
    ok_ = ok_ && value >= least && value <= most;
    return value;
  }
  void fail() { ok_ = false; }
  [[nodiscard]] bool complete() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

int64_t fraction_ms(Scanner& in) {
  if (!in.take('.')) return 0;
  int64_t ms = 0;
  int digits = 0;
  for (; digits < 9; ++digits) {
    auto next = in.digit();
    if (!next) break;
    if (digits < 3) ms = ms * 10 + *next;
  }
  if (digits == 0) in.fail();
  for (int i = digits; i < 3; ++i) ms *= 10;
  return ms;
}

int64_t offset_min(Scanner& in) {
  if (in.take('Z')) return 0;
  int sign = in.take('-') ? -1 : 1;
  if (sign == 1) in.need('+');
  int hours = in.number(2, 0, 23);
  in.need(':');
  return sign * (hours * 60 + in.number(2, 0, 59));
}

}  // namespace

Time SystemClock::now() {
  using namespace std::chrono;
  return {duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

int64_t SystemClock::monotonic_us() {
  using namespace std::chrono;
  return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

void append_rfc3339(std::string& out, Time time) {
  int64_t ms = std::clamp(time.ms, kFirstMs, kLastMs);
  int64_t days = floor_div(ms, kDayMs);
  int64_t in_day = ms - days * kDayMs;
  Date date = date_of_day(days);
  char text[] = "0000-00-00T00:00:00.000Z";
  put_digits(text, 4, date.year);
  put_digits(text + 5, 2, date.month);
  put_digits(text + 8, 2, date.day);
  put_digits(text + 11, 2, in_day / 3'600'000);
  put_digits(text + 14, 2, in_day / 60'000 % 60);
  put_digits(text + 17, 2, in_day / 1000 % 60);
  put_digits(text + 20, 3, in_day % 1000);
  out.append(text, sizeof(text) - 1);
}

std::string to_rfc3339(Time time) {
  std::string out;
  append_rfc3339(out, time);
  return out;
}

std::optional<Time> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  Scanner in(text);
  int year_number = in.number(4, 0, 9999);
  in.need('-');
  int month_number = in.number(2, 1, 12);
  in.need('-');
  int day = in.number(2, 1, 31);
  in.need('T');
  int hour = in.number(2, 0, 23);
  in.need(':');
  int minute = in.number(2, 0, 59);
  in.need(':');
  int second = in.number(2, 0, 59);
  int64_t ms = fraction_ms(in);
  int64_t offset = offset_min(in);
  if (!in.complete()) return std::nullopt;
  year_month_day date{year{year_number}, month{static_cast<unsigned>(month_number)},
                      std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  int64_t days = sys_days{date}.time_since_epoch().count();
  return Time{days * kDayMs + ((int64_t{hour} * 60 + minute - offset) * 60 + second) * 1000 + ms};
}

int64_t business_date(Time time, int64_t day_starts_min) {
  int64_t seconds = floor_div(std::clamp(time.ms, kFirstMs, kLastMs), 1000);
  int64_t days = floor_div(seconds, 86'400);
  int64_t minute_of_day = (seconds - days * 86'400) / 60;
  std::tm local{};
  auto narrow = static_cast<time_t>(seconds);  // 32 bits on armhf: beyond 2038 the date falls back to UTC's
  if (narrow == seconds && localtime_r(&narrow, &local) != nullptr) {
    using namespace std::chrono;
    year_month_day date{year{local.tm_year + 1900}, month{static_cast<unsigned>(local.tm_mon + 1)},
                        day{static_cast<unsigned>(local.tm_mday)}};
    days = sys_days{date}.time_since_epoch().count();
    minute_of_day = local.tm_hour * 60 + local.tm_min;
  }
  return day_number(date_of_day(minute_of_day < day_starts_min ? days - 1 : days));
}

}  // namespace till
