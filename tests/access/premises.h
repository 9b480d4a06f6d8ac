// A whole access layer as the daemon has it: real database, writer and pipeline, in a temporary folder; clock and
// chance are fake, passwords cheap. Verbs to ask it things; close() and open() are a restart.
#pragma once

#include <doctest/doctest.h>

#include "access/access.h"
#include "access/migrations.h"
#include "access/sqlite_storage.h"
#include "base/log.h"
#include "http/pipeline.h"
#include "sqlite/migrate.h"
#include "sqlite/reader.h"
#include "support/fake_clock.h"
#include "support/fake_door.h"
#include "support/fake_random.h"
#include "support/temp_folder.h"
#include "support/waiting_lane.h"

namespace till::access {

using domain::Role;
using http::Method;
using http::Response;
using test::ask;
using test::WaitingLane;

inline constexpr const char* kPassword = "a counter in the rain";
inline constexpr const char* kHere = "192.0.2.1";
inline constexpr const char* kElsewhere = "198.51.100.9";

/// Keeps what people are told.
struct FakeNotifier final : Notifier {
  std::vector<Notice> told{};
  bool is_broken = false;

  Status tell(const Notice& notice) override {
    if (is_broken) return Error{.code = Code::internal, .message = "no room"};
    told.push_back(notice);
    return {};
  }
};

/// One route with kept answers: counts how often it had an effect.
inline http::Route counting_route(int& effects) {
  http::Route route = access::route(Method::post, "/count", Role::customer, http::Lane::write, "count", "Counts",
                                    [&effects](http::Request&) -> Result<http::Outcome> {
                                      return http::Work([&effects]() -> Result<http::Finish> {
                                        const int number = ++effects;
                                        return http::Finish([number] {
                                          Response made{.status = 201, .body = std::to_string(number), .version = 7};
                                          return Result<Response>(made.add("Location", "/count/1"));
                                        });
                                      });
                                    });
  route.once = http::Once::required;
  return route;
}

/// A running node's access layer.
struct Running {
  std::unique_ptr<sqlite::Writer> writer;
  std::unique_ptr<sqlite::Readers> readers;
  SqliteStorage reading{[this] { return readers->fresh(); }};
  SqliteStorage writing{[this]() -> Result<sqlite::Connection*> { return &writer->connection(); }};
  std::unique_ptr<WaitingLane> lane;
  std::unique_ptr<Access> access;
  std::unique_ptr<http::Pipeline> pipeline;
};

struct Premises {
  test::TempFolder folder{};
  test::FakeClock clock{};
  test::FakeRandom random{};
  IdSource ids{clock, random};
  Registry metrics{};
  int effects = 0;
  int first_password_spent = 0;
  FakeNotifier notices{};
  UserSettings users{.version_base = 1000, .first_password_spent = [this] { ++first_password_spent; }};
  std::unique_ptr<Running> now{};

  Premises() {
    log::set_level(log::Level::error);
    open();
  }
  ~Premises() { close(); }

  void close() { now.reset(); }

  void open() {
    close();
    now = std::make_unique<Running>();
    const std::string path = folder.file("till.db");
    auto db = sqlite::Connection::open(path, sqlite::Mode::create);
    REQUIRE(db.ok());
    REQUIRE(sqlite::migrate(**db, kMigrations, clock.now()).ok());
    now->writer = std::make_unique<sqlite::Writer>(std::move(*db), sqlite::WriterOptions{});
    now->readers = std::make_unique<sqlite::Readers>(path, *now->writer, 512);
    now->lane = std::make_unique<WaitingLane>(*now->writer);
    now->access = std::make_unique<Access>(Ports{.reading = now->reading,
                                                 .writing = now->writing,
                                                 .clock = clock,
                                                 .random = random,
                                                 .ids = ids,
                                                 .notices = notices},
                                           Settings{.token_key = {1, 2, 3}, .password_cost = 1, .users = users});
    REQUIRE(now->access->load().ok());
    now->writer->start();
    http::Routes routes = now->access->routes();
    routes.push_back(counting_route(effects));
    http::PipelineSettings settings;
    settings.gate.public_quota.requests = settings.gate.customer_quota.requests = settings.gate.strict_quota.requests =
        0;
    settings.gate.local_operator.rights = domain::rights_of(Role::operator_);
    auto made = http::Pipeline::create(std::move(routes),
                                       {clock, random, ids, now->access->authenticator(), *now->lane,
                                        now->access->once(), metrics, [](Task<void()> task) { return task(), true; }},
                                       std::move(settings));
    REQUIRE(made.ok());
    now->pipeline = std::move(*made);
  }

  Response send(test::Ask asked) {
    auto sent = test::FakeDoor(*now->pipeline).send(std::move(asked));
    const Response* response = test::FakeDoor::turn(*sent);
    REQUIRE(response);
    return *response;
  }

  /// A job of the writer.
  template <class F>
  auto write(F job) {
    std::optional<decltype(job())> result;
    const Status status = now->writer->run([&](sqlite::Connection&) -> Status {
      result = job();
      return {};
    });
    REQUIRE(status.ok());
    return std::move(*result);
  }

  /// The operator adds a user; the answer's row.
  Json add(const std::string& email, Role role) {
    const std::string body = R"({"email":")" + email + R"(","name":"Somebody","role":")" +
                             std::string(to_string(role)) + R"(","password":")" + kPassword + R"("})";
    const Response made = send(ask(Method::post, "/api/v1/users").from("local").body(body));
    REQUIRE(made.status == 201);
    return *parse_json(made.body);
  }

  Response log_in(const std::string& email, const std::string& password, const char* address = kHere) {
    const std::string body = R"({"email":")" + email + R"(","password":")" + password + R"("})";
    return send(ask(Method::post, "/api/v1/auth/login").from(address).body(body));
  }

  /// A user's tokens, and the user with them.
  Json join(const std::string& email, Role role) {
    add(email, role);
    const Response in = log_in(email, kPassword);
    REQUIRE(in.status == 200);
    return *parse_json(in.body);
  }

  Response refresh(const std::string& token) {
    return send(ask(Method::post, "/api/v1/auth/refresh").body(R"({"refresh_token":")" + token + R"("})"));
  }

  Response me(const std::string& access_token) { return send(ask(Method::get, "/api/v1/auth/me").as(access_token)); }

  Response change_password(const std::string& access_token, const std::string& from, const std::string& to) {
    return send(ask(Method::post, "/api/v1/auth/password")
                    .as(access_token)
                    .body(R"({"old_password":")" + from + R"(","new_password":")" + to + R"("})"));
  }
};

/// A text member of an answer's body.
inline std::string text(const Json& json, const char* name) {
  const Json* member = json.find(name);
  REQUIRE(member);
  REQUIRE(member->string());
  return *member->string();
}
inline std::string text(const Response& response, const char* name) { return text(*parse_json(response.body), name); }

inline int64_t number(const Json& json, const char* name) {
  const Json* member = json.find(name);
  REQUIRE(member);
  REQUIRE(member->integer());
  return *member->integer();
}

/// Both tokens of a log-in or refresh.
struct Tokens {
  std::string access, refresh;

  explicit Tokens(const Response& response) {
    REQUIRE(response.status == 200);
    access = text(response, "access_token");
    refresh = text(response, "refresh_token");
  }
};

}  // namespace till::access
