// The database's shape: migrations that are out in the world never change, schema.sql tells a reader what they make,
// and rows that an older one held are whole after the newer ones. TILL_WRITE_SCHEMA=1 writes schema.sql anew.
#include "store/migrations.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/log.h"
#include "store/identity.h"
#include "store/stock.h"
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
  while (query.next()) {
    const auto sql = query.get<std::string>(0);
    if (!sql.starts_with("CREATE INDEX") && !sql.starts_with("CREATE UNIQUE")) text += "\n";  // below their tables
    text += sql + ";\n";
  }
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
  const std::string kReleased[] = {"1 001_access -8199607282403897832",     "2 002_shop -4742229270890438748",
                                   "3 003_sync 4450533159754670299",        "4 004_people 3709876382080917130",
                                   "5 005_search 7729000700423443855",      "6 006_orders 2751287036305440916",
                                   "7 007_former_lives 1461306336172437518"};
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
  REQUIRE(db->execute("INSERT INTO sessions VALUES (8, x'03', 7, 1, 2, 3, '::1', x'bb', x'cc')").ok());
  REQUIRE(sqlite::migrate(*db, kMigrations, {1}).ok());
  CHECK(db->value<std::string>("SELECT email || name || role FROM users WHERE row = 7").value() == "a@bAnn3");
  CHECK(db->value<int64_t>("SELECT count(*) FROM audit").value() == 1);
  CHECK(db->value<int64_t>("SELECT count(*) FROM users WHERE phone = '' AND pin_hash = ''").value() == 1);
  CHECK(db->value<int64_t>("SELECT till FROM sessions WHERE user = 7").value() == 0);
  test::FakeRandom random;
  CHECK_FALSE(find_identity(*db).value());
  CHECK(create_identity(*db, {"t", "s", "n", "EUR"}, random, {0}).ok());
}

TEST_CASE("facts of a shop that knew no hub get ticks that only grow, and its newest counts stand as such") {
  auto db = migrated({kMigrations[0], kMigrations[1]});
  REQUIRE(
      db->execute(
            // fact 1 receives, 2 and 3 sell in one millisecond, 4 counts with the clock set back, 5 sells after it
            "INSERT INTO epochs VALUES (1, x'0102030405060708', 0, zeroblob(32));"
            "INSERT INTO products (row, id, version, created_at, updated_at, name, slug, sku, brand, description,"
            " price, currency, tax_class, unit, stock_policy, low_stock, active)"
            " VALUES (1, x'aa', 1, 0, 0, 'Cup', 'cup', 'cup', '', '', 1, 'EUR', 'standard', 0, 1, 0, 1);"
            "INSERT INTO stock VALUES (1, 3000, 0, 5, 20480);"
            "INSERT INTO stock_entries VALUES (4096, x'01', 1, 0, 9000, NULL, 'r', 0, 1000, 20260105, 0),"
            " (16384, x'04', 1, 3, -3000, 4000, 'c', 0, 500, 20260105, 12289);"
            "INSERT INTO orders (row, id, version, created_at, kind, fulfilment, status, epoch, receipt_n,"
            " business_date, cashier, subtotal, discount, tax, total, oversold, hash) VALUES"
            " (2, x'02', 1, 2000, 0, 0, 4, 1, 1, 20260105, 0, 1, 0, 0, 1, 0, x'aa'),"
            " (3, x'03', 1, 2000, 0, 0, 4, 1, 2, 20260105, 0, 1, 0, 0, 1, 0, x'bb'),"
            " (5, x'05', 1, 3000, 0, 0, 4, 1, 3, 20260105, 0, 1, 0, 0, 1, 0, x'cc');"
            "INSERT INTO order_lines (row, product, name, quantity, unit_price, discount, tax_rate, tax, total, moved,"
            " price_version, prev) VALUES (8193, 1, 'Cup', 1000, 1, 0, 0, 0, 1, -1000, 1, 4096),"
            " (12289, 1, 'Cup', 1000, 1, 0, 0, 0, 1, -1000, 1, 8193), (20481, 1, 'Cup', 1000, 1, 0, 0, 0, 1, -1000,"
            " 1, 16384);")
          .ok());
  REQUIRE(sqlite::migrate(*db, kMigrations, {1}).ok());
  auto ticks = db->query(
      "SELECT fact, coalesce(hlc, at << 16), hlc IS NULL FROM (SELECT row AS fact, created_at AS at, hlc FROM orders"
      " UNION ALL SELECT row >> 12, at, hlc FROM stock_entries) ORDER BY fact");
  const int64_t kSecond = int64_t{2000} << 16;
  const std::pair<int64_t, bool> kTicks[] = {{int64_t{1000} << 16, true},
                                             {kSecond, true},
                                             {kSecond + 1, false},
                                             {kSecond + 2, false},
                                             {int64_t{3000} << 16, true}};
  for (const auto& [hlc, as_made] : kTicks) {
    REQUIRE(ticks.next());
    CAPTURE(ticks.get<int64_t>(0));
    CHECK(ticks.get<int64_t>(1) == hlc);
    CHECK(ticks.get<bool>(2) == as_made);
  }
  CHECK(db->value<int64_t>("SELECT count_hlc FROM stock").value() == kSecond + 2);
  CHECK(db->value<std::string>("SELECT hex(count_uid) FROM stock").value() == "04");
  CHECK(db->value<int64_t>("SELECT sale_base FROM epochs").value() == 0);
  CHECK_FALSE(find_unequal_stock(*db).value());
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
