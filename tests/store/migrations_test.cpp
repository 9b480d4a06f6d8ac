// The database's shape: migrations that are out in the world never change, schema.sql tells a reader what they make,
// and rows that an older one held are whole after the newer ones. TILL_WRITE_SCHEMA=1 writes schema.sql anew.
#include "store/migrations.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

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

std::string schema_of(sqlite::Connection& db) {
  std::string text =
      "-- Generated from migrations/*.sql by tests/store/migrations_test.cpp. For readers: nothing runs it.\n";
  auto query = db.query("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid");
  while (query.next()) text += "\n" + query.get<std::string>(0) + ";\n";
  REQUIRE(query.status().ok());
  return text;
}

}  // namespace

TEST_CASE("schema.sql is what the migrations make") {
  const std::string path = TEST_SOURCE_DIR "/../daemon/store/schema.sql", made = schema_of(*migrated(kMigrations));
  if (std::getenv("TILL_WRITE_SCHEMA")) std::ofstream(path, std::ios::binary) << made;
  std::ifstream file(path, std::ios::binary);
  const bool same = std::string(std::istreambuf_iterator<char>(file), {}) == made;
  CHECK_MESSAGE(same, "git diff daemon/store/schema.sql after TILL_WRITE_SCHEMA=1 shows what changed");
}

// Databases in shops have run them as they were, and refuse a tilld that has others.
TEST_CASE("migrations are numbered without a gap and are the ones that were released") {
  const std::string kReleased[] = {"1 001_access -8199607282403897832", "2 002_shop -4742229270890438748"};
  auto db = migrated(kMigrations);
  auto query = db->query("SELECT number || ' ' || name || ' ' || checksum FROM migrations ORDER BY number");
  for (const std::string& released : kReleased) {
    REQUIRE(query.next());
    CHECK(query.get<std::string>(0) == released);
  }
  CHECK_FALSE(query.next());  // a new one has its line here
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

TEST_CASE("every table is strict, none leans on another, and what the hub writes has no unique key but its row") {
  auto db = migrated(kMigrations);
  CHECK(db->value<int64_t>("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
                           " AND strict = 0 AND name NOT LIKE 'sqlite_%'")
            .value() == 0);
  CHECK(db->value<int64_t>("SELECT count(*) FROM sqlite_schema s, pragma_foreign_key_list(s.name)").value() == 0);
  for (const std::string table : {"users", "products", "categories", "orders", "order_lines", "payments"}) {
    CAPTURE(table);
    CHECK(db->value<int64_t>("SELECT count(*) FROM pragma_index_list(?) WHERE \"unique\"", table).value() == 0);
  }
}
