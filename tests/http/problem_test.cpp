// Errors as answers, and versions as entity tags.
#include "http/problem.h"

#include <doctest/doctest.h>

#include "base/json.h"
#include "http/conditional.h"
#include "support/fake_door.h"

namespace till::http {
namespace {

Json parsed(const Response& response) {
  auto json = parse_json(response.body);
  REQUIRE(json.ok());
  return std::move(*json);
}

TEST_CASE("every code has its status, a title and a type of its own") {
  const std::pair<Code, int> rows[] = {
      {Code::invalid, 400},  {Code::unauthorized, 401}, {Code::forbidden, 403}, {Code::not_found, 404},
      {Code::conflict, 409}, {Code::declined, 402},     {Code::stale, 412},     {Code::required, 428},
      {Code::mismatch, 422}, {Code::too_many, 429},     {Code::too_large, 413}, {Code::busy, 503},
      {Code::device, 502},   {Code::offline, 503},      {Code::full, 507},      {Code::internal, 500},
  };
  CHECK(std::size(rows) == kCodes);
  for (auto [code, status] : rows) {
    const Response response = problem({code, "because", {}}, "id-1");
    CHECK(response.status == status);
    CHECK(response.content_type == "application/problem+json");
    const Json json = parsed(response);
    CHECK(*json.find("status")->integer() == status);
    CHECK(*json.find("type")->string() == "/docs#problem-" + std::string(to_string(code)));
    CHECK(*json.find("code")->string() == to_string(code));
    CHECK(*json.find("request_id")->string() == "id-1");
    CHECK(json.find("retryable")->boolean());
    CHECK_FALSE(json.find("title")->string()->empty());
  }
}

TEST_CASE("all wrong fields are told at once, in words that JSON survives") {
  Error error{Code::invalid, "the \"order\" is\nwrong", "bad_order"};
  error.fields = {{"/lines/0/quantity", "too_small", "at least 1"}, {"/na\"me", "missing", "is missing"}};
  const Json json = parsed(problem(error, "x"));
  CHECK(*json.find("code")->string() == "bad_order");
  CHECK(*json.find("detail")->string() == "the \"order\" is\nwrong");
  const auto& errors = *json.find("errors")->array();
  REQUIRE(errors.size() == 2);
  CHECK(*errors[0].find("pointer")->string() == "/lines/0/quantity");
  CHECK(*errors[1].find("pointer")->string() == "/na\"me");
}

TEST_CASE("stale shows the row as it is now, with its tag") {
  Error error{Code::stale, "somebody changed it"};
  error.current = R"({"id":7,"version":4})";
  error.current_version = 4;
  const Response response = problem(error, "x");
  CHECK(response.version == 4);
  CHECK(*parsed(response).find("current")->find("version")->integer() == 4);
}

TEST_CASE("headers that belong to a status are there") {
  CHECK(test::header(problem({Code::unauthorized, "who"}, "x"), "WWW-Authenticate") == "Bearer");
  CHECK(test::header(problem({Code::busy, "later"}, "x"), "Retry-After") == "1");
  Error slow{Code::too_many, "later"};
  slow.retry_after_s = 42;
  CHECK(test::header(problem(slow, "x"), "Retry-After") == "42");
  CHECK(test::header(problem({Code::invalid, "no"}, "x"), "Retry-After").empty());
}

TEST_CASE("an internal error keeps its cause to itself") {
  const Response response = problem({Code::internal, "SELECT secret FROM /var/lib/till.db", "sqlite_corrupt"}, "x");
  for (const char* leak : {"SELECT", "/var", "sqlite"}) CHECK(response.body.find(leak) == std::string::npos);
}

TEST_CASE("a refusal by HTTP's own words has the type about:blank") {
  const Response response = refusal(431, "head_too_large", "the head is too large", "x");
  const Json json = parsed(response);
  CHECK(*json.find("type")->string() == "about:blank");
  CHECK(*json.find("title")->string() == "Request Header Fields Too Large");
  CHECK(test::header(refusal(503, "busy", "too many connections", "x"), "Retry-After") == "1");
}

TEST_CASE("If-Match is one strong tag of ours and nothing else") {
  CHECK(*parse_if_match("\"0\"") == 0);
  CHECK(*parse_if_match("\"9223372036854775807\"") == INT64_MAX);
  for (const char* bad : {"", "*", "1", "\"\"", "\"", "\"1", "1\"", "W/\"1\"", "\"1\", \"2\"", "\"01\"", "\"-1\"",
                          "\"+1\"", "\" 1\"", "\"1 \"", "\"x\"", "\"9223372036854775808\"", "\"1\"\"", "'1'"}) {
    CAPTURE(bad);
    const auto version = parse_if_match(bad);
    REQUIRE_FALSE(version.ok());
    CHECK(version.error().code == Code::invalid);
  }
}

TEST_CASE("If-None-Match compares weakly, takes lists and a star, and survives nonsense") {
  struct Row {
    const char* header;
    bool hit;
  };
  const Row rows[] = {{"\"7\"", true},
                      {"W/\"7\"", true},
                      {"*", true},
                      {"\"6\", \"7\"", true},
                      {"\"6\",W/\"7\" ", true},
                      {" \"7\"", true},
                      {"\"6\"", false},
                      {"7", false},
                      {"", false},
                      {",,,\"7\"", true},
                      {",", false},
                      {"\"77\"", false},
                      {"\"a,b\",\"7\"", true},
                      {"W/W/\"7\"", false}};
  for (const Row& row : rows) {
    CAPTURE(row.header);
    CHECK(names_version(row.header, 7) == row.hit);
  }
}

TEST_CASE("the expected version comes from If-Match or the body, and they agree") {
  Request request;
  CHECK(expected_version(request, std::nullopt).error().code == Code::required);
  CHECK(*expected_version(request, 3) == 3);
  request.if_match = 4;
  CHECK(*expected_version(request, std::nullopt) == 4);
  CHECK(*expected_version(request, 4) == 4);
  CHECK(expected_version(request, 3).error().code == Code::invalid);
}

}  // namespace
}  // namespace till::http
