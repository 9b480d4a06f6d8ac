// What the migrations do to data: rows that an older one held are whole after the newer ones, and none of them ties
// facts to rows that the hub writes. Their shape and their checksums are schema_test.cpp's.
#include "store/migrations.h"

#include <doctest/doctest.h>

#include "base/log.h"
#include "store/identity.h"
#include "support/fake_random.h"

using namespace till;
using namespace till::store;

namespace {

std::unique_ptr<sqlite::Connection> migrated(const std::vector<sqlite::Migration>& known) {
  log::set_level(log::Level::error);
  auto db = sqlite::Connection::open(":memory:", sqlite::Mode::create).value();
  REQUIRE(sqlite::migrate(*db, known, {0}).ok());
  return db;
}

}  // namespace

TEST_CASE("migrations are numbered as their files are named") {
  for (size_t i = 0; i < kMigrations.size(); ++i) {
    CHECK(kMigrations[i].number == static_cast<int>(i) + 1);
    CHECK(std::stoi(kMigrations[i].name) == kMigrations[i].number);
  }
}

TEST_CASE("users of a database that knew no shop are there after the shop came") {
  auto db = migrated({kMigrations[0]});
  REQUIRE(db->execute("INSERT INTO users VALUES (7, x'0102', 3, 4, 5, 'a@b', 'Ann', 3, 1, 0, '$y$')").ok());
  REQUIRE(db->execute("INSERT INTO audit VALUES (1, 2, 3, 7, 0, '::1', 'x', x'aa')").ok());
  REQUIRE(sqlite::migrate(*db, kMigrations, {1}).ok());
  CHECK(db->value<std::string>("SELECT email || name || role FROM users WHERE row = 7").value() == "a@bAnn3");
  CHECK(db->value<int64_t>("SELECT count(*) FROM audit").value() == 1);
  test::FakeRandom random;
  CHECK_FALSE(find_identity(*db).value());
  CHECK(create_identity(*db, {"t", "s", "n", "EUR"}, random, {0}).ok());
}

TEST_CASE("no facts lean on shared rows: the hub may write these in any order") {
  auto db = migrated(kMigrations);
  CHECK(db->value<int64_t>("SELECT count(*) FROM sqlite_schema s, pragma_foreign_key_list(s.name)").value() == 0);
}
