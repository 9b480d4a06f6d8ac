// Statements and values: every column type there and back, nothing lost at the edges, and errors as values.
#include "sqlite/connection.h"

#include "base/random.h"
#include "sqlite/database.h"
#include "sqlite/savepoint.h"

using namespace till;
using namespace till::sqlite;

namespace {

enum class Colour : uint8_t { red, green, blue };

struct Memory {
  std::unique_ptr<Connection> db = open(":memory:");

  Memory() {
    hush();
    REQUIRE(db->execute("CREATE TABLE v (value ANY) STRICT").ok());
  }
  /// The value as it comes back from a row, and what SQLite calls its type.
  template <class T>
  std::pair<T, std::string> there_and_back(const T& value) {
    REQUIRE(db->run("DELETE FROM v").ok());
    REQUIRE(db->run("INSERT INTO v VALUES (?)", value).ok());
    auto query = db->query("SELECT value, typeof(value) FROM v");
    REQUIRE(query.next());
    return {query.get<T>(0), query.get<std::string>(1)};
  }
  template <class T>
  void check(const T& value, const char* type) {
    const auto [back, kind] = there_and_back(value);
    CHECK(back == value);
    CHECK(kind == type);
  }
};

Uuid id(uint8_t n) {
  Uuid made;
  made.bytes.fill(n);
  return made;
}

}  // namespace

