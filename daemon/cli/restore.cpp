#include "cli/restore.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "cli/app.h"
#include "sqlite/backup.h"
#include "sqlite/migrate.h"
#include "store/identity.h"
#include "store/migrations.h"

namespace till::cli {
namespace {

// This name is given only to a whole, checked, synced file: whoever finds it may finish the restore.
constexpr const char* kPrepared = "shop.db.restored";

Status rename_if_there(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) == 0 || errno == ENOENT) return {};
  return Error{.message = from + ": " + std::strerror(errno)};
}

Status begin_new_epoch(const std::string& file, Random& random, Time now) {
  TILL_TRY(auto db, sqlite::Connection::open(file, sqlite::Mode::write));
  TILL_TRY(const int ran, sqlite::migrate(*db, store::kMigrations, now));
  static_cast<void>(ran);
  TILL_CHECK(sqlite::transact(*db, [&](sqlite::Connection& tx) { return store::begin_epoch(tx, random, now); }));
  return sqlite::make_single_file(*db);
}

}  // namespace

Status restore_backup(const std::string& data_dir, const std::string& backup_file, Random& random, Clock& clock) {
  TILL_TRY(const int version, sqlite::inspect(backup_file, store::kMigrations));
  if (version == 0) return Error{.code = Code::invalid, .message = backup_file + ": is no backup of tilld"};
  TILL_CHECK(sqlite::check_file(backup_file));
  const std::string part = data_dir + "/" + kPrepared + ".part";
  for (const char* suffix : {"", "-wal", "-shm"}) ::unlink((part + suffix).c_str());
  {
    TILL_TRY(auto source, sqlite::Connection::open(backup_file, sqlite::Mode::read_only));
    TILL_CHECK(sqlite::backup(*source, part));
  }
  TILL_CHECK(begin_new_epoch(part, random, clock.now()));
  TILL_CHECK(rename_if_there(part, data_dir + "/" + kPrepared));
  TILL_CHECK(sqlite::sync_directory(data_dir));
  return finish_restore(data_dir, clock.now());
}

Status finish_restore(const std::string& data_dir, Time now) {
  const std::string prepared = data_dir + "/" + kPrepared, database = data_dir + "/" + kDatabase;
  if (::access(prepared.c_str(), F_OK) != 0) return {};
  // A WAL belongs to the file it was written for: it goes first, so that the new file never meets the old one's.
  const std::string aside = database + ".replaced-" + std::to_string(now.ms / 1000);
  for (const char* suffix : {"-wal", "-shm", ""}) TILL_CHECK(rename_if_there(database + suffix, aside + suffix));
  TILL_CHECK(rename_if_there(prepared, database));
  return sqlite::sync_directory(data_dir);
}

}  // namespace till::cli
