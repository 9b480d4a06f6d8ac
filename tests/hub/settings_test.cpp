// tillhub's settings: the file that ships, and what is refused with its key before anything is opened.
#include "sync/hub/settings.h"

#include <doctest/doctest.h>

#include "base/file.h"

using namespace till;

namespace {

Config config_with(std::vector<std::pair<std::string, std::string>> flags) {
  return Config::load(hub::settings_table(), {.flags = std::move(flags)}).value();
}

/// The refusal of one setting, or "".
std::string refused(const std::string& key, const std::string& value) {
  const Config config = config_with({{key, value}});
  const auto settings = hub::read_settings(config);
  if (settings.ok()) return "";
  CHECK(settings.error().message.find("command line: " + key + ": ") == 0);
  return settings.error().message;
}

hub::Place place_of(const std::string& url) {
  const Config config = config_with({{"hub.database", url}});
  return hub::read_settings(config).value().place;
}

}  // namespace

TEST_CASE("config/tillhub.json is what the table of settings says, and says nothing but defaults") {
  const std::string path = TEST_SOURCE_DIR "/../config/tillhub.json";
  const bool same = read_file(path, 1 << 20).value() == hub::default_config();
  CHECK_MESSAGE(same, "`tillhub config` writes it");
  const auto from_file = Config::load(hub::settings_table(), {.file = path});
  REQUIRE(from_file.ok());
  std::string read, standard;
  JsonWriter read_out(read), standard_out(standard);
  from_file->write(read_out);
  config_with({}).write(standard_out);
  CHECK(read == standard);
}

TEST_CASE("the database's place is a file in a folder") {
  CHECK(place_of("sqlite:/var/lib/tillhub/hub.db").folder == "/var/lib/tillhub");
  CHECK(place_of("sqlite:/var/lib/tillhub/hub.db").file == "hub.db");
  CHECK(place_of("sqlite:hub.db").folder == ".");
  CHECK(place_of("sqlite:../a b/hub.db").folder == "../a b");
  CHECK(place_of("sqlite:/hub.db").folder == "/");
}

TEST_CASE("what names no place of ours is refused") {
  for (const std::string url :
       {"", "sqlite:", "hub.db", "/var/lib/hub.db", "sqlite:/var/lib/", "sqlite:.", "mysql:x", "sqlite:/var/.."}) {
    CAPTURE(url);
    CHECK(refused("hub.database", url).find("is not sqlite:FILE") != std::string::npos);
  }
  for (const std::string url : {"postgresql://hub@db/till", "postgres://x"})
    CHECK(refused("hub.database", url).find("SQLite") != std::string::npos);
}

TEST_CASE("tenant, currency and broker are checked before a file is made") {
  CHECK(refused("hub.tenant", "") != "");
  CHECK(refused("hub.tenant", "a/b") != "");
  CHECK(refused("hub.tenant", "+") != "");
  CHECK(refused("hub.currency", "euro") != "");
  for (const std::string url : {"", "http://127.0.0.1", "mqtt://", "mqtt://user:secret@host", "mqtt://host:99999"})
    CHECK(refused("mqtt.url", url) != "");
  CHECK(refused("mqtt.url", "mqtts://broker.example:8883") == "");
}

TEST_CASE("the broker's password is never shown") {
  std::string shown;
  JsonWriter out(shown);
  config_with({{"mqtt.password", "hunter2"}}).write(out);
  CHECK(shown.find("hunter2") == std::string::npos);
  CHECK(hub::read_settings(config_with({{"mqtt.password", "hunter2"}})).value().link.password == "hunter2");
}