TEST_CASE("every column type comes back as it went in") {
  Memory memory;
  for (const int64_t n : {int64_t{0}, int64_t{-1}, INT64_MAX, INT64_MIN}) memory.check(n, "integer");
  memory.check(int{-7}, "integer");
  memory.check(true, "integer");
  memory.check(false, "integer");
  memory.check(Colour::blue, "integer");
  memory.check(Time{-1}, "integer");
  memory.check(id(7), "blob");
  memory.check(std::string("Grüße"), "text");
  memory.check(std::string(), "text");
  memory.check(std::string("a\0b", 3), "text");
  memory.check(std::string(100'000, 'x'), "text");
  memory.check(Bytes{1, 0, 255}, "blob");
  memory.check(Bytes{}, "blob");
  memory.check(std::array<uint8_t, 4>{1, 2, 0, 4}, "blob");
}

TEST_CASE("absent is NULL, and NULL is absent") {
  Memory memory;
  memory.check(Uuid{}, "null");
  memory.check(std::optional<int64_t>{}, "null");
  memory.check(std::optional<int64_t>{0}, "integer");
  memory.check(std::optional<std::string>{}, "null");
  memory.check(std::optional<std::string>{""}, "text");
  memory.check(std::optional<Uuid>{id(9)}, "blob");
  memory.check(std::optional<Time>{Time{5}}, "integer");
  memory.check(std::vector<std::string>{}, "null");
  memory.check(std::vector<std::string>{"a", "\"b\"", ""}, "text");
  memory.check(std::vector<int64_t>{1, -2, INT64_MAX}, "text");
  memory.check(std::vector<Uuid>{id(1), id(2)}, "text");
  REQUIRE(memory.db->run("UPDATE v SET value = NULL").ok());
  auto query = memory.db->query("SELECT value FROM v");
  REQUIRE(query.next());
  CHECK(query.get<int64_t>(0) == 0);
  CHECK(query.get<std::string>(0).empty());
  CHECK(query.get<Bytes>(0).empty());
  CHECK(query.get<std::array<uint8_t, 2>>(0) == std::array<uint8_t, 2>{});
}

TEST_CASE("a blob of the wrong length is no id, and a list that is damaged reads as what is whole") {
  Memory memory;
  REQUIRE(memory.db->run("INSERT INTO v VALUES (x'0102')").ok());
  CHECK(memory.db->value<Uuid>("SELECT value FROM v").value()->is_nil());
  CHECK(memory.db->value<std::array<uint8_t, 4>>("SELECT value FROM v").value() == std::array<uint8_t, 4>{1, 2});
  CHECK(memory.db->value<std::vector<std::string>>("SELECT '[\"a\", 5'").value()->empty());
}

TEST_CASE("one statement may run within itself") {
  Memory memory;
  for (const int64_t n : {1, 2, 3}) REQUIRE(memory.db->run("INSERT INTO v VALUES (?)", n).ok());
  constexpr const char* kAbove = "SELECT value FROM v WHERE value >= ? ORDER BY value";
  std::vector<int64_t> seen;
  auto outer = memory.db->query(kAbove, int64_t{1});
  while (outer.next()) {
    seen.push_back(outer.get<int64_t>(0));
    auto inner = memory.db->query(kAbove, outer.get<int64_t>(0));
    while (inner.next()) seen.push_back(10 * inner.get<int64_t>(0));
    CHECK(inner.status().ok());
  }
  CHECK(outer.status().ok());
  CHECK(seen == std::vector<int64_t>{1, 10, 20, 30, 2, 20, 30, 3, 30});
}

TEST_CASE("a statement begins anew each time, also after it was left in the middle") {
  Memory memory;
  for (const int64_t n : {1, 2}) REQUIRE(memory.db->run("INSERT INTO v VALUES (?)", n).ok());
  constexpr const char* kAll = "SELECT value FROM v WHERE ? IS NULL OR value = ? ORDER BY value";
  for (int round = 0; round < 3; ++round) {
    auto query = memory.db->query(kAll, std::optional<int64_t>{}, int64_t{0});
    REQUIRE(query.next());
    CHECK(query.get<int64_t>(0) == 1);
  }
  auto unbound = memory.db->query(kAll);  // nothing of a former binding is left
  CHECK(unbound.next());
}

TEST_CASE("errors are values: bad SQL, too many values, a broken rule") {
  Memory memory;
  auto bad = memory.db->query("SELEKT 1");
  CHECK_FALSE(bad.next());
  CHECK(bad.status().error().code == Code::internal);
  CHECK(bad.status().error().message.find("SELEKT") == std::string::npos);
  CHECK_FALSE(memory.db->run("INSERT INTO v VALUES (?)", 1, 2).ok());
  REQUIRE(memory.db->execute("CREATE TABLE u (n INTEGER PRIMARY KEY, t TEXT NOT NULL) STRICT").ok());
  REQUIRE(memory.db->run("INSERT INTO u VALUES (1, 'x')").ok());
  CHECK(memory.db->run("INSERT INTO u VALUES (1, 'y')").error().code == Code::conflict);
  CHECK(memory.db->run("INSERT INTO u VALUES (2, NULL)").error().code == Code::conflict);
  CHECK_FALSE(memory.db->run("INSERT INTO u VALUES ('two', 'x')").ok());
  CHECK_FALSE(memory.db->value<int64_t>("SELECT n FROM u WHERE n = 5")->has_value());
  CHECK_FALSE(memory.db->broken());
}

TEST_CASE("a path that cannot be opened is named") {
  test::TempFolder folder;
  const std::string missing = folder.file("no/such.db");
  for (const Mode mode : {Mode::create, Mode::write, Mode::read_only}) {
    const auto db = Connection::open(missing, mode);
    REQUIRE_FALSE(db.ok());
    CHECK(db.error().message.find(missing) == 0);
  }
  CHECK_FALSE(Connection::open(folder.file("none.db"), Mode::write).ok());
  CHECK_FALSE(std::ifstream(folder.file("none.db")).good());
}

TEST_CASE("databases are made with the settings of the shop") {
  test::TempFolder folder;
  auto db = open(folder.file("a.db"));
  CHECK(db->value<std::string>("PRAGMA journal_mode").value() == "wal");
  CHECK(db->value<int64_t>("PRAGMA page_size").value() == 1024);
  CHECK(db->value<int64_t>("PRAGMA synchronous").value() == 2);
  CHECK(db->value<int64_t>("PRAGMA foreign_keys").value() == 1);
  CHECK(db->value<int64_t>("PRAGMA mmap_size").value().value_or(0) == 0);
}

TEST_CASE("a nested part that fails is undone alone; one that loses the transaction says so") {
  Memory memory;
  Connection& db = *memory.db;
  auto insert_one = [&](bool fail) -> Status {
    TILL_CHECK(db.run("INSERT INTO v VALUES (1)"));
    if (fail) return Error{.code = Code::conflict, .message = "no"};
    return {};
  };
  REQUIRE(db.run("BEGIN").ok());
  CHECK(nested(db, [&] { return insert_one(false); }).ok());
  CHECK(nested(db, [&] { return insert_one(true); }).error().code == Code::conflict);
  const Result<int> seven = nested(db, [&]() -> Result<int> { return 7; });
  CHECK(seven.value() == 7);
  REQUIRE(db.run("COMMIT").ok());
  CHECK(db.value<int64_t>("SELECT count(*) FROM v").value() == 1);

  REQUIRE(db.run("BEGIN").ok());
  const Status gone = nested(db, [&]() -> Status {
    TILL_CHECK(insert_one(false));
    TILL_CHECK(db.run("ROLLBACK"));
    return Error{.code = Code::full, .message = "full"};
  });
  CHECK(gone.error().code == Code::full);
  CHECK_FALSE(db.in_transaction());
  CHECK(db.value<int64_t>("SELECT count(*) FROM v").value() == 1);
}
