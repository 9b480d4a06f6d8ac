// What every list understands: how many, where a page begins, which members, how many in all.
#include "http/handler.h"

#include <doctest/doctest.h>

using namespace till;
using namespace till::http;

namespace {

struct Thing {
  int64_t size = 0;
  std::string name;
  std::string secret;

  static constexpr std::string_view kName = "Thing";
  static constexpr auto fields() {
    return std::tuple(field("size", &Thing::size).required(), field("name", &Thing::name).read_only(),
                      field("secret", &Thing::secret).hidden());
  }
};

struct Page {
  std::vector<Thing> items{{1, "one", "x"}, {2, "two", "y"}};
  int64_t next = 0;
  std::optional<int64_t> total{};
  std::string after{};
};

Request asked(Pairs query) {
  Request request;
  request.path = "/things";
  request.query = std::move(query);
  return request;
}

std::string body(const Request& request, const Page& page) {
  auto answer = list_response(request, page);
  return answer.ok() ? std::get<Response>(*answer).body : answer.error().fields.at(0).detail;
}

/// The cursor that this list gave out after row 7, where its order had come to `after`.
std::string cursor_after(const std::string& after, Pairs query = {}) {
  auto answer = list_response(asked(std::move(query)), Page{.next = 7, .after = after});
  const Json json = *parse_json(std::get<Response>(*answer).body);
  return *json.find("next")->string();
}

}  // namespace

TEST_CASE("a list shows the members that are asked for, and no hidden one") {
  CHECK(body(asked({}), {}) == R"({"items":[{"size":1,"name":"one"},{"size":2,"name":"two"}],"next":null})");
  CHECK(body(asked({{"fields", "name"}}), {}) == R"({"items":[{"name":"one"},{"name":"two"}],"next":null})");
  CHECK(body(asked({{"fields", "name,size,name"}}), {.items = {{3, "c", ""}}}) ==
        R"({"items":[{"size":3,"name":"c"}],"next":null})");
  CHECK(body(asked({{"fields", "secret"}}), {}) == "\"secret\" is not a field of this list");
  CHECK(body(asked({{"fields", "name,colour,x"}}), {}) == "\"colour\" is not a field of this list");
  for (const char* odd : {"", ",", "name,", ",name", " name", "NAME", "name;size"})
    CHECK(body(asked({{"fields", odd}}), {}).ends_with("is not a field of this list"));
}

TEST_CASE("all are counted where the list was asked to") {
  CHECK(body(asked({}), {.items = {}, .total = 5}) == R"({"items":[],"next":null,"total":5})");
  CHECK(page_query(asked({{"total", "true"}}))->total);
  CHECK_FALSE(page_query(asked({{"total", "false"}}))->total);
  CHECK_FALSE(page_query(asked({{"total", "1"}})).ok());
}

TEST_CASE("a cursor leads to where the page ended, in the order that it is of") {
  for (const std::string& after : {std::string(), std::string("2"), std::string("-5"), std::string("a b  c "),
                                   std::string("\xc3\x84pfel \xf0\x9f\x98\x80")}) {
    CAPTURE(after);
    for (const Pairs& query : {Pairs{}, Pairs{{"sort", "-price"}}}) {
      Pairs with_cursor = query;
      with_cursor.emplace_back("cursor", cursor_after(after, query));
      const auto page = page_query(asked(with_cursor));
      REQUIRE(page.ok());
      CHECK(page->cursor == 7);
      CHECK(page->after == after);
    }
  }
}

TEST_CASE("a cursor of another order, or of nobody's making, is refused") {
  const std::string plain = cursor_after(""), sorted = cursor_after("5", {{"sort", "price"}});
  CHECK_FALSE(page_query(asked({{"sort", "price"}, {"cursor", plain}})).ok());
  CHECK_FALSE(page_query(asked({{"cursor", sorted}})).ok());
  CHECK_FALSE(page_query(asked({{"sort", "-price"}, {"cursor", sorted}})).ok());
  CHECK_FALSE(page_query(asked({{"sort", "name"}, {"cursor", cursor_after("", {{"sort", "price"}})}})).ok());
  for (const std::string_view text :
       {"", " ", "0", "-1", "x", "7x", " 7", "7 price", "7  \xff", "99999999999999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(page_query(asked({{"cursor", to_base64url(as_bytes(text))}})).ok());
  }
  CHECK_FALSE(page_query(asked({{"cursor", "not base64url!"}})).ok());
}

TEST_CASE("a cursor tells rows below zero, too") {
  for (const int64_t row : {int64_t{1}, int64_t{-1}, int64_t{-548'587'588'296'144}, INT64_MAX, INT64_MIN}) {
    const auto answer = list_response(asked({}), Page{.next = row});
    const auto json = parse_json(std::get<Response>(*answer).body);
    const auto page = page_query(asked({{"cursor", *json->find("next")->string()}}));
    REQUIRE(page.ok());
    CHECK(page->cursor == row);
  }
}

TEST_CASE("the next page is asked for with the same query") {
  const auto answer =
      list_response(asked({{"q", "a&b"}, {"cursor", "old"}, {"sort", "-price"}}), Page{.next = 7, .after = "5"});
  const std::string headers = std::get<Response>(*answer).extra_headers;
  CHECK(headers.find("Link: </things?cursor=") != std::string::npos);
  CHECK(headers.find("&q=a%26b&sort=-price>; rel=\"next\"") != std::string::npos);
  CHECK(headers.find("old") == std::string::npos);
}

TEST_CASE("the address of the next page is a target, whatever the path holds when decoded") {
  Request request = asked({});
  request.path = "/caf\xc3\xa9 x/list";
  const std::string headers = std::get<Response>(*list_response(request, Page{.next = 7})).extra_headers;
  CHECK(headers.find("Link: </caf%C3%A9%20x/list?cursor=") != std::string::npos);
}

TEST_CASE("the schema of a list asks for no member, and says what a page has") {
  std::string text;
  JsonWriter out(text);
  list_schema<Thing>()->write(out);
  const Json schema = *parse_json(text);
  const Json& members = *schema.find("properties");
  const Json& item = *members.find("items")->find("items");
  CHECK(item.find("required") == nullptr);
  CHECK(item.find("properties")->find("size"));
  CHECK_FALSE(item.find("properties")->find("secret"));
  CHECK(members.find("total"));
  CHECK(schema.find("required")->array()->size() == 2);
  CHECK(list_query({"q"}) == std::vector<std::string_view>{"limit", "cursor", "total", "fields", "q"});
}
