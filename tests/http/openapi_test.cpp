// The documents made from a route table.
#include "http/openapi.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/json.h"
#include "http/docs.h"
#include "http/problem.h"

namespace till::http {
namespace {

const Schema kThing{"Thing",
                    [](JsonWriter& out) { out.raw(R"({"type":"object","properties":{"id":{"type":"string"}}})"); }};
const Schema kNewThing{"NewThing", [](JsonWriter& out) { out.raw(R"({"type":"object"})"); }};

Routes table() {
  auto fine = [](Request&) -> Result<Outcome> { return Response{}; };
  Routes routes{
      {Method::get, "/things/{id}", "public", 0, Lane::read, "things.get", "Read a <thing>", fine},
      {Method::patch, "/things/{id}", "manager", 4, Lane::write, "things.change", "Change a thing", fine},
      {Method::post, "/things", "cashier", 2, Lane::write, "things.add", "Add a thing", fine, Limit::usual,
       Once::required},
      {Method::post, "/imports", "manager", 4, Lane::slow, "imports.add", "Import", fine},
      {Method::get, "/healthz", "public", 0, Lane::read, "ops.alive", "Alive", fine, Limit::never},
  };
  routes[0].answer = &kThing;
  routes[0].query = {"fields", "limit"};
  routes[1].versioned = true;
  routes[1].answer = &kThing;
  routes[2].body = &kNewThing;
  routes[2].ok_status = 201;
  routes[2].own_rows = true;
  routes[2].max_body = 4096;
  routes[3].upload = "text/csv";
  return routes;
}

/// The value at a path of member names.
const Json* at(const Json& root, std::initializer_list<const char*> names) {
  const Json* json = &root;
  for (const char* name : names) json = json ? json->find(name) : nullptr;
  return json;
}

Json document() {
  auto parsed = parse_json(openapi_document(table(), "tilld", "1.2"));
  REQUIRE(parsed.ok());
  return std::move(*parsed);
}

TEST_CASE("the document says what the table says") {
  const Json root = document();
  CHECK(*at(root, {"openapi"})->string() == "3.1.0");
  CHECK(*at(root, {"info", "version"})->string() == "1.2");
  const Json* get = at(root, {"paths", "/things/{id}", "get"});
  REQUIRE(get);
  CHECK(*get->find("operationId")->string() == "things.get");
  CHECK(*get->find("x-role")->string() == "public");
  CHECK(*get->find("x-lane")->string() == "read");
  CHECK_FALSE(get->find("x-own-rows"));
  CHECK_FALSE(get->find("x-max-bytes"));
  CHECK(*at(root, {"paths", "/things", "post", "x-own-rows"})->boolean());
  CHECK(*at(root, {"paths", "/things", "post", "x-max-bytes"})->integer() == 4096);
  CHECK(get->find("parameters")->array()->size() == 3);
  CHECK(at(*get, {"responses", "200", "headers", "ETag"}));
  CHECK(at(*get, {"responses", "304"}));
  CHECK(*at(*get, {"responses", "200", "content", "application/json", "schema", "$ref"})->string() ==
        "#/components/schemas/Thing");
  CHECK(at(root, {"paths", "/things/{id}", "patch", "responses", "412"}));
  CHECK(at(root, {"paths", "/things/{id}", "patch", "responses", "428"}));
  CHECK(at(root, {"paths", "/things", "post", "responses", "201"}));
  CHECK(at(root, {"paths", "/things", "post", "responses", "422"}));
  CHECK(at(root, {"paths", "/imports", "post", "requestBody", "content", "text/csv"}));
  CHECK_FALSE(at(root, {"paths", "/healthz", "get", "responses", "429"}));
}

TEST_CASE("fields of the head and answers that are no JSON are documented") {
  auto fine = [](Request&) -> Result<Outcome> { return Response{}; };
  const Route plain{Method::get, "/events", "customer", 1, Lane::read, "events.stream", "Listen", fine};
  const Routes routes{Route(plain).reads({"Last-Event-ID"}).gives_text(kEventStream)};
  const Json root = *parse_json(openapi_document(routes, "tilld", "1"));
  const Json* get = at(root, {"paths", "/events", "get"});
  REQUIRE(get);
  const Json& field = get->find("parameters")->array()->front();
  CHECK(*field.find("in")->string() == "header");
  CHECK(*field.find("name")->string() == "Last-Event-ID");
  CHECK_FALSE(*field.find("required")->boolean());
  CHECK(*at(*get, {"responses", "200", "content", "text/event-stream", "schema", "type"})->string() == "string");
  CHECK(at(*get, {"responses", "503"}));  // so many streams and no more
  CHECK(docs_page(routes, "tilld", "1").find("header Last-Event-ID") != std::string::npos);
}

/// Every "$ref" below `json`, appended to `out`.
void collect_refs(const Json& json, std::vector<std::string>& out) {
  if (const auto* object = json.object()) {
    for (const auto& [key, value] : *object) {
      if (key == "$ref") out.push_back(*value.string());
      collect_refs(value, out);
    }
  } else if (const auto* array = json.array()) {
    for (const Json& item : *array) collect_refs(item, out);
  }
}

TEST_CASE("every reference leads somewhere and every component is referred to") {
  const Json root = document();
  std::vector<std::string> refs;
  collect_refs(root, refs);
  size_t components = 0;
  for (const char* section : {"schemas", "responses"}) {
    for (const auto& [name, value] : *at(root, {"components", section})->object()) {
      CAPTURE(name);
      const std::string ref = "#/components/" + std::string(section) + "/" + name;
      CHECK(std::count(refs.begin(), refs.end(), ref) > 0);
      ++components;
    }
  }
  std::sort(refs.begin(), refs.end());
  CHECK(static_cast<size_t>(std::unique(refs.begin(), refs.end()) - refs.begin()) == components);
}

TEST_CASE("the same table gives the same document") {
  CHECK(openapi_document(table(), "a", "b") == openapi_document(table(), "a", "b"));
  auto empty = parse_json(openapi_document({}, "a \"title\"", "b"));
  CHECK(empty.ok());
}

TEST_CASE("the page shows every route and every problem, escaped") {
  const std::string page = docs_page(table(), "tilld", "1.2");
  for (const Route& route : table())
    CHECK(page.find("<code>" + std::string(route.path) + "</code>") != std::string::npos);
  CHECK(page.find("Read a &lt;thing&gt;") != std::string::npos);
  CHECK(page.find("<thing>") == std::string::npos);
  CHECK(page.find("<script") == std::string::npos);
  CHECK(page.find("needs Idempotency-Key") != std::string::npos);
  for (int i = 0; i < kCodes; ++i) {
    CHECK(page.find("id=\"problem-" + std::string(to_string(static_cast<Code>(i))) + "\"") != std::string::npos);
  }
}

}  // namespace
}  // namespace till::http
