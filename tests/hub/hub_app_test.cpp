// The hub's start: whose database it is, what it refuses to open, and users with and without a hub at work.
#include "sync/hub/hub_app.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "base/log.h"
#include "runtime/operator_client.h"
#include "store/migrations.h"
#include "support/temp_folder.h"
#include "sync/hub/migrations.h"

using namespace till;
using hub::HubApp;

namespace {

const runtime::Program kProgram{"tillhub", "test"};

struct Headquarters {
  test::TempFolder home{};
  std::string folder = home.file("hub");
  std::string file = folder + "/hub.db";

  Headquarters() { log::set_level(log::Level::error); }

  Config config(std::vector<std::pair<std::string, std::string>> flags = {}) const {
    flags.emplace_back("hub.database", "sqlite:" + file);
    flags.emplace_back("auth.password_cost", "1");
    return Config::load(hub::settings_table(), {.flags = std::move(flags)}).value();
  }
  /// The identity a start has, or its refusal as Error.
  Result<hub::Identity> start(std::vector<std::pair<std::string, std::string>> flags = {}, bool make = true) const {
    const Config settings = config(std::move(flags));
    TILL_TRY(const auto app, HubApp::open(kProgram, settings, make));
    return app->identity();
  }
};

}  // namespace

TEST_CASE("tenant, currency and epoch are those of the first start, also where later settings say nothing") {
  Headquarters headquarters;
  const auto first = headquarters.start({{"hub.tenant", "acme"}, {"hub.currency", "SEK"}});
  REQUIRE(first.ok());
  CHECK(first->names.tenant == "acme");
  CHECK(first->epoch != core::HubEpoch{});
  CHECK(first->version_base > 1'000'000'000'000);
  const auto second = headquarters.start();
  REQUIRE(second.ok());
  CHECK(second->names.tenant == "acme");
  CHECK(second->names.currency == "SEK");
  CHECK(second->epoch == first->epoch);
  CHECK(second->version_base == first->version_base);
}

TEST_CASE("another hub has another epoch") { CHECK(Headquarters().start()->epoch != Headquarters().start()->epoch); }

TEST_CASE("another tenant or currency than the database's is refused") {
  Headquarters headquarters;
  REQUIRE(headquarters.start().ok());
  const auto tenant = headquarters.start({{"hub.tenant", "acme"}});
  CHECK(tenant.error().message ==
        "command line: hub.tenant: \"acme\" is asked for, but this database was made for \"shop\"");
  CHECK_FALSE(headquarters.start({{"hub.currency", "SEK"}}).ok());
  CHECK(headquarters.start({{"hub.tenant", "shop"}, {"hub.currency", "EUR"}}).ok());
}

TEST_CASE("one hub in a folder") {
  Headquarters headquarters;
  const Config config = headquarters.config();
  const auto first = HubApp::open(kProgram, config, true);
  REQUIRE(first.ok());
  CHECK(headquarters.start().error().message == headquarters.folder + ": another tillhub works in this directory");
}

TEST_CASE("a terminal's database, a letter and a newer hub's are refused as they stood") {
  Headquarters headquarters;
  std::filesystem::create_directory(headquarters.folder);
  SUBCASE("terminal") {
    auto db = sqlite::Connection::open(headquarters.file, sqlite::Mode::create).value();
    REQUIRE(sqlite::migrate(*db, store::kMigrations, {0}).ok());
  }
  SUBCASE("letter") { std::ofstream(headquarters.file) << "Dear aunt, "; }
  SUBCASE("newer") {
    auto newer = hub::kMigrations;
    newer.push_back({static_cast<int>(newer.size()) + 1, "later", "CREATE TABLE later (n INTEGER) STRICT;"});
    auto db = sqlite::Connection::open(headquarters.file, sqlite::Mode::create).value();
    REQUIRE(sqlite::migrate(*db, newer, {0}).ok());
  }
  const auto before = std::filesystem::file_size(headquarters.file);
  const auto refused = headquarters.start();
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message.starts_with(headquarters.file + ": "));
  CHECK(std::filesystem::file_size(headquarters.file) == before);
  CHECK_FALSE(std::filesystem::exists(headquarters.folder + "/token.key"));
}

TEST_CASE("a bad setting makes no file") {
  Headquarters headquarters;
  CHECK_FALSE(headquarters.start({{"mqtt.url", "nonsense"}}).ok());
  CHECK_FALSE(headquarters.start({{"hub.tenant", "a b"}}).ok());
  CHECK_FALSE(std::filesystem::exists(headquarters.folder));
  CHECK_FALSE(headquarters.start({}, false).ok());
  CHECK_FALSE(std::filesystem::exists(headquarters.folder));
}

TEST_CASE("user add makes the database if there is none, and the document tells of the routes") {
  Headquarters headquarters;
  const Config config = headquarters.config();
  const runtime::Entrance entrance{kProgram, headquarters.folder,
                                   [&](bool make) -> Result<std::unique_ptr<runtime::Host>> {
                                     TILL_TRY(auto app, HubApp::open(kProgram, config, make));
                                     return std::unique_ptr<runtime::Host>(std::move(app));
                                   }};
  auto client = runtime::OperatorClient::reach(entrance, true);
  REQUIRE(client.ok());
  const auto added =
      (*client)->ask(http::Method::post, "/api/v1/users",
                     R"({"email":"boss@hq.test","name":"Boss","role":"admin","password":"a counter in the rain"})",
                     "application/json");
  REQUIRE(added.ok());
  CHECK(added->status == 201);
  const auto document = parse_json((*client)->ask(http::Method::get, "/api/v1/openapi.json", "", "")->body);
  REQUIRE(document.ok());
  CHECK(*document->find("info")->find("title")->string() == "tillhub");
  for (const char* path : {"/api/v1/auth/login", "/api/v1/users", "/api/v1/system/backup", "/readyz"})
    CHECK(document->find("paths")->find(path));
}
