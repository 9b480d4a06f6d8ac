// What a disk can do to a database behind our back: pages that change, writes that were lost, logs that were cut off.
// A file is frozen as a power cut would leave it (copied while it is open), then damaged, then looked over and read.
#include <sys/stat.h>

#include <array>
#include <cstring>
#include <map>
#include <random>

#include "sqlite/backup.h"
#include "sqlite/checked_vfs.h"
#include "sqlite/database.h"
#include "sqlite/examine.h"
#include "sqlite/migrate.h"
#include "sqlite/page_sum.h"
#include "sqlite/rescue.h"
#include "sqlite/seal.h"

namespace till::sqlite {
namespace {

constexpr size_t kInLog = 32 + 10 * 1048 + 100;  // in its eleventh frame
constexpr std::array kSuffixes{"", "-wal", "-shm", "-seal"};

/// The files of a database at one moment.
using Frozen = std::map<std::string, std::string>;

Frozen freeze(const std::string& path) {
  Frozen files;
  for (const char* suffix : kSuffixes)
    if (std::ifstream(path + suffix).good()) files[suffix] = contents(path + suffix);
  return files;
}

std::string thaw(const Frozen& files, const test::TempFolder& folder) {
  std::string path = folder.file("thawed.db");
  for (const char* suffix : kSuffixes) {
    std::remove((path + suffix).c_str());
    if (const auto file = files.find(suffix); file != files.end())
      std::ofstream(path + suffix, std::ios::binary) << file->second;
  }
  return path;
}

/// Rows of text over several pages, an index, some of it in the file and some in the log.
class Shelf {
 public:
  Shelf() {
    hush();
    REQUIRE(db_->execute("CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT) STRICT; CREATE INDEX i ON t (text)").ok());
    in_one([this] {
      for (int n = 1; n <= 300; ++n) put(n, "text ");
    });
    checkpoint();
    for (int n = 1; n <= 40; ++n) put(n, "newer ");
  }
  template <class F>
  void in_one(F change) {
    REQUIRE(db_->run("BEGIN").ok());
    change();
    REQUIRE(db_->run("COMMIT").ok());
  }
  void put(int n, const std::string& text) {
    REQUIRE(db_->run("INSERT OR REPLACE INTO t VALUES (?, ?)", int64_t{n}, text + std::to_string(n * n)).ok());
  }
  void checkpoint() { REQUIRE(db_->execute("PRAGMA wal_checkpoint(PASSIVE)").ok()); }
  [[nodiscard]] Frozen frozen() const { return freeze(path_); }
  [[nodiscard]] const test::TempFolder& folder() const { return folder_; }
  [[nodiscard]] Connection& db() { return *db_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  void close() { db_.reset(); }

 private:
  test::TempFolder folder_;
  std::string path_ = folder_.file("a.db");
  std::unique_ptr<Connection> db_ = open(path_);
};

/// All that a database says, or the error that it says instead.
Result<std::string> say_all(const std::string& path) {
  TILL_CHECK(examine(path));
  TILL_TRY(auto db, Connection::open(path, Mode::write));
  std::string all;
  for (const char* sql : {"SELECT n, text FROM t ORDER BY n", "SELECT n, text FROM t INDEXED BY i ORDER BY text"}) {
    auto query = db->query(sql);
    while (query.next()) all += std::to_string(query.get<int64_t>(0)) + query.get<std::string>(1) + '\n';
    TILL_CHECK(query.status());
  }
  return all;
}

std::string said(const Frozen& files, const test::TempFolder& folder) {
  const auto all = say_all(thaw(files, folder));
  return all ? *all : all.error().message;
}

}  // namespace

TEST_CASE("a database of ours is whole, open, killed or closed") {
  Shelf shelf;
  CHECK(examine(thaw(shelf.frozen(), shelf.folder())).ok());
  const std::string all = said(shelf.frozen(), shelf.folder());
  CHECK(all.find("newer 1600") != std::string::npos);
  shelf.close();
  CHECK(freeze(shelf.path()).size() == 2);  // file and seal
  CHECK(said(freeze(shelf.path()), shelf.folder()) == all);
}

TEST_CASE("a page that changed on the disk is an error, not an answer") {
  Shelf shelf;
  shelf.close();
  Frozen files = freeze(shelf.path());
  std::string& file = files[""];
  const size_t at = file.find("text 90000");
  REQUIRE(at != std::string::npos);
  file[at + 5] = '8';
  const std::string path = thaw(files, shelf.folder());
  const Status examined = examine(path);
  REQUIRE_FALSE(examined.ok());
  CHECK(examined.error().message.find("is not what was written") != std::string::npos);
  auto db = open(path, Mode::read_only);
  const bool row = db->value<int64_t>("SELECT sum(length(text)) FROM t NOT INDEXED").ok();
  const bool index = db->value<int64_t>("SELECT sum(length(text)) FROM t INDEXED BY i WHERE text > ''").ok();
  CHECK(row != index);  // one of the two is on that page
  CHECK(db->broken());
}

TEST_CASE("what is gathered takes no more room than what is there, whatever a damaged header claims") {
  Shelf shelf;
  shelf.checkpoint();
  shelf.close();
  Frozen files = freeze(shelf.path());
  files.erase("-seal");
  std::string& file = files[""];
  file.replace(28, 4, std::string("\x00\xff\xff\xff", 4));  // 16 million pages
  const Page first(reinterpret_cast<uint8_t*>(file.data()), 1024);
  keep_sum(first, page_sum(1, first));
  const std::string copy = shelf.folder().file("copy.db");
  REQUIRE(gather_pages(thaw(files, shelf.folder()), copy).ok());
  struct stat info {};
  REQUIRE(stat(copy.c_str(), &info) == 0);
  CHECK(info.st_blocks * 512 < int64_t{1} << 20);
  CHECK(open(copy, Mode::write)->value<int64_t>("SELECT count(*) FROM t").value() == 300);
}

TEST_CASE("a page in another page's place is found") {
  Shelf shelf;
  shelf.checkpoint();
  shelf.close();
  Frozen files = freeze(shelf.path());
  std::string& file = files[""];
  std::copy_n(file.begin() + 5 * 1024, 1024, file.begin() + 6 * 1024);
  CHECK(said(files, shelf.folder()).find("page 7 of") != std::string::npos);
}

TEST_CASE("a page whose newest content the disk lost is found, although it is whole") {
  Shelf shelf;
  shelf.close();
  const Frozen before = freeze(shelf.path());
  {
    auto db = open(shelf.path());
    REQUIRE(db->run("UPDATE t SET text = 'price 2' WHERE n = 200").ok());
  }
  Frozen after = freeze(shelf.path());
  int lost = 0;
  for (size_t page = 0; page < after[""].size() / 1024; ++page) {
    Frozen mixed = after;
    if (mixed[""].compare(page * 1024, 1024, before.at(""), page * 1024, 1024) == 0) continue;
    mixed[""].replace(page * 1024, 1024, before.at(""), page * 1024, 1024);
    CHECK(said(mixed, shelf.folder()).find("is not the newest that was written") != std::string::npos);
    ++lost;
  }
  CHECK(lost >= 2);  // the row and its index
  after["-seal"] = before.at("-seal");
  CHECK(said(after, shelf.folder()).find("is not the newest that was written") != std::string::npos);
}

TEST_CASE("a log and a seal of different times are found") {
  Shelf shelf;
  const Frozen early = shelf.frozen();
  shelf.checkpoint();
  shelf.put(7, "in the next log ");  // starts the log over
  Frozen late = shelf.frozen();
  CHECK(said(late, shelf.folder()).find("in the next log 49") != std::string::npos);
  late["-seal"] = early.at("-seal");
  late[""] = early.at("");  // checkpoint and seal were lost together, though synced
  CHECK(said(late, shelf.folder()).find("not of one time") != std::string::npos);
}

TEST_CASE("a log that was cut off is found by what its index says, or by what lies behind the break") {
  Shelf shelf;
  const Frozen whole = shelf.frozen();
  const std::string all = said(whole, shelf.folder());
  for (const bool witness : {true, false}) {
    Frozen cut = whole;
    if (!witness) cut.erase("-shm");
    cut["-wal"][kInLog] ^= 1;
    CHECK(said(cut, shelf.folder()).find("its log lost") != std::string::npos);
  }
  for (const size_t size : {kInLog, size_t{33}, size_t{0}}) {
    Frozen cut = whole;
    cut["-wal"].resize(size);
    CHECK(said(cut, shelf.folder()).find("its log lost") != std::string::npos);
  }
  Frozen gone = whole;
  gone.erase("-wal");
  CHECK(said(gone, shelf.folder()).find("its log lost") != std::string::npos);
  Frozen headless = whole;
  headless["-wal"][3] ^= 1;
  CHECK(said(headless, shelf.folder()).find("the begin of its log cannot be read") != std::string::npos);
  headless.erase("-shm");
  CHECK(said(headless, shelf.folder()).find("the begin of its log cannot be read") != std::string::npos);
}

// The header and the first frames share a sector with it; everything behind it is in the file.
TEST_CASE("a log that the power cut met starting over is no damage") {
  Shelf shelf;
  const std::string all = said(shelf.frozen(), shelf.folder());
  shelf.checkpoint();
  Frozen cut = shelf.frozen();
  shelf.put(7, "in the next log ");
  cut["-seal"] = shelf.frozen()["-seal"];  // it hears of a log before its header is written
  std::fill_n(cut["-wal"].begin(), 512, 'x');
  CHECK(said(cut, shelf.folder()) == all);
  cut.erase("-shm");
  CHECK(said(cut, shelf.folder()) == all);
}

TEST_CASE("the commit that a power cut met is no damage") {
  Shelf shelf;
  Frozen files = shelf.frozen();
  shelf.put(1000, "the last ");
  Frozen after = shelf.frozen();
  const std::string &before = files["-wal"], &now = after["-wal"];
  const auto changed = std::mismatch(before.begin(), before.end(), now.begin(), now.end());
  after["-wal"][static_cast<size_t>(changed.second - now.begin()) + 100] ^= 1;
  after["-shm"] = files["-shm"];  // written after the sync that did not happen
  CHECK(said(after, shelf.folder()) == said(files, shelf.folder()));
}

TEST_CASE("cut off files are found") {
  Shelf shelf;
  shelf.close();
  const Frozen whole = freeze(shelf.path());
  for (const size_t size : {size_t{0}, size_t{50}, size_t{1024}, whole.at("").size() - 1024, whole.at("").size() - 1}) {
    Frozen cut = whole;
    cut[""].resize(size);
    CAPTURE(size);
    CHECK(said(cut, shelf.folder()).find("damaged") != std::string::npos);
  }
  Frozen gone = whole;
  gone.erase("");
  CHECK(said(gone, shelf.folder()).find("it is gone") != std::string::npos);
  CHECK(examine(thaw({}, shelf.folder())).ok());  // a new one may be made
}

TEST_CASE("no bit flip and no cut is answered wrongly") {
  Shelf shelf;
  const Frozen live = shelf.frozen();
  const std::string all = said(live, shelf.folder());
  shelf.close();
  const Frozen closed = freeze(shelf.path());
  std::mt19937_64 random(20261121);
  int found = 0, harmless = 0;
  for (int i = 0; i < 1000; ++i) {
    Frozen files = i % 2 == 0 ? live : closed;
    auto file = files.begin();
    std::advance(file, static_cast<long>(random() % files.size()));
    std::string& bytes = file->second;
    if (i % 10 == 0)
      bytes.resize(random() % bytes.size());
    else
      bytes[random() % bytes.size()] ^= static_cast<char>(1U << random() % 8);
    const auto answer = say_all(thaw(files, shelf.folder()));
    if (answer) CHECK_MESSAGE(*answer == all, "trial ", i, " in ", file->first);
    answer ? ++harmless : ++found;
  }
  CHECK(found > 500);   // nearly all of what is hit matters
  CHECK(harmless > 0);  // the index of the log is made anew at each start
}

TEST_CASE("a seal that says everything many times over is written anew") {
  Shelf shelf;
  for (int i = 0; i < 200; ++i) {
    shelf.in_one([&] {
      for (int n = 1; n <= 300; n += 3) shelf.put(n, i % 2 ? "odd " : "even ");
    });
    shelf.checkpoint();
  }
  const Frozen files = shelf.frozen();
  CHECK(files.at("-seal").size() < size_t{150} * 1024);
  CHECK(said(files, shelf.folder()).find("odd ") != std::string::npos);
}

TEST_CASE("a database from before pages had sums gets them when it is opened to be written") {
  test::TempFolder folder;
  const std::string path = folder.file("old.db");
  sqlite3* old = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &old) == SQLITE_OK);
  REQUIRE(sqlite3_exec(old,
                       "PRAGMA page_size = 1024; PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER PRIMARY KEY);"
                       "INSERT INTO t VALUES (7)",
                       nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(old);
  CHECK(examine(path).ok());
  CHECK(open(path, Mode::read_only)->value<int64_t>("SELECT n FROM t").value() == 7);
  open(path, Mode::write);
  const std::string file = contents(path);
  CHECK(PageLayout::of({reinterpret_cast<const uint8_t*>(file.data()), kHeaderBytes}).has_sums);
  CHECK(examine(path).ok());
  CHECK(open(path)->value<int64_t>("SELECT n FROM t").value() == 7);
}

TEST_CASE("a backup that is larger than the memory for its pages has sums, too") {
  Shelf shelf;
  shelf.in_one([&] {
    for (int n = 1; n <= 20'000; ++n) shelf.put(n, std::string(150, 'x'));
  });
  const std::string copy = shelf.folder().file("copy.db");
  REQUIRE(backup(shelf.db(), copy).ok());
  CHECK(examine(copy).ok());
}

TEST_CASE("a backup has sums and no seal") {
  Shelf shelf;
  const std::string copy = shelf.folder().file("copy.db");
  REQUIRE(backup(shelf.db(), copy).ok());
  Frozen files = freeze(copy);
  CHECK(files.size() == 1);
  CHECK(examine(copy).ok());
  files[""][3000] ^= 4;
  CHECK_FALSE(check_file(thaw(files, shelf.folder())).ok());
  CHECK_FALSE(examine(thaw(files, shelf.folder())).ok());
}

}  // namespace till::sqlite
