// Files that claim to be a database of ours with its log and seal (a backup that is to be restored, the files of a disk
// that fails): examined, looked at, checked, rescued from, opened and migrated. They are refused or whole; looking does
// not write; what was found whole takes rows, gives them back and is whole after.
//
//   input = u8 how (1: each page gets its right sum) | u16 bytes of the log | u16 bytes of the seal | log | seal | file
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/log.h"
#include "fuzz/fuzz.h"
#include "sqlite/backup.h"
#include "sqlite/examine.h"
#include "sqlite/migrate.h"
#include "sqlite/page_sum.h"
#include "sqlite/rescue.h"
#include "sqlite/seal.h"
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

/// As the program that wrote it would have left it, so that what is wrong behind the sums is reached too.
void repair_sums(Bytes& file) {
  const auto layout = sqlite::PageLayout::of(ByteView(file).first(std::min(file.size(), sqlite::kHeaderBytes)));
  if (!layout.has_sums) return;
  for (uint32_t number = 1; layout.offset_of(number + 1) <= std::ssize(file); ++number) {
    const auto page = sqlite::Page(file).subspan(static_cast<size_t>(layout.offset_of(number)), layout.page_size);
    sqlite::keep_sum(page, sqlite::page_sum(number, page));
  }
}

/// What the tables hold, read back by the index after a row was put in.
Status use(Connection& db) {
  return sqlite::transact(db, [](Connection& tx) -> Status {
    TILL_CHECK(tx.run("INSERT INTO items (name) VALUES ('fuzzed')"));
    TILL_TRY(const auto found, tx.value<int64_t>("SELECT count(*) FROM items WHERE name = 'fuzzed'"));
    if (found.value_or(0) < 1) return Error{.code = Code::internal, .message = "the row is not there"};
    return {};
  });
}

void check_migrated(const std::string& path) {
  auto db = Connection::open(path, sqlite::Mode::write);
  if (!db.ok()) return;
  const auto ran = sqlite::migrate(**db, kKnown, Time{});
  if (!ran.ok()) return;  // a schema of somebody else's making is in the way
  const Status used = use(**db);
  db->reset();
  if (!used.ok()) return;
  TILL_ASSERT(sqlite::examine(path).ok() && sqlite::check_file(path).ok());
  TILL_ASSERT(sqlite::inspect(path, kKnown).value() == kKnown.back().number);
}

/// Whatever can be read of it goes into a database that is whole.
void check_rescued(const std::string& path, const std::string& copy, const std::string& fresh) {
  if (!sqlite::gather_pages(path, copy).ok()) return;
  auto from = Connection::open(copy, sqlite::Mode::write);
  auto to = Connection::open(fresh, sqlite::Mode::create);
  if (!from.ok()) return;
  TILL_ASSERT(to.ok() && sqlite::migrate(**to, kKnown, Time{}).ok());
  const auto rescued = sqlite::rescue_rows(**from, **to, sqlite::tables_of(**to));
  if (rescued.ok()) TILL_ASSERT(rescued->rows >= 0);
  to->reset();
  TILL_ASSERT(sqlite::check_file(fresh).ok());
}

}  // namespace

void run(Input in) {
  static const test::TempFolder folder;
  log::set_level(log::Level::error);
  const std::string path = folder.file("shop.db");
  const bool repaired = in.flag();
  const size_t wal_bytes = in.small(), seal_bytes = in.small();
  const std::string_view wal = as_text(in.take(wal_bytes)), seal = as_text(in.take(seal_bytes));
  const ByteView rest = in.rest();
  Bytes file(rest.begin(), rest.end());
  if (repaired) repair_sums(file);
  std::ofstream(path, std::ios::binary) << as_text(file);
  if (!wal.empty()) std::ofstream(path + "-wal", std::ios::binary) << wal;
  if (!seal.empty()) std::ofstream(path + sqlite::kSealSuffix, std::ios::binary) << seal;

  const Status examined = sqlite::examine(path);
  check_rescued(path, folder.file("copy.db"), folder.file("fresh.db"));
  TILL_ASSERT(contents(path + "-wal") == wal && contents(path + sqlite::kSealSuffix) == seal);
  const auto version = sqlite::inspect(path, kKnown);
  const Status whole = sqlite::check_file(path);
  TILL_ASSERT(contents(path) == as_text(file));  // looking wrote nothing
  if (version.ok()) TILL_ASSERT(*version >= 0 && *version <= kKnown.back().number);
  if (!version.ok()) TILL_ASSERT(version.error().message.starts_with(path));
  if (examined.ok() && version.ok() && whole.ok()) check_migrated(path);
  for (const auto& entry : fs::directory_iterator(folder.file(""))) fs::remove_all(entry.path());
}

}  // namespace till::fuzz
