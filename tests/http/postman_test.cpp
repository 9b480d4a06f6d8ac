// The Postman collection: its order, its requests, what it keeps of answers.
#include "http/postman.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace till::http {
namespace {

const Schema kThing{"Thing", [](JsonWriter& out) {
                      out.raw(R"({"type":"object","required":["name"],"properties":{"name":{"type":"string"}}})");
                    }};

Routes table() {
  auto fine = [](Request&) -> Result<Outcome> { return Response{}; };
  auto route = [&](Method method, std::string_view path, std::string_view name, Rights needs = 1) {
    return Route{method, path, needs == 0 ? "public" : "cashier", needs, Lane::read, name, "Does it", fine};
  };
  return {
      route(Method::get, "/api/categories", "categories.list", 0).knows({"limit"}),
      route(Method::post, "/api/categories", "categories.create")
          .takes(&kThing)
          .gives(&kThing, 201)
          .keyed(Once::required),
      route(Method::del, "/api/categories/{id}", "categories.remove").with_version(),
      route(Method::patch, "/api/categories/{id}", "categories.change").takes(&kThing).gives(&kThing).with_version(),
      route(Method::post, "/api/addresses/{address_id}/say", "addresses.say").takes(&kThing),
      route(Method::get, "/api/events", "events.stream").gives_text(kEventStream),
      route(Method::post, "/api/import", "imports.add").uploads("text/csv", 100),
      route(Method::post, "/api/login", "auth.login", 0).takes(&kThing).gives(&kThing),
      route(Method::post, "/api/logout", "auth.logout"),
      route(Method::get, "/api/me", "auth.me").gives(&kThing).reads({"Till-Token"}),
      route(Method::del, "/api/me", "auth.leave"),
  };
}

const Samples& samples() {
  static const Samples all{
      {.route = "auth.login", .body = R"({"password":"{{password}}"})", .shown = true, .place = -1},
      {.route = "auth.logout", .place = 9},
      {.route = "auth.leave", .token = "their_token"},
      {.route = "addresses.say",
       .first = {{"categories.create", R"({"name":"\"quoted\""})"}, {"no.such", "{}"}},
       .status = 403},
  };
  return all;
}

Json parsed(const std::string& text) {
  auto json = parse_json(text);
  REQUIRE(json.ok());
  return std::move(*json);
}

/// The names of folders and requests: "Log in", "  auth.login" …
std::vector<std::string> outline(const Json& collection) {
  std::vector<std::string> lines;
  for (const Json& folder : *collection.find("item")->array()) {
    lines.push_back(*folder.find("name")->string());
    for (const Json& item : *folder.find("item")->array()) {
      const std::string& name = *item.find("name")->string();
      lines.push_back("  " + name.substr(0, name.find(':')));
    }
  }
  return lines;
}

const Json& item_of(const Json& collection, const std::string& name) {
  for (const Json& folder : *collection.find("item")->array()) {
    for (const Json& item : *folder.find("item")->array())
      if (item.find("name")->string()->starts_with(name + ":")) return item;
  }
  FAIL("no request " << name);
  return collection;
}

std::string script_of(const Json& item, const std::string& listen) {
  std::string text;
  for (const Json& event : *item.find("event")->array()) {
    if (*event.find("listen")->string() != listen) continue;
    for (const Json& line : *event.find("script")->find("exec")->array()) text += *line.string() + "\n";
  }
  return text;
}

std::string header_of(const Json& item, const std::string& name) {
  for (const Json& header : *item.find("request")->find("header")->array())
    if (*header.find("key")->string() == name) return *header.find("value")->string();
  return {};
}

TEST_CASE("log-in is first, resources follow in the order of the table, what takes away is last and in reverse") {
  const Json collection = parsed(postman_collection(table(), "tilld", samples()));
  CHECK(outline(collection) == std::vector<std::string>{"Log in", "  auth.login", "categories", "  categories.list",
                                                        "  categories.create", "  categories.change", "addresses",
                                                        "  addresses.say", "events", "  events.stream", "imports",
                                                        "  imports.add", "auth", "  auth.me", "What takes things away",
                                                        "  auth.leave", "  categories.remove", "  auth.logout"});
  CHECK(collection.find("info")->find("schema")->string()->find("v2.1.0") != std::string::npos);
  std::vector<std::string> variables;
  for (const Json& variable : *collection.find("variable")->array())
    variables.push_back(*variable.find("key")->string());
  CHECK(variables == std::vector<std::string>{"base", "email", "password", "new_password"});
}

TEST_CASE("a request has its path with variables, its query switched off, its headers and its body") {
  const Json collection = parsed(postman_collection(table(), "tilld", samples()));
  const Json& change = *item_of(collection, "categories.change").find("request");
  CHECK(*change.find("method")->string() == "PATCH");
  const Json& url = *change.find("url");
  CHECK(*url.find("raw")->string() == "{{base}}/api/categories/:id");
  CHECK(*url.find("path")->array()->back().string() == ":id");
  CHECK(*url.find("variable")->array()->front().find("value")->string() == "{{category_id}}");
  CHECK(*change.find("body")->find("raw")->string() == R"({"name":"Example name"})");
  CHECK(header_of(item_of(collection, "categories.change"), "If-Match") == R"("{{category_version}}")");
  CHECK(header_of(item_of(collection, "categories.change"), "Content-Type") == "application/json");
  CHECK(header_of(item_of(collection, "categories.create"), "Idempotency-Key") == "{{$guid}}");
  CHECK(header_of(item_of(collection, "imports.add"), "Content-Type") == "text/csv");
  CHECK(header_of(item_of(collection, "auth.me"), "Till-Token") == "{{till_token}}");
  const Json& query =
      item_of(collection, "categories.list").find("request")->find("url")->find("query")->array()->front();
  CHECK(*query.find("key")->string() == "limit");
  CHECK(*query.find("disabled")->boolean());
  CHECK(*item_of(collection, "auth.login").find("request")->find("body")->find("raw")->string() ==
        R"({"password":"{{password}}"})");
  const Json& says = item_of(collection, "addresses.say");
  CHECK(*says.find("request")->find("url")->find("variable")->array()->front().find("value")->string() ==
        "{{address_id}}");
}

TEST_CASE("who asks: the bearer of the log-in, nobody on public routes, somebody else where the sample says so") {
  const Json collection = parsed(postman_collection(table(), "tilld", samples()));
  CHECK(*collection.find("auth")->find("type")->string() == "bearer");
  CHECK_FALSE(item_of(collection, "auth.me").find("request")->find("auth"));
  CHECK(*item_of(collection, "auth.login").find("request")->find("auth")->find("type")->string() == "noauth");
  CHECK(*item_of(collection, "auth.leave")
             .find("request")
             ->find("auth")
             ->find("bearer")
             ->array()
             ->front()
             .find("value")
             ->string() == "{{their_token}}");
}

TEST_CASE("every request asserts its status, and keeps the row it made or showed") {
  const Json collection = parsed(postman_collection(table(), "tilld", samples()));
  const std::string create = script_of(item_of(collection, "categories.create"), "test");
  CHECK(create.starts_with("pm.test('201', () => pm.response.to.have.status(201));\n"));
  CHECK(create.find("\nkeep('category', ") != std::string::npos);
  CHECK(script_of(item_of(collection, "categories.change"), "test")
            .find("if (row.id === pm.variables.get('category_id')) keep('category', ") != std::string::npos);
  CHECK(script_of(item_of(collection, "auth.login"), "test").find("\nkeep('', ") != std::string::npos);
  CHECK(script_of(item_of(collection, "auth.logout"), "test") ==
        "pm.test('200', () => pm.response.to.have.status(200));\n");
  CHECK(script_of(item_of(collection, "addresses.say"), "test").find("status(403)") != std::string::npos);
}

TEST_CASE("what must have happened before is asked before, if there is such a route; a stream is left out") {
  const Json collection = parsed(postman_collection(table(), "tilld", samples()));
  const std::string before = script_of(item_of(collection, "addresses.say"), "prerequest");
  CHECK(before.find(R"(  ["category","POST","/api/categories","{\"name\":\"\\\"quoted\\\"\"}"],)") !=
        std::string::npos);
  CHECK(before.find("no.such") == std::string::npos);
  CHECK(before.find("pm.sendRequest(") != std::string::npos);
  CHECK(script_of(item_of(collection, "events.stream"), "prerequest").find("skipRequest") != std::string::npos);
  CHECK(script_of(item_of(collection, "auth.me"), "prerequest").empty());
}

TEST_CASE("a dialect's routes are not in it; an empty table is a collection, too") {
  Routes routes = table();
  for (Route& route : routes) route.dialect = true;
  CHECK(outline(parsed(postman_collection(routes, "a \"title\"", {}))).empty());
}

}  // namespace
}  // namespace till::http
