// A small shop of fake routes behind the real pipeline, and the people who ask it: customer, other (another customer),
// cashier, manager and fresh (a manager who has not changed the first password). A token is a name.
#pragma once

#include <doctest/doctest.h>

#include <deque>
#include <stdexcept>

#include "base/json.h"
#include "base/log.h"
#include "http/conditional.h"
#include "http/pipeline.h"
#include "support/fake_clock.h"
#include "support/fake_door.h"
#include "support/fake_ports.h"
#include "support/fake_random.h"

namespace till::http {

inline constexpr Rights kCustomer = 1;
inline constexpr Rights kCashier = 2;
inline constexpr Rights kManager = 4;

inline Response json(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

/// A write that counts itself and answers 201.
inline Outcome counted_work(int& effects, const Request& request) {
  return Work([&effects, body = request.body]() -> Result<Finish> {
    const int number = ++effects;
    return Finish([number, body]() -> Result<Response> {
      Response made = json(201, "{\"number\":" + std::to_string(number) + ",\"of\":" + body + "}");
      made.version = 1;
      return std::move(made.add("Location", "/things/" + std::to_string(number)));
    });
  });
}

/// A change of a thing, which is at version 7.
inline Result<Outcome> versioned_work(int& effects, const Request& request) {
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
}

inline Routes fake_routes(int& effects) {
  auto nothing = [](Request&) -> Result<Outcome> { return json(200, "{}"); };
  auto thing = [](Request& request) -> Result<Outcome> {
    Response row = json(200, "{\"id\":\"" + request.param("id") + "\"}");
    row.version = 7;
    return row;
  };
  auto make = [&effects](Request& request) -> Result<Outcome> { return counted_work(effects, request); };
  auto change = [&effects](Request& request) -> Result<Outcome> { return versioned_work(effects, request); };
  auto order = [](Request& request) -> Result<Outcome> {
    return json(200, request.once ? request.once->route + " " + request.once->key : "no key");
  };
  auto who = [](Request& request) -> Result<Outcome> { return json(200, "\"" + request.caller.name + "\""); };
  auto trace = [](Request& request) -> Result<Outcome> { return json(200, to_hex(request.caller.trace)); };
  auto counted_refusal = [&effects](Request&) -> Result<Outcome> {
    return Work([&effects]() -> Result<Finish> {
      ++effects;
      return Finish([]() -> Result<Response> { return Error{Code::unauthorized, "wrong password", "bad_login"}; });
    });
  };
  auto taken = [](Request&) -> Result<Outcome> { return Error{Code::conflict, "there is one", "taken"}; };
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
  Routes routes{
      {Method::get,   "/things",      "public",   0,         Lane::read,  "things.list",   "List", nothing},
      {Method::get,   "/things/{id}", "customer", kCustomer, Lane::read,  "things.get",    "Read", thing},
      {Method::post,  "/things",      "cashier",  kCashier,  Lane::write, "things.add",    "Add", make, Limit::usual, Once::required},
      {Method::patch, "/things/{id}", "manager",  kManager,  Lane::write, "things.change", "Change", change, Limit::usual, Once::no, true},
      {Method::post,  "/notes",       "customer", kCustomer, Lane::write, "notes.add",     "Note", make, Limit::usual, Once::optional},
      {Method::post,  "/slow-notes",  "customer", kCustomer, Lane::slow,  "notes.slow",    "Note slowly", make, Limit::usual, Once::optional},
      {Method::post,  "/orders",      "cashier",  kCashier,  Lane::write, "orders.add",    "Order", order, Limit::usual, Once::by_effect},
      {Method::post,  "/login",       "public",   0,         Lane::slow,  "auth.login",    "Log in", counted_refusal, Limit::strict},
      {Method::post,  "/password",    "customer", kCustomer, Lane::read,  "auth.password", "Password", nothing, Limit::usual, Once::no, false, false, true},
      {Method::get,   "/me",          "customer", kCustomer, Lane::read,  "auth.me",       "Me", who},
      {Method::get,   "/trace",       "public",   0,         Lane::read,  "auth.trace",    "Trace", trace},
      {Method::post,  "/import",      "manager",  kManager,  Lane::slow,  "import.csv",    "Import", nothing},
      {Method::post,  "/old/things",  "cashier",  kCashier,  Lane::read,  "old.add",       "Add as of old", taken},
      {Method::get,   "/broken",      "public",   0,         Lane::read,  "bugs.broken",   "Fails", broken, Limit::never},
      {Method::get,   "/bug",         "public",   0,         Lane::read,  "bugs.read",     "Throws", bug, Limit::never},
      {Method::get,   "/odd-bug",     "public",   0,         Lane::read,  "bugs.odd",      "Throws a number", odd_bug, Limit::never},
      {Method::get,   "/slow-bug",    "public",   0,         Lane::slow,  "bugs.slow",     "Throws slowly", bug, Limit::never},
      {Method::post,  "/work-bug",    "public",   0,         Lane::write, "bugs.work",     "Throws in the work", work_bug, Limit::never},
      {Method::post,  "/finish-bug",  "public",   0,         Lane::write, "bugs.finish",   "Throws in the finish", finish_bug, Limit::never},
  };
  // clang-format on
  for (Route& route : routes) {
    if (route.name == "things.list") route.query = {"limit", "cursor"};
    if (route.name == "import.csv") route = std::move(route).uploads("text/csv", route.max_body);
    if (route.name == "old.add") route.problem_status_member = "statusCode";
  }
  return routes;
}

inline Caller person(std::string name, int64_t user, Rights rights) {
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
  Status room{};
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
    settings.gate.room_for_bulk = [this] { return room; };
    settings.site.ready = [this]() -> Result<std::string_view> {
      TILL_CHECK(ready);
      return "ready";
    };
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

inline std::string code_of(const Response& response) {
  auto parsed = parse_json(response.body);
  REQUIRE(parsed.ok());
  const Json* code = parsed->find("code");
  return code ? *code->string() : "";
}

inline test::Ask add_thing(std::string_view who, const char* key, const char* body) {
  return test::ask(Method::post, "/things").as(who).body(body).with("idempotency-key", key);
}

}  // namespace till::http
