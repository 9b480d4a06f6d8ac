// The command line's way in: by this process if nobody serves, by the control socket if somebody does; the same answers
// both ways.
#include "runtime/operator_client.h"

#include <filesystem>

#include "base/json.h"
#include "http/door.h"
#include "runtime/bare_host.h"
#include "runtime/verbs.h"

using namespace till;
using namespace till::test;
using runtime::OperatorClient;

namespace {

OperatorClient::Answer ask(OperatorClient& client, http::Method method, const std::string& target,
                           const std::string& body = "") {
  auto answer = client.ask(method, target, body, "application/json");
  REQUIRE(answer.ok());
  return *answer;
}

const std::string kNew = R"({"email":"a@b.test","name":"A","role":"manager","password":"a counter in the rain"})";

/// What an operator does, whichever way he came.
void work_as_operator(const Site& site, const std::string& backup) {
  auto client = OperatorClient::reach(site.entrance(), true);
  REQUIRE(client.ok());
  CHECK(ask(**client, http::Method::post, "/api/v1/users", kNew).status == 201);
  const auto again = ask(**client, http::Method::post, "/api/v1/users", kNew);
  CHECK(again.status == 409);
  CHECK_FALSE(again.ok());
  CHECK(ask(**client, http::Method::get, "/nowhere").status == 404);
  CHECK(ask(**client, http::Method::post, "/api/v1/users", "{").status == 400);
  const auto page = parse_json(ask(**client, http::Method::get, "/api/v1/users?limit=1").body);
  REQUIRE(page.ok());
  CHECK(page->find("items")->array()->size() == 1);
  std::vector<std::string> emails;
  CHECK(runtime::for_each_row(site.entrance().program, **client, "/api/v1/users", [&](const Json& row) {
          emails.push_back(runtime::text_of(row, "email"));
          return true;
        }) == 0);
  CHECK(emails == std::vector<std::string>{"admin@shop.local", "a@b.test"});
  CHECK(ask(**client, http::Method::post, "/api/v1/system/backup", "{\"path\":\"" + backup + "\"}").status == 201);
  CHECK(sqlite::inspect(backup, access::kMigrations).value() == access::kMigrations.back().number);
}

}  // namespace

TEST_CASE("nobody serves: this process makes the database, asks its own pipeline and lets go of the folder") {
  Site site;
  work_as_operator(site, site.home.file("copy.db"));
  CHECK(site.open(false).ok());
}

TEST_CASE("somebody serves: the control socket, and the serving process alone writes") {
  Site site;
  auto host = site.open().value();
  http::Door door({.spool_folder = site.file("spool")}, host->pipeline(), host->clock(),
                  [](Task<void()>) { return false; });
  REQUIRE(door.listen_control(site.file(runtime::kControlSocket)).ok());
  REQUIRE(door.start().ok());
  work_as_operator(site, site.home.file("copy.db"));
  door.stop();
}

TEST_CASE("a folder that is held by somebody who does not answer is told so") {
  Site site;
  const auto held = site.open();
  auto client = OperatorClient::reach(site.entrance(), false);
  REQUIRE(client.ok());
  const auto answer = (*client)->ask(http::Method::get, "/api/v1/users", "", "");
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().code == Code::offline);
  CHECK(answer.error().message.starts_with(site.file(runtime::kControlSocket)));
}

TEST_CASE("without make there is no way to what does not exist") {
  Site site;
  const auto client = OperatorClient::reach(site.entrance(), false);
  CHECK(client.error().code == Code::not_found);
  CHECK_FALSE(std::filesystem::exists(site.folder));
}
