// Migrations: once each, all or nothing, and whatever is not ours, newer, edited or damaged is refused as it stood.
#include "sqlite/migrate.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "sqlite/database.h"

using namespace till;
using namespace till::sqlite;

namespace {

const std::vector<Migration> kOne = {{1, "001_first", "CREATE TABLE a (n INTEGER) STRICT; INSERT INTO a VALUES (7);"}};
const std::vector<Migration> kTwo = {kOne[0], {2, "002_second", "CREATE TABLE b (n INTEGER) STRICT;"}};

struct File {
  test::TempFolder folder{};
  std::string path = folder.file("a.db");

  File() { hush(); }

  Result<int> migrate_to(const std::vector<Migration>& known) {
    auto db = open(path);
    return migrate(*db, known, {5});
  }
  /// Refused with that in the reason, the file as it was and nothing new beside it.
  void check_refused(const std::vector<Migration>& known, std::string_view reason) {
    const std::string before = contents(path);
    const auto files_before = count_files();
    const auto refused = inspect(path, known);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message.find(path) == 0);
    CHECK(refused.error().message.find('\n') == std::string::npos);
    CAPTURE(refused.error().message);
    CHECK(refused.error().message.find(reason) != std::string::npos);
    CHECK(contents(path) == before);
    CHECK(count_files() == files_before);
  }
  [[nodiscard]] int64_t count_files() const {
    const auto files = std::filesystem::directory_iterator(folder.file(""));
    return std::distance(begin(files), end(files));
  }
};

/// True if `act` ends the process by abort.
template <class Act>
bool aborts(Act act) {
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);  // not doctest's
    static_cast<void>(freopen("/dev/null", "w", stderr));
    act();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

}  // namespace

TEST_CASE("a new file gets all migrations, a second time none, a newer program the rest") {
  File file;
  CHECK(inspect(file.path, kOne).value() == 0);
  CHECK_FALSE(std::filesystem::exists(file.path));
  CHECK(file.migrate_to(kOne).value() == 1);
  CHECK(file.migrate_to(kOne).value() == 0);
  CHECK(inspect(file.path, kOne).value() == 1);
  CHECK(inspect(file.path, kTwo).value() == 1);
  CHECK(file.migrate_to(kTwo).value() == 1);
  CHECK(inspect(file.path, kTwo).value() == 2);
  auto db = open(file.path);
  CHECK(db->value<int64_t>("SELECT n FROM a").value() == 7);  // it ran once
  CHECK(db->value<int64_t>("PRAGMA application_id").value() == kApplicationId);
  CHECK(db->value<std::string>("SELECT group_concat(name || '@' || at) FROM migrations").value() ==
        "001_first@5,002_second@5");
}

TEST_CASE("an empty file is a new one") {
  File file;
  std::ofstream(file.path).close();
  CHECK(inspect(file.path, kOne).value() == 0);
  CHECK(file.migrate_to(kOne).value() == 1);
}

TEST_CASE("a migration that fails leaves nothing of itself, and those before it stand") {
  File file;
  std::vector<Migration> bad = kTwo;
  bad[1].sql = "CREATE TABLE b (n INTEGER) STRICT; INSERT INTO nowhere VALUES (1);";
  CHECK_FALSE(file.migrate_to(bad).ok());
  auto db = open(file.path);
  CHECK(db->value<int64_t>("SELECT count(*) FROM sqlite_schema WHERE name IN ('a', 'b')").value() == 1);
  CHECK(db->value<int64_t>("SELECT max(number) FROM migrations").value() == 1);
  db.reset();
  CHECK(file.migrate_to(kTwo).value() == 1);  // mended, it goes on
}

TEST_CASE("an edited migration is refused") {
  File file;
  REQUIRE(file.migrate_to(kTwo).ok());
  for (const size_t which : {size_t{0}, size_t{1}}) {
    std::vector<Migration> edited = kTwo;
    edited[which].sql += " ";
    file.check_refused(edited, "migration " + std::to_string(which + 1) + " is not the one");
    CHECK_FALSE(file.migrate_to(edited).ok());
  }
}

TEST_CASE("a file of a newer program is refused") {
  File file;
  REQUIRE(file.migrate_to(kTwo).ok());
  file.check_refused(kOne, "made by a newer version (migration 2, this one knows 1)");
  file.check_refused({}, "newer");
  CHECK_FALSE(file.migrate_to(kOne).ok());
}

TEST_CASE("another program's database is refused") {
  File file;
  SUBCASE("with tables and no mark") { REQUIRE(open(file.path)->execute("CREATE TABLE x (n)").ok()); }
  SUBCASE("with a mark of its own") {
    REQUIRE(open(file.path)->execute("CREATE TABLE migrations (n); PRAGMA application_id = 252006675").ok());
  }
  file.check_refused(kOne, "another program's");
}

TEST_CASE("what is no database is refused") {
  File file;
  SUBCASE("text") { std::ofstream(file.path) << "Dear aunt, " << std::string(4000, 'x'); }
  SUBCASE("a short text") { std::ofstream(file.path) << "x"; }
  SUBCASE("a damaged header") {
    REQUIRE(file.migrate_to(kOne).ok());
    std::fstream(file.path, std::ios::in | std::ios::out | std::ios::binary) << "SQLite format 4";
  }
  file.check_refused(kOne, "is not a database of ours, or is damaged");
}

TEST_CASE("a file that fails while it is looked at is named, too") {
  File file;
  REQUIRE(file.migrate_to(kOne).ok());
  std::fstream(file.path, std::ios::in | std::ios::out | std::ios::binary).seekp(1024 + 1000) << "not what was written";
  file.check_refused(kOne, "The database failed");
}

TEST_CASE("numbers that do not rise are a programmer's error") {
  const Migration third{3, "003_third", "CREATE TABLE c (n INTEGER) STRICT;"};
  for (const std::vector<Migration>& wrong : {std::vector{kOne[0], kOne[0]}, std::vector{third, kOne[0]}}) {
    File file;
    CHECK(aborts([&] { static_cast<void>(file.migrate_to(wrong)); }));
  }
  File other;
  CHECK_FALSE(aborts([&] { static_cast<void>(other.migrate_to(kTwo)); }));
}

// Access has some of the migrations of a node and of a hub, each under its number (layers.cmake).
TEST_CASE("a list that shares migrations may leave numbers out, but never one that a database has") {
  const Migration third{3, "003_third", "CREATE TABLE c (n INTEGER) STRICT;"};
  const std::vector<Migration> shared = {kOne[0], third}, whole = {kTwo[0], kTwo[1], third};
  File file;
  REQUIRE(file.migrate_to(shared).ok());
  CHECK(file.migrate_to(shared).value() == 0);
  File node;
  REQUIRE(node.migrate_to(whole).ok());
  node.check_refused(shared, "migration 2 is not the one this program knows");
  node.check_refused(kTwo, "made by a newer version (migration 3, this one knows 2)");
}
