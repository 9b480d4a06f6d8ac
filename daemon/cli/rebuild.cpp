#include "cli/rebuild.h"

#include <unistd.h>

#include <cstdio>

#include "base/file.h"
#include "base/log.h"
#include "cli/app.h"
#include "cli/restore.h"
#include "sqlite/backup.h"
#include "sqlite/examine.h"
#include "sqlite/rescue.h"
#include "sqlite/seal.h"
#include "store/migrations.h"

namespace till::cli {
namespace {

// Files on the way, gone at the end.
class Workbench {
 public:
  explicit Workbench(std::string path) : path_(std::move(path)) { clear(); }
  ~Workbench() { clear(); }
  Workbench(const Workbench&) = delete;
  Workbench& operator=(const Workbench&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  void clear() const {
    for (const char* suffix : {"", "-wal", "-shm", sqlite::kSealSuffix}) ::unlink((path_ + suffix).c_str());
  }
  const std::string path_;
};

Result<std::unique_ptr<sqlite::Connection>> make_empty(const std::string& path, Time now) {
  TILL_TRY(auto db, sqlite::Connection::open(path, sqlite::Mode::create));
  TILL_TRY(const int ran, sqlite::migrate(*db, store::kMigrations, now));
  static_cast<void>(ran);
  return db;
}

struct Losses {
  std::vector<std::string> torn{};  // tables
  store::Salvaged facts{};
  bool all = false;
  [[nodiscard]] bool any() const { return all || !torn.empty() || facts.lost > 0; }

  [[nodiscard]] std::string text() const {
    if (all) return "nothing of it could be read";
    std::string told = std::to_string(facts.sound) + " sales and stock movements were saved, " +
                       std::to_string(facts.lost) + " were not";
    for (const std::string& table : torn) told += (&table == &torn.front() ? "; rows were lost of " : ", ") + table;
    return told;
  }
};

// All rows that can still be read, in a database in which everything can.
Status rescue(const std::string& database, const std::string& pages, sqlite::Connection& rows, Losses& losses) {
  TILL_CHECK(sqlite::gather_pages(database, pages));
  auto gathered = sqlite::Connection::open(pages, sqlite::Mode::at_rest);
  losses.all = !gathered.ok() || sqlite::tables_of(**gathered).empty();  // nothing tells which page is whose
  if (losses.all) return {};
  TILL_TRY(auto rescued, sqlite::rescue_rows(**gathered, rows, sqlite::tables_of(rows)));
  losses.torn = std::move(rescued.torn);
  return {};
}

Error refuse(const Error& damage, const Losses& losses) {
  return {.code = Code::invalid,
          .message = damage.message + "; " + losses.text() +
                     ". `tilld restore FILE` puts a backup in its place, `tilld rebuild` goes on with what is left",
          .reason = std::string(sqlite::kDamaged)};
}

}  // namespace

Status rebuild_database(const std::string& data_dir, const Error& damage, const store::Names& names, Rebuild how,
                        Random& random, Clock& clock) {
  const std::string database = data_dir + "/" + kDatabase;
  log::error("rebuilding", {{"why", damage.message}});
  const Workbench pages(database + ".pages"), rows(database + ".rows");
  const Workbench part(part_of(data_dir, kRebuilt));
  Losses losses;
  {
    TILL_TRY(auto rescued, make_empty(rows.path(), clock.now()));
    TILL_CHECK(rescue(database, pages.path(), *rescued, losses));
    TILL_TRY(auto fresh, make_empty(part.path(), clock.now()));
    TILL_TRY(losses.facts, store::rebuild(*rescued, *fresh, names, random, clock.now()));
    if (losses.any() && how == Rebuild::if_nothing_is_lost) return refuse(damage, losses);
    TILL_CHECK(sqlite::make_single_file(*fresh));
  }
  const Time now = clock.now();
  const std::string report = damage.message + "\nRebuilt on " + to_rfc3339(now) + ": " + losses.text() +
                             ".\nThe files beside this one are the database as it was.\n";
  TILL_CHECK(write_file(database + "." + kRebuilt.aside + "-" + std::to_string(now.ms / 1000) + ".txt", report, 0600));
  TILL_CHECK(replace_database(data_dir, kRebuilt, now));
  log::error("rebuilt", {{"result", losses.text()}});
  return {};
}

}  // namespace till::cli
