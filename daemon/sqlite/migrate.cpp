#include "sqlite/migrate.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/log.h"

namespace till::sqlite {
namespace {

// FNV-1a, 64 bit: enough to notice an edit, which is an accident and no attack.
int64_t checksum(std::string_view text) {
  uint64_t hash = 14695981039346656037U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return static_cast<int64_t>(hash);
}

Error refused(std::string reason) { return {.code = Code::invalid, .message = std::move(reason)}; }

// 0 if there is none.
int64_t size_of(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 ? int64_t{info.st_size} : 0;
}

// SQLite would find out too, but only after it was asked to configure a letter to an aunt.
bool begins_as_sqlite(const std::string& path) {
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  std::string begin(kMagic.size(), ' ');
  const ssize_t got = ::read(fd, begin.data(), begin.size());
  ::close(fd);
  return got == std::ssize(begin) && begin == kMagic;
}

Result<int> compare(Connection& db, const std::vector<Migration>& known) {
  int seen = 0;
  auto query = db.query("SELECT number, checksum FROM migrations ORDER BY number");
  while (query.next()) {
    const int number = query.get<int>(0);
    if (known.empty() || number > known.back().number)
      return refused("made by a newer version (migration " + std::to_string(number) + ", this one knows " +
                     std::to_string(known.empty() ? 0 : known.back().number) + ")");
    const auto step = std::find_if(known.begin(), known.end(), [&](const Migration& m) { return m.number == number; });
    if (step == known.end() || query.get<int64_t>(1) != checksum(step->sql))
      return refused("migration " + std::to_string(number) + " is not the one this program knows");
    seen = number;
  }
  TILL_CHECK(query.status());
  return seen;
}

Result<int> version_of(Connection& db, const std::vector<Migration>& known) {
  TILL_TRY(auto application, db.value<int64_t>("PRAGMA application_id"));
  if (application != kApplicationId) {
    TILL_TRY(auto tables, db.value<int64_t>("SELECT count(*) FROM sqlite_schema"));
    if (application == 0 && tables == 0) return 0;
    return refused("is another program's database");
  }
  TILL_TRY(auto has_table, db.value<int64_t>("SELECT 1 FROM sqlite_schema WHERE name = 'migrations'"));
  if (!has_table) return 0;
  return compare(db, known);
}

}  // namespace

Result<int> inspect(const std::string& path, const std::vector<Migration>& known) {
  if (size_of(path) == 0) return 0;
  const bool is_at_rest = size_of(path + "-wal") == 0;  // else the log may hold a first page that the file has torn
  if (is_at_rest && !begins_as_sqlite(path)) return refused(path + ": is not a database of ours, or is damaged");
  TILL_TRY(const auto db, Connection::open(path, is_at_rest ? Mode::at_rest : Mode::read_only));
  auto version = version_of(*db, known);
  if (!version.ok()) version.error().message = path + ": " + version.error().message;
  return version;
}

Result<int> migrate(Connection& db, const std::vector<Migration>& known, Time now) {
  TILL_TRY(const auto application, db.value<int64_t>("PRAGMA application_id"));
  if (application != kApplicationId)  // both at once: tables in a file that is not marked are another program's
    TILL_CHECK(transact(db, [](Connection& tx) {
      return tx.execute(
          "CREATE TABLE migrations ("
          "number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;"
          "PRAGMA application_id = " +
          std::to_string(kApplicationId));
    }));
  TILL_TRY(const int done, compare(db, known));
  int ran = 0, last = 0;
  for (const Migration& step : known) {
    TILL_ASSERT(step.number > last);
    last = step.number;
    if (step.number <= done) continue;
    TILL_CHECK(transact(db, [&](Connection& tx) -> Status {
      TILL_CHECK(tx.execute(step.sql));
      return tx.run("INSERT INTO migrations VALUES (?, ?, ?, ?)", step.number, step.name, checksum(step.sql), now);
    }));
    log::info("migrated", {{"number", int64_t{step.number}}, {"name", step.name}});
    ++ran;
  }
  return ran;
}

}  // namespace till::sqlite
