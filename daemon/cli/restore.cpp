#include "cli/restore.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "cli/app.h"
#include "sqlite/backup.h"
#include "sqlite/migrate.h"
#include "sqlite/seal.h"
#include "store/identity.h"
#include "store/migrations.h"

namespace till::cli {
namespace {

// This name is given only to a whole, checked, synced file: whoever finds it may put it in place.
std::string prepared_name(const std::string& data_dir, const Replacement& replacement) {
  return data_dir + "/" + kDatabase + "." + replacement.prepared;
}

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

std::string part_of(const std::string& data_dir, const Replacement& replacement) {
  const std::string part = prepared_name(data_dir, replacement) + ".part";
  for (const char* suffix : {"", "-wal", "-shm", sqlite::kSealSuffix}) ::unlink((part + suffix).c_str());
  return part;
}

Status replace_database(const std::string& data_dir, const Replacement& replacement, Time now) {
  const std::string prepared = prepared_name(data_dir, replacement);
  TILL_CHECK(rename_if_there(prepared + ".part", prepared));
  TILL_CHECK(sqlite::sync_directory(data_dir));
  return finish_replacing(data_dir, now);
}

Status finish_replacing(const std::string& data_dir, Time now) {
  const std::string database = data_dir + "/" + kDatabase;
  for (const Replacement* replacement : {&kRestored, &kRebuilt}) {
    const std::string prepared = prepared_name(data_dir, *replacement);
    if (::access(prepared.c_str(), F_OK) != 0) continue;
    // Log and seal belong to the file they were written for: they go first, so that the new file never meets the old's.
    const std::string aside = database + "." + replacement->aside + "-" + std::to_string(now.ms / 1000);
    for (const char* suffix : {"-wal", "-shm", sqlite::kSealSuffix, ""})
      TILL_CHECK(rename_if_there(database + suffix, aside + suffix));
    TILL_CHECK(rename_if_there(prepared, database));
    TILL_CHECK(sqlite::sync_directory(data_dir));
  }
  return {};
}

Status restore_backup(const std::string& data_dir, const std::string& backup_file, Random& random, Clock& clock) {
  TILL_TRY(const int version, sqlite::inspect(backup_file, store::kMigrations));
  if (version == 0) return Error{.code = Code::invalid, .message = backup_file + ": is no backup of tilld"};
  TILL_CHECK(sqlite::check_file(backup_file));
  const std::string part = part_of(data_dir, kRestored);
  {
    TILL_TRY(auto source, sqlite::Connection::open(backup_file, sqlite::Mode::read_only));
    TILL_CHECK(sqlite::backup(*source, part));
  }
  TILL_CHECK(begin_new_epoch(part, random, clock.now()));
  return replace_database(data_dir, kRestored, clock.now());
}

}  // namespace till::cli
