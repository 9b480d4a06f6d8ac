// A shop behind its routes: the fixture's services, the real route table and pipeline, a door without sockets. The
// bearer token is the name of a role, and nobody's requests are counted.
#pragma once

#include "access/access.h"
#include "access/sqlite_storage.h"
#include "api/config.h"
#include "api/dialects/dialects.h"
#include "api/events.h"
#include "api/imports.h"
#include "api/routes.h"
#include "cli/settings.h"
#include "http/openapi.h"
#include "http/pipeline.h"
#include "runtime/operator_routes.h"
#include "support/fake_door.h"
#include "support/shop_fixture.h"
#include "support/waiting_lane.h"
#include "sync/node/routes.h"

namespace till::test {

using http::Method;
using http::Response;

class RoleAuthenticator final : public http::Authenticator {
 public:
  explicit RoleAuthenticator(const ShopFixture& shop) : shop_(shop) {}
  Result<http::Caller> authenticate(std::string_view token) override {
    const auto role = parse_enum<Role>(token);
    if (!role) return Error{.code = Code::unauthorized, .message = "no such token"};
    http::Caller caller = shop_.caller(*role);
    caller.limited = false;
    return caller;
  }

 private:
  const ShopFixture& shop_;
};

class Counter {
 public:
  Counter() {
    http::Routes routes = api::shop_routes(*shop.shop);
    for (http::Routes some : {api::import_routes(imports), access.routes(),
                              runtime::operator_routes(*shop.readers, [](sqlite::Connection&) { return Status(); }),
                              node::sync_routes(replica, *shop.readers, [] { return node::Line{}; }),
                              api::event_routes(streams), api::config_routes(config)})
      std::move(some.begin(), some.end(), std::back_inserter(routes));
    http::Routes older = dialects::routes(routes, {.test_cards = true}, shop.ids).value();
    std::move(older.begin(), older.end(), std::back_inserter(routes));
    http::PipelineSettings settings;
    settings.gate.public_quota.requests = 0;
    settings.gate.strict_quota.requests = 0;
    settings.site = {.title = "tilld", .version = "golden", .ready = {}, .metrics_right = domain::right(Role::manager)};
    auto made = http::Pipeline::create(std::move(routes),
                                       {.clock = shop.clock,
                                        .random = shop.random,
                                        .ids = shop.ids,
                                        .authenticator = authenticator,
                                        .writer = lane,
                                        .once = access.once(),
                                        .metrics = metrics,
                                        .slow = [](Task<void()> task) { return task(), true; }},
                                       std::move(settings));
    REQUIRE(made.ok());
    pipeline = std::move(*made);
  }

  Response send(Ask asked) {
    FakeDoor door(*pipeline);
    const auto sent = door.send(std::move(asked));
    const Response* response = FakeDoor::turn(*sent);
    REQUIRE(response);
    return *response;
  }
  /// Key made anew for each call, where the route wants one.
  Response post(Role role, const std::string& path, const std::string& body, std::string key = {}) {
    if (key.empty()) key = "key-" + std::to_string(++keys_);
    return send(ask(Method::post, path).as(to_string(role)).with("idempotency-key", key).body(body));
  }
  Response get(Role role, const std::string& path) { return send(ask(Method::get, path).as(to_string(role))); }

  ShopFixture shop;
  RoleAuthenticator authenticator{shop};
  WaitingLane lane{*shop.writer};
  Registry metrics;
  services::Imports imports{shop.shop->context(), shop.shop->catalogue, [] { return Status(); }};
  access::SqliteStorage reading{[this] { return shop.readers->fresh(); }};
  access::SqliteStorage writing{[this]() -> Result<sqlite::Connection*> { return &shop.writer->connection(); }};
  node::Replica replica{shop.identity, shop.shop->journal, shop.clock, shop.random};
  access::Access access{{reading, writing, shop.clock, shop.random, shop.ids, shop.shop->notices},
                        {.password_cost = 1}};
  http::EventStreams streams{shop.shop->context().events, authenticator, shop.clock, shop.random, metrics, {}};
  Config config = *Config::load(cli::settings_table(), {.flags = {{"mqtt.password", "a secret"}}});
  std::unique_ptr<http::Pipeline> pipeline;

 private:
  int keys_ = 0;
};

/// A member of an answer's body as JSON text, "" if there is none.
inline std::string member(const Response& response, std::string_view name) {
  const auto body = parse_json(response.body);
  const Json* found = body.ok() ? body->find(name) : nullptr;
  std::string text;
  if (found) JsonWriter(text).value(*found);
  return text;
}

}  // namespace till::test
