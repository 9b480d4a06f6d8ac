// Responses as bytes: dates, lengths, what HEAD and bodiless answers leave out.
#include "http/answer.h"

#include <doctest/doctest.h>

using namespace till;
using namespace till::http;

namespace {

std::string written(const Response& response, bool body_left_out = false, bool close = false) {
  std::string out;
  append_answer(out, response, "Date: now\r\n", body_left_out, close);
  return out;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the date is HTTP's, before 1970 and after 2038 too") {
  DateLine date;
  CHECK(date.line({1'293'010'860'000}) == "Date: Wed, 22 Dec 2010 09:41:00 GMT\r\n");
  CHECK(date.line({1'293'010'860'999}) == "Date: Wed, 22 Dec 2010 09:41:00 GMT\r\n");
  CHECK(date.line({-1}) == "Date: Wed, 31 Dec 1969 23:59:59 GMT\r\n");
  CHECK(date.line({4'102'444'800'000}) == "Date: Fri, 01 Jan 2100 00:00:00 GMT\r\n");
}

TEST_CASE("an answer has its length, HEAD has it without the body") {
  const Response response{200, "{}", "application/json", std::nullopt, "X-Thing: 1\r\n"};
  const std::string whole = written(response);
  CHECK(whole.starts_with("HTTP/1.1 200 OK\r\nDate: now\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"));
  CHECK(has(whole, "X-Thing: 1\r\n"));
  CHECK(whole.ends_with("\r\n\r\n{}"));
  CHECK_FALSE(has(whole, "Connection:"));
  CHECK(written(response, true) == whole.substr(0, whole.size() - 2));
  CHECK(has(written(response, false, true), "\r\nConnection: close\r\n\r\n{}"));
}

TEST_CASE("204 and 304 have neither length nor body") {
  for (const int status : {204, 304}) {
    const std::string bytes = written({status, "never sent"});
    CHECK_FALSE(has(bytes, "\r\nContent-Length:"));
    CHECK_FALSE(has(bytes, "\r\nContent-Type:"));
    CHECK(bytes.ends_with("\r\n\r\n"));
  }
  CHECK(has(written({201}), "Content-Length: 0\r\n"));
}

TEST_CASE("nothing from outside can split an answer") {
  Response response;
  response.add("X-Name", std::string_view("a\r\nSet-Cookie: b\0c", 18));
  CHECK(response.extra_headers == "X-Name: a  Set-Cookie: b c\r\n");
}
