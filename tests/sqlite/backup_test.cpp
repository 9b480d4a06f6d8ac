// Backups: whole although the shop goes on selling, never over a file, readable by us only, and of a damaged database
// none at all.
#include "sqlite/backup.h"

#include <sys/stat.h>

#include <atomic>
#include <filesystem>

#include "sqlite/database.h"

using namespace till;
using namespace till::sqlite;

namespace {

void fill(Database& database, int rows) {
  REQUIRE(database.writer
              .run([rows](Connection& db) -> Status {
                for (int n = 0; n < rows; ++n) TILL_CHECK(db.run("INSERT INTO t VALUES (?)", n));
                return {};
              })
              .ok());
}

/// Turns the bits of the byte at `offset`.
void flip(const std::string& path, std::streamoff offset) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(offset);
  const auto byte = static_cast<char>(~file.get());
  file.seekp(offset);
  file.put(byte);
}

}  // namespace

TEST_CASE("a backup is one whole file for our eyes only") {
  Database database;
  fill(database, 5'000);
  const std::string copy = database.folder.file("copy.db");
  REQUIRE(backup(*database.readers.fresh().value(), copy).ok());
  CHECK(check_file(copy).ok());
  struct stat info {};
  REQUIRE(stat(copy.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK_FALSE(std::filesystem::exists(copy + ".part"));
  CHECK_FALSE(std::filesystem::exists(copy + "-wal"));
  CHECK(open(copy)->value<int64_t>("SELECT count(*) FROM t").value() == 5'000);
}

TEST_CASE("a backup taken while others write holds whole transactions") {
  Database database;
  fill(database, 3'000);
  std::atomic<bool> stop{false};
  std::thread selling([&] {
    for (int64_t n = 0; !stop; ++n) {
      const Status both = database.writer.run([n](Connection& db) -> Status {
        TILL_CHECK(db.run("INSERT INTO t VALUES (?)", n));
        return db.run("INSERT INTO t VALUES (?)", -n);
      });
      if (!both.ok()) break;
    }
  });
  for (const char* name : {"one.db", "two.db", "three.db"}) {
    const std::string copy = database.folder.file(name);
    CHECK(backup(*database.readers.fresh().value(), copy).ok());
    CHECK(open(copy)->value<int64_t>("SELECT count(*) % 2 FROM t").value() == 0);
  }
  stop = true;
  selling.join();
}

TEST_CASE("a file that is there is not written over") {
  Database database;
  const std::string copy = database.folder.file("copy.db");
  std::ofstream(copy) << "mine";
  CHECK(backup(*database.readers.fresh().value(), copy).error().code == Code::conflict);
  CHECK(contents(copy) == "mine");
}

TEST_CASE("what a killed backup left behind is in nobody's way") {
  Database database;
  const std::string copy = database.folder.file("copy.db");
  std::ofstream(copy + ".part") << "half";
  CHECK(backup(*database.readers.fresh().value(), copy).ok());
  CHECK(check_file(copy).ok());
}

TEST_CASE("a folder that is not there is an error with the path") {
  Database database;
  const std::string copy = database.folder.file("no/copy.db");
  const Status refused = backup(*database.readers.fresh().value(), copy);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message.find(copy) == 0);
}

TEST_CASE("damage is found, and of a damaged database there is no backup") {
  Database database;
  fill(database, 5'000);
  database.writer.stop();
  database.readers.release();
  CHECK(check_file(database.path).ok());
  flip(database.path, 10 * 1024 + 2);  // the first free block of a page in the middle
  const Status damaged = check_file(database.path);
  REQUIRE_FALSE(damaged.ok());
  CHECK(damaged.error().message.find(database.path) == 0);
  const std::string copy = database.folder.file("copy.db");
  CHECK_FALSE(backup(*open(database.path, Mode::read_only), copy).ok());
  CHECK_FALSE(std::filesystem::exists(copy));
  CHECK_FALSE(std::filesystem::exists(copy + ".part"));
}
