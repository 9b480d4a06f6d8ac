// Everything that a head decides: who asks, how often, whether they may, and how the headers must look.
#include "http/gate.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "http/fake_shop.h"

namespace till::http {
namespace {

using test::ask;
using test::header;

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

TEST_CASE("bulk work is refused on its head while the disk has room for sales only") {
  Shop shop;
  shop.room = Error{Code::full, "The disk is nearly full"};
  auto upload = [] {
    return ask(Method::post, "/import").with("content-length", "9").with("content-type", "text/csv");
  };
  CHECK(shop.send(upload().as("manager")).status == 507);
  CHECK(shop.send(upload()).status == 401);  // and a stranger learns nothing of it
  CHECK(shop.send(ask(Method::get, "/things")).status == 200);
  shop.room = {};
  CHECK(shop.send(upload().as("manager")).status == 200);
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
  for (const char* name : {"Authorization", "If-Match", "Idempotency-Key", "Till-Token", "Last-Event-ID"})
    CHECK(header(allowed, "Access-Control-Allow-Headers").find(name) != std::string::npos);
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
  CHECK(shop.send(ask(Method::get, "/trace").with("traceparent", parent)).body == parent.substr(3, 32));
  const Response own = shop.send(ask(Method::get, "/trace").as("manager"));  // the caller that the gate made has it too
  CHECK(own.body == header(own, "traceparent").substr(3, 32));
  CHECK(header(shop.send(ask(Method::get, "/things").with("traceparent", "01" + parent.substr(2) + "-more")),
               "traceparent")
            .substr(3, 32) == parent.substr(3, 32));
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

/// What `call` writes to the log.
template <class Call>
std::string logged(Call call) {
  log::flush();
  std::FILE* file = std::tmpfile();
  const int kept = dup(STDERR_FILENO);
  dup2(fileno(file), STDERR_FILENO);
  log::set_level(log::Level::info);
  call();
  log::flush();
  log::set_level(log::Level::error);
  dup2(kept, STDERR_FILENO);
  close(kept);
  std::string text(static_cast<size_t>(std::ftell(file)), '\0');
  std::rewind(file);
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

TEST_CASE("a request is one line that says who and what, and nothing that is theirs") {
  Shop shop;
  const std::string line = logged([&] {
    shop.send(ask(Method::get, "/things/canary-id").as("customer").query("canary-name", "canary-value"));
    shop.send(add_thing("cashier", "canary-key", "\"canary-body\"").with("x-request-id", "till-7"));
    shop.send(ask(Method::get, "/canary-path").as("canary-token"));
  });
  CAPTURE(line);
  CHECK(std::count(line.begin(), line.end(), '\n') == 3);
  CHECK(line.find("canary") == std::string::npos);
  CHECK(line.find("Bearer") == std::string::npos);
  const std::string second = line.substr(line.find('\n') + 1);
  auto json = parse_json(second.substr(0, second.find('\n')));
  REQUIRE(json.ok());
  CHECK(*json->find("method")->string() == "POST");
  CHECK(*json->find("route")->string() == "things.add");
  CHECK(*json->find("status")->integer() == 201);
  CHECK(*json->find("request_id")->string() == "till-7");
  CHECK(json->find("trace_id")->string()->size() == 32);
}

}  // namespace
}  // namespace till::http
