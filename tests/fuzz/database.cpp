// A file that claims to be a database of ours (a backup that is to be restored, the file of a disk that fails): looked
// at, checked, opened and migrated. It is refused or whole, looking does not write, and what was found whole and is
// migrated takes rows and gives them back.
//
//   input = the file
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/log.h"
#include "fuzz/fuzz.h"
#include "sqlite/backup.h"
#include "sqlite/migrate.h"
#include "support/temp_folder.h"

namespace till::fuzz {
namespace {

namespace fs = std::filesystem;
using sqlite::Connection;

const std::vector<sqlite::Migration> kKnown = {
    {1, "001_items", "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;"},
    {2, "002_names", "CREATE INDEX items_by_name ON items (name); INSERT INTO items VALUES (1, 'first');"},
};

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The first item's name, read back by the index after a row was put in.
Status use(Connection& db) {
  return sqlite::transact(db, [](Connection& tx) -> Status {
    TILL_CHECK(tx.run("INSERT INTO items (name) VALUES (?)", std::string("fuzzed")));
    TILL_TRY(const auto found, tx.value<int64_t>("SELECT count(*) FROM items WHERE name = 'fuzzed'"));
    if (found.value_or(0) < 1) return Error{.code = Code::internal, .message = "the row is not there"};
    return {};
  });
}

void check_file_of(const std::string& path, std::string_view bytes) {
  const auto version = sqlite::inspect(path, kKnown);
  const Status whole = sqlite::check_file(path);
  TILL_ASSERT(contents(path) == bytes);  // looking wrote nothing
  if (version.ok()) TILL_ASSERT(*version >= 0 && *version <= kKnown.back().number);
  if (!version.ok()) TILL_ASSERT(version.error().message.starts_with(path));
  if (!version.ok() || !whole.ok()) return;
  auto db = Connection::open(path, sqlite::Mode::create);
  if (!db.ok()) return;
  const auto ran = sqlite::migrate(**db, kKnown, Time{});
  if (!ran.ok()) return;  // a schema of somebody else's making may be in the way: an Error, and the file as it was
  const Status used = use(**db);
  db->reset();
  TILL_ASSERT(!used.ok() || sqlite::check_file(path).ok());
  TILL_ASSERT(sqlite::inspect(path, kKnown).value() == kKnown.back().number);
}

}  // namespace

void run(Input in) {
  static const test::TempFolder folder;
  log::set_level(log::Level::error);
  const std::string path = folder.file("shop.db");
  const std::string_view bytes = in.text();
  std::ofstream(path, std::ios::binary) << bytes;
  check_file_of(path, bytes);
  for (const auto& entry : fs::directory_iterator(folder.file(""))) fs::remove_all(entry.path());
}

}  // namespace till::fuzz
