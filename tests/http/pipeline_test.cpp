// The life of a request behind the head: lanes, versions, kept answers, bugs, the routes http brings itself.
#include "http/pipeline.h"

#include "http/fake_shop.h"

namespace till::http {
namespace {

using test::ask;
using test::header;

TEST_CASE("HEAD is GET, OPTIONS comes from the trie") {
  Shop shop;
  const Response head = shop.send(ask(Method::head, "/things/1").as("customer"));
  CHECK(head.status == 200);
  CHECK(header(head, "ETag") == "\"7\"");
  const Response options = shop.send(ask(Method::options, "/things"));
  CHECK(options.status == 204);
  CHECK(header(options, "Allow") == "GET, HEAD, POST, OPTIONS");
  CHECK(header(shop.send(ask(Method::put, "/things/1")), "Allow") == "GET, HEAD, PATCH, OPTIONS");
  CHECK(shop.send(ask(Method::options, "/nothing")).status == 404);
}

TEST_CASE("a version is a tag, and a known one is not sent again") {
  Shop shop;
  const Response full = shop.send(ask(Method::get, "/things/1").as("customer"));
  CHECK(header(full, "ETag") == "\"7\"");
  CHECK(header(full, "Cache-Control") == "private, no-cache");
  const Response known = shop.send(ask(Method::get, "/things/1").as("customer").with("if-none-match", "\"6\", \"7\""));
  CHECK(known.status == 304);
  CHECK(known.body.empty());
  CHECK(header(known, "ETag") == "\"7\"");
  CHECK(shop.send(ask(Method::get, "/things/1").as("customer").with("if-none-match", "\"6\"")).status == 200);
  CHECK(header(shop.send(ask(Method::get, "/things")), "Cache-Control") == "no-store");
}

TEST_CASE("a change names the version it changes") {
  Shop shop;
  auto change = [&](const char* if_match) {
    return shop.send(
        ask(Method::patch, "/things/1").as("manager").with(if_match ? "if-match" : "x", if_match ? if_match : ""));
  };
  const Response missing = change(nullptr);
  CHECK(missing.status == 428);
  const Response stale = change("\"6\"");
  CHECK(stale.status == 412);
  CHECK(header(stale, "ETag") == "\"7\"");
  CHECK(stale.body.find(R"("current":{"id":"1","version":7})") != std::string::npos);
  CHECK(shop.effects == 0);
  CHECK(change("\"7\"").status == 200);
  CHECK(shop.effects == 1);
}

TEST_CASE("one key is one effect, and one answer byte for byte") {
  Shop shop;
  const Response first = shop.send(add_thing("cashier", "k1", "11"));
  CHECK(first.status == 201);
  CHECK(header(first, "Idempotent-Replayed").empty());
  const Response again = shop.send(add_thing("cashier", "k1", "11"));
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  CHECK(header(again, "Location") == "/things/1");
  CHECK(header(again, "ETag") == header(first, "ETag"));
  CHECK(header(again, "Idempotent-Replayed") == "true");
  CHECK(shop.effects == 1);

  const Response mismatch = shop.send(add_thing("cashier", "k1", "12"));
  CHECK(mismatch.status == 422);
  CHECK(code_of(mismatch) == "idempotency_mismatch");
  CHECK(shop.effects == 1);

  CHECK(header(shop.send(add_thing("manager", "k1", "11")), "Location") == "/things/2");  // another caller's key
  CHECK(header(shop.send(ask(Method::post, "/notes").as("cashier").body("11").with("idempotency-key", "k1")),
               "Location") == "/things/3");  // another path's key
}

TEST_CASE("32 requests with one key in one group are one effect") {
  Shop shop;
  shop.writer.limit = 32;
  std::vector<std::shared_ptr<test::Sent>> all;
  for (int i = 0; i < 32; ++i) all.push_back(shop.start(add_thing("cashier", "k", "1")));
  shop.work_off();
  int replayed = 0;
  for (auto& sent : all) {
    const Response* response = test::FakeDoor::turn(*sent);
    REQUIRE(response);
    CHECK(response->body == R"({"number":1,"of":1})");
    replayed += header(*response, "Idempotent-Replayed") == "true" ? 1 : 0;
  }
  CHECK(shop.effects == 1);
  CHECK(replayed == 31);
}

TEST_CASE("an optional key counts where it is given, also on the slow lane") {
  for (const char* path : {"/notes", "/slow-notes"}) {
    Shop shop;
    for (int i = 0; i < 2; ++i) CHECK(shop.send(ask(Method::post, path).as("customer").body("1")).status == 201);
    CHECK(shop.effects == 2);
    for (int i = 0; i < 2; ++i) {
      CHECK(shop.send(ask(Method::post, path).as("customer").body("1").with("idempotency-key", "n")).status == 201);
    }
    CHECK(shop.effects == 3);
    CHECK(shop.once.size() == 1);
  }
}

TEST_CASE("an effect that carries its key gets it and keeps nothing here") {
  Shop shop;
  CHECK(shop.send(ask(Method::post, "/orders").as("cashier").with("idempotency-key", "o1")).body == "POST /orders o1");
  CHECK(shop.once.size() == 0);
}

TEST_CASE("an answer that cannot be kept is an effect that did not happen") {
  Shop shop;
  shop.once.keep_error = Error{Code::full, "the disk is full"};
  CHECK(shop.send(add_thing("cashier", "k1", "1")).status == 507);
}

TEST_CASE("a failed commit answers everybody in the group with its error") {
  Shop shop;
  shop.writer.commit_error = Error{Code::full, "the disk is full"};
  auto one = shop.start(add_thing("cashier", "a", "1"));
  auto two = shop.start(add_thing("cashier", "b", "1"));
  CHECK_FALSE(test::FakeDoor::turn(*one));
  shop.work_off();
  CHECK(test::FakeDoor::turn(*one)->status == 507);
  CHECK(test::FakeDoor::turn(*two)->status == 507);
}

TEST_CASE("a full writer and a full pool say so at once and do nothing") {
  Shop shop;
  shop.writer.limit = 0;
  for (const char* path : {"/notes", "/slow-notes"}) {
    const Response response = shop.send(ask(Method::post, path).as("customer").body("1"));
    CHECK(response.status == 503);
    CHECK(header(response, "Retry-After") == "1");
  }
  shop.writer.limit = 16;
  shop.pool_limit = 0;
  const Response response = shop.send(ask(Method::post, "/slow-notes").as("customer").body("1"));
  CHECK(response.status == 503);
  CHECK(code_of(response) == "busy");
  CHECK(shop.effects == 0);
}

TEST_CASE("whatever throws is a bug: 500 without a word of it, counted and kept") {
  Shop shop;
  const std::pair<Method, const char*> rows[] = {{Method::get, "/broken"},    {Method::get, "/bug"},
                                                 {Method::get, "/odd-bug"},   {Method::get, "/slow-bug"},
                                                 {Method::post, "/work-bug"}, {Method::post, "/finish-bug"}};
  log::set_level(log::Level::error);
  for (auto [method, path] : rows) {
    CAPTURE(path);
    const Response response = shop.send(ask(method, path));
    CHECK(response.status == 500);
    CHECK(code_of(response) == "internal");
    for (const char* leak : {"secret", "SELECT", "/var", "exception"})
      CHECK(response.body.find(leak) == std::string::npos);
  }
  const auto incidents = shop.pipeline->logbook().incidents();
  REQUIRE(incidents.size() == 6);
  CHECK(incidents[0].message == "/var/lib/till: SELECT");
  CHECK(incidents[1].message == "exception: secret of the bug");
  CHECK(incidents[1].route == "bugs.read");
  CHECK(shop.metrics.render().find("till_errors_total{code=\"internal\"} 6") != std::string::npos);
  for (int i = 0; i < 200; ++i) shop.send(ask(Method::get, "/bug"));
  CHECK(shop.pipeline->logbook().incidents().size() == kMaxIncidents);
}

TEST_CASE("a closing answer waits for its door") {
  Shop shop;
  auto sent = shop.start(add_thing("cashier", "k", "1"));
  CHECK_FALSE(test::FakeDoor::turn(*sent));
  shop.work_off();
  CHECK(std::holds_alternative<LastStep>(sent->answer));
  CHECK(test::FakeDoor::turn(*sent)->status == 201);
  auto read = shop.start(ask(Method::get, "/things"));
  CHECK(std::holds_alternative<Response>(read->answer));  // the cheap path
}

TEST_CASE("the door's own refusals look like all others") {
  Shop shop;
  const Response blind = shop.pipeline->refuse(408, "head_timeout", "the head did not come in time", nullptr);
  CHECK(blind.status == 408);
  CHECK(code_of(blind) == "head_timeout");
  CHECK(parse_uuid(header(blind, "X-Request-Id")));
  Exchange exchange;
  exchange.request.headers = {{"x-request-id", "mine"}};
  CHECK(header(shop.pipeline->refuse(413, "too_large", "too large", &exchange), "X-Request-Id") == "mine");
}

TEST_CASE("every problem of a dialect's route says its status twice, whoever makes it; others do not") {
  Shop shop;
  auto says_twice = [](const Response& response, int status) {
    const auto problem = parse_json(response.body);
    REQUIRE(problem.ok());
    CHECK(response.status == status);
    CHECK(*problem->find("status")->integer() == status);
    REQUIRE(problem->find("statusCode"));
    CHECK(*problem->find("statusCode")->integer() == status);
  };
  says_twice(shop.send(ask(Method::post, "/old/things")), 401);
  says_twice(shop.send(ask(Method::post, "/old/things").as("customer")), 403);
  says_twice(shop.send(ask(Method::post, "/old/things").as("cashier").query("odd", "1")), 400);
  says_twice(shop.send(ask(Method::post, "/old/things").as("cashier").with("content-length", "2")), 415);
  says_twice(shop.send(ask(Method::post, "/old/things").as("cashier").body("{}")), 409);
  auto sent = shop.start(ask(Method::post, "/old/things").as("cashier"));
  says_twice(shop.pipeline->refuse(413, "body_too_large", "too large", sent->back.get()), 413);
  CHECK(shop.send(ask(Method::get, "/broken")).body.find("statusCode") == std::string::npos);
}

TEST_CASE("health, readiness and numbers") {
  Shop shop;
  CHECK(shop.send(ask(Method::get, "/healthz")).status == 200);
  CHECK(shop.send(ask(Method::get, "/readyz")).status == 200);
  shop.ready = Error{Code::busy, "the database is being checked", "starting"};
  const Response starting = shop.send(ask(Method::get, "/readyz"));
  CHECK(starting.status == 503);
  CHECK(code_of(starting) == "starting");
  CHECK(shop.send(ask(Method::get, "/healthz")).status == 200);

  CHECK(shop.send(ask(Method::get, "/metrics")).status == 403);
  CHECK(shop.send(ask(Method::get, "/metrics").as("cashier")).status == 403);
  CHECK(shop.send(ask(Method::get, "/metrics").as("manager")).status == 200);
  CHECK(shop.send(ask(Method::get, "/metrics").from("127.0.0.1")).status == 200);
  const Response numbers = shop.send(ask(Method::get, "/metrics").from("::1"));
  CHECK(numbers.content_type.substr(0, 10) == "text/plain");
  CHECK(numbers.body.find(R"(till_http_requests_total{route="ops.alive",status="2xx"} 2)") != std::string::npos);
  CHECK(numbers.body.find(R"(till_http_requests_total{route="ops.ready",status="5xx"} 1)") != std::string::npos);
}

TEST_CASE("a table that breaks a rule stops the start") {
  auto fine = [](Request&) -> Result<Outcome> { return Response{}; };
  struct Row {
    Route route;
    const char* says;
  };
  const Row rows[] = {
      {{Method::get, "/a", "public", 0, Lane::read, "a", "A", nullptr}, "has no handler"},
      {{Method::get, "/a", "public", 0, Lane::read, "", "A", fine}, "needs a name"},
      {{Method::get, "/a", "staff", 3, Lane::read, "a", "A", fine}, "needs one right"},
      {{Method::get, "/a", "public", 0, Lane::read, "docs.page", "A", fine}, "has the name of another route"},
      {{Method::get, "/docs", "public", 0, Lane::read, "a", "A", fine}, "is there twice"},
      {{Method::post, "/a", "public", 0, Lane::write, "a", "A", fine, Limit::usual, Once::required}, "is public"},
      {{Method::post, "/a", "staff", 1, Lane::read, "a", "A", fine, Limit::usual, Once::optional}, "reads"},
      {{Method::post, "/a", "staff", 1, Lane::slow, "a", "A", fine, Limit::usual, Once::required, false, false, false,
        1, "text/csv"},
       "is an upload"},
  };
  Shop shop;
  for (const Row& row : rows) {
    Registry metrics;
    auto made = Pipeline::create({row.route},
                                 {shop.clock, shop.random, shop.ids, shop.people, shop.writer, shop.once, metrics,
                                  [](Task<void()>) { return false; }},
                                 {});
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().message.find(row.says) != std::string::npos);
    CHECK(made.error().message.substr(0, 6) == "route ");
  }
}

}  // namespace
}  // namespace till::http
