// Responses as bytes (http/answer.h).
#include "http/answer.h"

#include <charconv>
#include <chrono>
#include <cstdio>

#include "http/problem.h"

namespace till::http {
namespace {

constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::string_view kSecurityFields =
    "X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\nReferrer-Policy: no-referrer\r\n";
constexpr int64_t kDayS = 86'400;

void append_number(std::string& out, size_t number) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof(digits), number).ptr);
}

void append_two(std::string& out, int64_t number, char after) {
  out.push_back(static_cast<char>('0' + number / 10 % 10));
  out.push_back(static_cast<char>('0' + number % 10));
  out.push_back(after);
}

}  // namespace

std::string_view DateLine::line(Time now) {
  const int64_t second = now.ms / 1000 - (now.ms % 1000 < 0 ? 1 : 0);
  if (second == second_) return line_;
  second_ = second;
  using namespace std::chrono;
  const sys_days day = floor<days>(sys_seconds{seconds{second}});
  const year_month_day date{day};
  const int64_t in_day = second - day.time_since_epoch().count() * kDayS;
  line_.assign("Date: ").append(kDays[weekday{day}.c_encoding()]).append(", ");
  append_two(line_, unsigned{date.day()}, ' ');
  line_.append(kMonths[unsigned{date.month()} - 1]).append(" ").append(std::to_string(int{date.year()})).append(" ");
  append_two(line_, in_day / 3600, ':');
  append_two(line_, in_day / 60 % 60, ':');
  append_two(line_, in_day % 60, ' ');
  line_.append("GMT\r\n");
  return line_;
}

void append_answer(std::string& out, const Response& response, std::string_view date_line, bool body_left_out,
                   bool close) {
  const bool bodiless = response.status == 204 || response.status == 304;
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<size_t>(response.status));
  out.append(" ").append(status_text(response.status)).append("\r\n").append(date_line);
  if (!bodiless && (!response.body.empty() || response.stream)) {
    out.append("Content-Type: ").append(response.content_type).append("\r\n");
  }
  if (!bodiless && !response.stream) {
    out.append("Content-Length: ");
    append_number(out, response.body.size());
    out.append("\r\n");
  }
  out.append(kSecurityFields).append(response.extra_headers);
  if (close) out.append("Connection: close\r\n");
  out.append("\r\n");
  if (!bodiless && !body_left_out) out.append(response.body);
}

}  // namespace till::http
