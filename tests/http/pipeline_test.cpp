// The life of a request: a small shop of fake routes behind the real pipeline, asked by everybody about everything.
#include "http/pipeline.h"

#include <doctest/doctest.h>

#include <deque>

#include "base/json.h"
#include "base/log.h"
#include "http/conditional.h"
#include "support/fake_clock.h"
#include "support/fake_door.h"
#include "support/fake_ports.h"
#include "support/fake_random.h"

namespace till::http {
namespace {

using test::ask;
using test::header;

constexpr Rights kCustomer = 1;
constexpr Rights kCashier = 2;
constexpr Rights kManager = 4;

Response json(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

/// A write that counts itself and answers 201.
Outcome counted_work(int& effects, const Request& request) {
  return Work([&effects, body = request.body]() -> Result<Finish> {
    const int number = ++effects;
    return Finish([number, body]() -> Result<Response> {
      Response made = json(201, "{\"number\":" + std::to_string(number) + ",\"of\":" + body + "}");
      made.version = 1;
      return std::move(made.add("Location", "/things/" + std::to_string(number)));
    });
  });
}

Routes fake_routes(int& effects) {
  auto nothing = [](Request&) -> Result<Outcome> { return json(200, "{}"); };
  auto thing = [](Request& request) -> Result<Outcome> {
    Response row = json(200, "{\"id\":\"" + request.param("id") + "\"}");
    row.version = 7;
    return row;
  };
  auto make = [&effects](Request& request) -> Result<Outcome> { return counted_work(effects, request); };
  auto change = [&effects](Request& request) -> Result<Outcome> {
    TILL_TRY(const int64_t expected, expected_version(request, std::nullopt));
    return Work([&effects, expected]() -> Result<Finish> {
      if (expected != 7) {
        Error stale{Code::stale, "somebody changed it"};
        stale.current = R"({"id":"1","version":7})";
        stale.current_version = 7;
        return stale;
      }
      ++effects;
      return Finish([]() -> Result<Response> { return json(200, "{}"); });
    });
  };
  auto order = [](Request& request) -> Result<Outcome> {
    return json(200, request.once ? request.once->route + " " + request.once->key : "no key");
  };
  auto who = [](Request& request) -> Result<Outcome> { return json(200, "\"" + request.caller.name + "\""); };
  auto counted_refusal = [&effects](Request&) -> Result<Outcome> {
    return Work([&effects]() -> Result<Finish> {
      ++effects;
      return Finish([]() -> Result<Response> { return Error{Code::unauthorized, "wrong password", "bad_login"}; });
    });
  };
  auto broken = [](Request&) -> Result<Outcome> { return Error{Code::internal, "/var/lib/till: SELECT", "disk"}; };
  auto bug = [](Request&) -> Result<Outcome> { throw std::runtime_error("secret of the bug"); };
  auto odd_bug = [](Request&) -> Result<Outcome> { throw 42; };
  auto work_bug = [](Request&) -> Result<Outcome> {
    return Work([]() -> Result<Finish> { throw std::runtime_error("secret of the bug"); });
  };
  auto finish_bug = [](Request&) -> Result<Outcome> {
    return Work([]() -> Result<Finish> {
      return Finish([]() -> Result<Response> { throw std::runtime_error("secret of the bug"); });
    });
  };
  // clang-format off
  return {
      {Method::get,   "/things",      "public",   0,         Lane::read,  "things.list",   "List", nothing, Limit::usual, Once::no, false, false, false, 0, {}, nullptr, nullptr, 200, {"limit", "cursor"}},
      {Method::get,   "/things/{id}", "customer", kCustomer, Lane::read,  "things.get",    "Read", thing},
      {Method::post,  "/things",      "cashier",  kCashier,  Lane::write, "things.add",    "Add", make, Limit::usual, Once::required},
      {Method::patch, "/things/{id}", "manager",  kManager,  Lane::write, "things.change", "Change", change, Limit::usual, Once::no, true},
      {Method::post,  "/notes",       "customer", kCustomer, Lane::write, "notes.add",     "Note", make, Limit::usual, Once::optional},
      {Method::post,  "/slow-notes",  "customer", kCustomer, Lane::slow,  "notes.slow",    "Note slowly", make, Limit::usual, Once::optional},
      {Method::post,  "/orders",      "cashier",  kCashier,  Lane::write, "orders.add",    "Order", order, Limit::usual, Once::by_effect},
      {Method::post,  "/login",       "public",   0,         Lane::slow,  "auth.login",    "Log in", counted_refusal, Limit::strict},
      {Method::post,  "/password",    "customer", kCustomer, Lane::read,  "auth.password", "Password", nothing, Limit::usual, Once::no, false, false, true},
      {Method::get,   "/me",          "customer", kCustomer, Lane::read,  "auth.me",       "Me", who},
      {Method::post,  "/import",      "manager",  kManager,  Lane::slow,  "import.csv",    "Import", nothing, Limit::usual, Once::no, false, false, false, 1, "text/csv"},
      {Method::get,   "/broken",      "public",   0,         Lane::read,  "bugs.broken",   "Fails", broken, Limit::never},
      {Method::get,   "/bug",         "public",   0,         Lane::read,  "bugs.read",     "Throws", bug, Limit::never},
      {Method::get,   "/odd-bug",     "public",   0,         Lane::read,  "bugs.odd",      "Throws a number", odd_bug, Limit::never},
      {Method::get,   "/slow-bug",    "public",   0,         Lane::slow,  "bugs.slow",     "Throws slowly", bug, Limit::never},
      {Method::post,  "/work-bug",    "public",   0,         Lane::write, "bugs.work",     "Throws in the work", work_bug, Limit::never},
      {Method::post,  "/finish-bug",  "public",   0,         Lane::write, "bugs.finish",   "Throws in the finish", finish_bug, Limit::never},
  };
  // clang-format on
}

Caller person(std::string name, int64_t user, Rights rights) {
  Caller caller;
  caller.name = std::move(name);
  caller.user = user;
  caller.rights = rights;
  caller.limited = rights == kCustomer;
  return caller;
}

/// A pipeline and everything it stands on.
struct Shop {
  test::FakeClock clock{};
  test::FakeRandom random{};
  IdSource ids{clock, random};
  test::FakeAuthenticator people{};
  test::FakeWriteLane writer{};
  test::FakeOnceStore once{};
  Registry metrics{};
  std::deque<Task<void()>> pool{};
  size_t pool_limit = 4;
  int effects = 0;
  Status ready{};
  std::unique_ptr<Pipeline> pipeline{};

  explicit Shop(PipelineSettings settings = {}) {
    log::set_level(log::Level::error);
    people.add(person("customer", 1, kCustomer));
    people.add(person("other", 2, kCustomer));
    people.add(person("cashier", 3, kCustomer | kCashier));
    people.add(person("manager", 4, kCustomer | kCashier | kManager));
    Caller fresh = person("fresh", 5, kCustomer | kCashier | kManager);
    fresh.restricted = true;
    people.add(fresh);
    settings.gate.local_operator = person("operator", 0, kCustomer | kCashier | kManager);
    settings.site.ready = [this] { return ready; };
    settings.site.metrics_right = kManager;
    auto slow = [this](Task<void()> task) {
      if (pool.size() >= pool_limit) return false;
      pool.push_back(std::move(task));
      return true;
    };
    auto made = Pipeline::create(fake_routes(effects), {clock, random, ids, people, writer, once, metrics, slow},
                                 std::move(settings));
    REQUIRE(made.ok());
    pipeline = std::move(*made);
  }

  std::shared_ptr<test::Sent> start(test::Ask asked) { return test::FakeDoor(*pipeline).send(std::move(asked)); }

  void work_off() {
    for (; !pool.empty(); pool.pop_front()) pool.front()();
    writer.work_off();
  }

  Response send(test::Ask asked) {
    auto sent = start(std::move(asked));
    work_off();
    const Response* response = test::FakeDoor::turn(*sent);
    REQUIRE(response);
    return *response;
  }
};

std::string code_of(const Response& response) {
  auto parsed = parse_json(response.body);
  REQUIRE(parsed.ok());
  const Json* code = parsed->find("code");
  return code ? *code->string() : "";
}

test::Ask add_thing(std::string_view who, const char* key, const char* body) {
  return ask(Method::post, "/things").as(who).body(body).with("idempotency-key", key);
}

TEST_CASE("every route as every role") {
  const char* everybody[] = {"", "customer", "cashier", "manager"};
  const Rights rights[] = {0, kCustomer, kCustomer | kCashier, kCustomer | kCashier | kManager};
  Shop shop;
  for (const Route& route : shop.pipeline->routes()) {
    for (size_t i = 0; i < 4; ++i) {
      CAPTURE(route.name);
      CAPTURE(std::string(everybody[i]));
      shop.clock.advance_ms(60'000);
      test::Ask asked = ask(route.method, std::string(route.path)).from("127.0.0.1");
      if (i > 0) asked = std::move(asked).as(everybody[i]);
      const int status = shop.send(std::move(asked)).status;
      if (route.needs != 0 && i == 0) {
        CHECK(status == 401);
      } else if (route.needs != 0 && (rights[i] & route.needs) == 0) {
        CHECK(status == 403);
      } else {
        CHECK(status != 403);
      }
    }
  }
}

TEST_CASE("what the head decides") {
  struct Row {
    const char* name;
    test::Ask asked;
    int status;
    const char* code;
  };
  const std::string long_key(65, 'k');
  const Row rows[] = {
      {"no such path", ask(Method::get, "/nothing"), 404, "no_route"},
      {"no such method", ask(Method::put, "/things"), 405, "method_not_allowed"},
      {"a bad token on a public route", ask(Method::get, "/things").as("nobody"), 401, "bad_token"},
      {"another scheme", ask(Method::get, "/things").with("authorization", "Basic Y2FzaGllcjo="), 401, "bad_token"},
      {"a scheme alone", ask(Method::get, "/things").with("authorization", "Bearer "), 401, "bad_token"},
      {"an empty Authorization", ask(Method::get, "/things").with("authorization", ""), 401, "bad_token"},
      {"nobody, where a role is needed", ask(Method::get, "/me"), 401, "login_required"},
      {"too low a role", ask(Method::post, "/things").as("customer"), 403, "role_required"},
      {"a first password", ask(Method::get, "/me").as("fresh"), 403, "password_change_required"},
      {"an unknown parameter", ask(Method::get, "/things").query("limit", "1").query("sort", "x"), 400, "bad_query"},
      {"a parameter twice", ask(Method::get, "/things").query("limit", "1").query("limit", "2"), 400, "bad_query"},
      {"no key", ask(Method::post, "/things").as("cashier").body("1"), 400, "idempotency_key_required"},
      {"no key for an effect that carries it", ask(Method::post, "/orders").as("cashier"), 400,
       "idempotency_key_required"},
      {"an empty key", add_thing("cashier", "", "1"), 400, "bad_idempotency_key"},
      {"a long key", add_thing("cashier", long_key.c_str(), "1"), 400, "bad_idempotency_key"},
      {"a key with a space", add_thing("cashier", "a b", "1"), 400, "bad_idempotency_key"},
      {"a key in UTF-8", add_thing("cashier", "schl\xc3\xbcssel", "1"), 400, "bad_idempotency_key"},
      {"If-Match: *", ask(Method::patch, "/things/1").as("manager").with("if-match", "*"), 400, "bad_if_match"},
      {"a weak If-Match", ask(Method::patch, "/things/1").as("manager").with("if-match", "W/\"7\""), 400,
       "bad_if_match"},
      {"a list in If-Match", ask(Method::patch, "/things/1").as("manager").with("if-match", "\"7\", \"8\""), 400,
       "bad_if_match"},
      {"text for JSON",
       ask(Method::post, "/notes").as("customer").with("content-length", "1").with("content-type", "text/plain"), 415,
       "unsupported_media_type"},
      {"no content type", ask(Method::post, "/notes").as("customer").with("content-length", "1"), 415,
       "unsupported_media_type"},
      {"latin-1",
       ask(Method::post, "/notes")
           .as("customer")
           .with("content-length", "1")
           .with("content-type", "application/json; charset=latin1"),
       415, "unsupported_media_type"},
      {"json for an upload", ask(Method::post, "/import").as("manager").body("1"), 415, "unsupported_media_type"},
  };
  Shop shop;
  for (const Row& row : rows) {
    CAPTURE(row.name);
    shop.clock.advance_ms(10'000);
    auto sent = shop.start(row.asked);
    CHECK(sent->refused_at_head);
    const Response* response = test::FakeDoor::turn(*sent);
    REQUIRE(response);
    CHECK(response->status == row.status);
    CHECK(code_of(*response) == row.code);
    CHECK(response->content_type == "application/problem+json");
  }
  CHECK(shop.effects == 0);
}

TEST_CASE("what a head may look like") {
  Shop shop;
  CHECK(shop.send(ask(Method::get, "/things").query("limit", "1").query("cursor", "x")).status == 200);
  CHECK(shop.send(ask(Method::get, "/me").with("authorization", "bEARER customer")).body == "\"customer\"");
  CHECK(shop.send(ask(Method::get, "/me").from("local")).body == "\"operator\"");
  CHECK(shop.send(ask(Method::get, "/me").from("local").as("customer")).body == "\"customer\"");
  CHECK(shop.send(ask(Method::post, "/password").as("fresh")).status == 200);
  CHECK(shop.send(ask(Method::post, "/notes").as("customer").with("content-length", "0")).status == 201);
  for (const char* type : {"application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8"}) {
    CHECK(shop.send(ask(Method::post, "/notes").as("customer").with("content-length", "1").with("content-type", type))
              .status == 201);
  }
  CHECK(shop.send(ask(Method::post, "/import")
                      .as("manager")
                      .with("content-length", "1")
                      .with("content-type", "text/csv; header=present"))
            .status == 200);
}

TEST_CASE("unknown parameters are all named") {
  Shop shop;
  const Response response = shop.send(ask(Method::get, "/things").query("sort", "x").query("token", "hush"));
  CHECK(response.body.find("\"?sort\"") != std::string::npos);
  CHECK(response.body.find("\"?token\"") != std::string::npos);
  CHECK(response.body.find("hush") == std::string::npos);
}

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

TEST_CASE("cross-origin requests are off, and then as narrow as they are set") {
  auto preflight = [](Shop& shop, const char* origin) {
    return shop.send(
        ask(Method::options, "/things").with("origin", origin).with("access-control-request-method", "POST"));
  };
  Shop closed;
  CHECK(closed.send(ask(Method::get, "/things").with("origin", "https://office.example"))
            .extra_headers.find("Access-Control") == std::string::npos);
  PipelineSettings settings;
  settings.cors_origins = {"https://office.example"};
  Shop open(std::move(settings));
  const Response allowed = preflight(open, "https://office.example");
  CHECK(header(allowed, "Access-Control-Allow-Origin") == "https://office.example");
  CHECK(header(allowed, "Access-Control-Allow-Methods") == "GET, HEAD, POST, OPTIONS");
  for (const char* origin : {"https://office.example.evil", "https://office", "null", "*", "http://office.example"}) {
    CHECK(header(preflight(open, origin), "Access-Control-Allow-Origin").empty());
  }
  const Response refused = open.send(ask(Method::get, "/me").with("origin", "https://office.example"));
  CHECK(refused.status == 401);
  CHECK(header(refused, "Access-Control-Allow-Origin") == "https://office.example");
  CHECK(header(refused, "Vary") == "Origin");
}

TEST_CASE("ids are taken if they are well formed, else made, and always echoed") {
  Shop shop;
  const std::string parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
  const Response taken =
      shop.send(ask(Method::get, "/things").with("x-request-id", "till-7-42").with("traceparent", parent));
  CHECK(header(taken, "X-Request-Id") == "till-7-42");
  CHECK(header(taken, "traceparent").substr(0, 36) == parent.substr(0, 36));
  CHECK(header(taken, "traceparent").substr(36, 16) != parent.substr(36, 16));
  CHECK(header(taken, "traceparent").substr(52) == "-00");
  const std::string bad_ids[] = {"", "a b", "a\"b", "a_b", std::string(65, 'a')};
  for (const std::string& bad : bad_ids) {
    CHECK(parse_uuid(header(shop.send(ask(Method::get, "/things").with("x-request-id", bad)), "X-Request-Id")));
  }
  const std::string zero(32, '0');
  const std::string bad_parents[] = {"",
                                     "00",
                                     "ff" + parent.substr(2),
                                     "00-" + zero + parent.substr(35),
                                     parent.substr(0, 36) + "0000000000000000-01",
                                     parent + "-x",
                                     "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-00",
                                     std::string(5000, '-')};
  for (const std::string& bad : bad_parents) {
    shop.clock.advance_ms(1000);
    const Response made = shop.send(ask(Method::get, "/things").with("traceparent", bad));
    CHECK(header(made, "traceparent").size() == 55);
    CHECK(header(made, "traceparent").substr(3, 32) != parent.substr(3, 32));
  }
  CHECK(header(shop.send(ask(Method::get, "/things").with("traceparent", "01" + parent.substr(2) + "-more")),
               "traceparent")
            .substr(3, 32) == parent.substr(3, 32));
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

TEST_CASE("limits are by address for the public, by user for customers, and not for staff") {
  Shop shop;
  auto refused = [&](int times, auto make) {
    int count = 0;
    for (int i = 0; i < times; ++i) count += shop.send(make()).status == 429 ? 1 : 0;
    return count;
  };
  CHECK(refused(25, [] { return ask(Method::get, "/things"); }) == 5);
  CHECK(refused(1, [] { return ask(Method::get, "/things").from("192.0.2.2"); }) == 0);
  CHECK(refused(45, [] { return ask(Method::get, "/me").as("customer"); }) == 5);
  CHECK(refused(1, [] { return ask(Method::get, "/me").as("customer").from("192.0.2.9"); }) == 1);
  CHECK(refused(1, [] { return ask(Method::get, "/me").as("other"); }) == 0);
  CHECK(refused(500, [] { return ask(Method::get, "/me").as("cashier"); }) == 0);
  CHECK(refused(500, [] { return ask(Method::get, "/healthz"); }) == 0);
  CHECK(refused(500, [] { return ask(Method::get, "/things").from("local"); }) == 0);

  const Response response = shop.send(ask(Method::get, "/things"));
  CHECK(response.status == 429);
  CHECK(code_of(response) == "rate_limited");
  CHECK(header(response, "Retry-After") == "1");
  CHECK(header(response, "RateLimit") == "\"public\";r=0;t=2");
  CHECK(header(response, "RateLimit-Policy") == "\"public\";q=20;w=2");
  CHECK(header(shop.send(ask(Method::get, "/me").as("cashier")), "RateLimit").empty());
}

TEST_CASE("guessing tokens and passwords is counted too") {
  Shop shop;
  int refused = 0;
  for (int i = 0; i < 100; ++i) refused += shop.send(ask(Method::get, "/me").as("guess")).status == 429 ? 1 : 0;
  CHECK(refused == 80);
  for (int i = 0; i < 10; ++i) CHECK(shop.send(ask(Method::post, "/login")).status == 401);
  CHECK(shop.effects == 10);  // the tries are committed although the answer is an error
  const Response limited = shop.send(ask(Method::post, "/login").as("manager"));
  CHECK(limited.status == 429);
  CHECK(header(limited, "Retry-After") == "6");
}

TEST_CASE("setting the wall clock frees nobody and locks nobody") {
  Shop shop;
  for (int i = 0; i < 20; ++i) shop.send(ask(Method::get, "/things"));
  shop.clock.set({4'000'000'000'000});
  CHECK(shop.send(ask(Method::get, "/things")).status == 429);
  shop.clock.set({0});
  CHECK(shop.send(ask(Method::get, "/things")).status == 429);
  shop.clock.advance_ms(2000);
  CHECK(shop.send(ask(Method::get, "/things")).status == 200);
}

TEST_CASE("a quota of zero limits nobody") {
  PipelineSettings settings;
  settings.gate.public_quota.requests = 0;
  Shop shop(std::move(settings));
  for (int i = 0; i < 100; ++i) CHECK(shop.send(ask(Method::get, "/things")).status == 200);
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
  Request request;
  request.headers = {{"x-request-id", "mine"}};
  CHECK(header(shop.pipeline->refuse(413, "too_large", "too large", &request), "X-Request-Id") == "mine");
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
