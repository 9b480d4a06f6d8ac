// Hubs have run these migrations as they were, and refuse a tillhub that has others.
#include "sync/hub/migrations.h"

#include <doctest/doctest.h>

#include "base/log.h"

using namespace till;

TEST_CASE("migrations are numbered without a gap and are the ones that were released") {
  const std::string kReleased[] = {"1 001_access -8199607282403897832", "2 002_meta -3163765502059120900",
                                   "3 003_hub 3192509996609121207", "4 004_people 3709876382080917130"};
  log::set_level(log::Level::error);
  auto db = sqlite::Connection::open(":memory:", sqlite::Mode::create).value();
  REQUIRE(sqlite::migrate(*db, hub::kMigrations, {0}).ok());
  auto query = db->query("SELECT number || ' ' || name || ' ' || checksum FROM migrations ORDER BY number");
  for (const std::string& released : kReleased) {
    REQUIRE(query.next());
    CHECK(query.get<std::string>(0) == released);
  }
  CHECK_FALSE(query.next());  // a new one has its line here
}
