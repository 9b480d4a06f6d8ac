// Headquarters' API over its own pipeline, in the operator's name: the shapes that clients rely on (20-api).
#include <doctest/doctest.h>

#include "base/log.h"
#include "domain/role.h"
#include "runtime/operator_client.h"
#include "support/temp_folder.h"
#include "sync/hub/hub_app.h"

using namespace till;
using http::Method;

namespace {

struct Headquarters {
  test::TempFolder home{};
  std::string file = home.file("hub.db");
  Config config;
  runtime::Entrance entrance;
  std::unique_ptr<runtime::OperatorClient> client;

  Headquarters()
      : config((log::set_level(log::Level::error),
                Config::load(hub::settings_table(),
                             {.flags = {{"hub.database", "sqlite:" + file}, {"auth.password_cost", "1"}}})
                    .value())),
        entrance{{"tillhub", "test"}, home.file(""), [this](bool make) -> Result<std::unique_ptr<runtime::Host>> {
                   TILL_TRY(auto app, hub::HubApp::open({"tillhub", "test"}, config, make));
                   return std::unique_ptr<runtime::Host>(std::move(app));
                 }} {
    auto reached = runtime::OperatorClient::reach(entrance, true);
    REQUIRE(reached.ok());
    client = std::move(*reached);
  }
  runtime::OperatorClient::Answer ask(Method method, const std::string& target, const std::string& body = "") {
    auto answer = client->ask(method, target, body, "application/json");
    REQUIRE(answer.ok());
    return *answer;
  }
  Json json(Method method, const std::string& target, const std::string& body = "") {
    const auto answer = ask(method, target, body);
    INFO(answer.body);
    REQUIRE(answer.ok());
    auto parsed = parse_json(answer.body);
    REQUIRE(parsed.ok());
    return *parsed;
  }
};

constexpr const char* kCup = R"({"name": "Cup", "sku": "C-1", "barcodes": ["4006381333931"], "price": 1999})";

}  // namespace

TEST_CASE("a product is made, found by all its names, changed by version, and refused when stale") {
  Headquarters hq;
  const Json made = hq.json(Method::post, "/api/v1/products", kCup);
  const std::string id = *made.find("id")->string();
  CHECK(*made.find("slug")->string() == "cup");
  CHECK(*made.find("currency")->string() == "EUR");
  for (const std::string by : {"by-sku/C-1", "by-barcode/4006381333931", "by-slug/cup", id.c_str()})
    CHECK(*hq.json(Method::get, "/api/v1/products/" + by).find("id")->string() == id);
  CHECK(*hq.json(Method::patch, "/api/v1/products/" + id, R"({"price": 1, "version": 1})").find("version")->integer() ==
        2);
  CHECK(hq.ask(Method::patch, "/api/v1/products/" + id, R"({"price": 2, "version": 1})").status == 412);
  CHECK(hq.ask(Method::patch, "/api/v1/products/" + id, R"({"price": 2})").status == 428);
  CHECK(hq.ask(Method::patch, "/api/v1/products/" + id, R"({"price": -2, "version": 2})").status == 400);
  CHECK(hq.ask(Method::post, "/api/v1/products", kCup).status == 409);
  CHECK(hq.json(Method::get, "/api/v1/products").find("items")->array()->size() == 1);
}

TEST_CASE("an empty hub answers all its lists, and says what it is waiting for") {
  Headquarters hq;
  for (const char* list : {"/api/v1/products", "/api/v1/categories", "/api/v1/orders", "/api/v1/inventory",
                           "/api/v1/stores", "/api/v1/nodes", "/api/v1/sync/conflicts", "/api/v1/sync/quarantine"})
    CHECK(hq.json(Method::get, list).find("items")->array()->empty());
  const Json status = hq.json(Method::get, "/api/v1/sync/status");
  CHECK_FALSE(*status.find("connected")->boolean());
  CHECK(*status.find("conflicts_open")->integer() == 0);
  CHECK(*hq.json(Method::get, "/api/v1/journal/verify").find("intact")->boolean());
}

TEST_CASE("what is not there is 404, what is malformed 400") {
  Headquarters hq;
  const std::string nobody = "/01890000-0000-7000-8000-000000000000";
  for (const char* path : {"/api/v1/products", "/api/v1/categories", "/api/v1/orders", "/api/v1/sync/conflicts",
                           "/api/v1/sync/quarantine"})
    CHECK(hq.ask(Method::get, path + nobody).status == 404);
  CHECK(hq.ask(Method::post, "/api/v1/nodes/s1/A1/revoke").status == 404);
  CHECK(hq.ask(Method::post, "/api/v1/sync/quarantine" + nobody + "/retry").status == 404);
  CHECK(hq.ask(Method::post, "/api/v1/sync/conflicts" + nobody + "/resolve", R"({"winner": "theirs"})").status == 404);
  CHECK(hq.ask(Method::post, "/api/v1/sync/conflicts" + nobody + "/resolve", R"({"winner": "me"})").status == 400);
  CHECK(hq.ask(Method::get, "/api/v1/sync/conflicts?status=lost").status == 400);
  CHECK(hq.ask(Method::get, "/api/v1/orders?colour=red").status == 400);
}

TEST_CASE("a backup is remembered, and later backups can be told to be the oldest that are kept") {
  Headquarters hq;
  CHECK(hq.ask(Method::post, "/api/v1/sync/backup-mark", R"({"before": "2020-01-01T00:00:00Z"})").status == 409);
  hq.json(Method::post, "/api/v1/system/backup", R"({"path": ")" + hq.home.file("copy.db") + R"("})");
  CHECK(hq.json(Method::get, "/api/v1/sync/status").find("backed_up_at")->string());
  CHECK(hq.ask(Method::post, "/api/v1/sync/backup-mark", R"({"before": "2020-01-01T00:00:00Z"})").status == 200);
}
