#include "sqlite/backup.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "sqlite/checked_vfs.h"

namespace till::sqlite {
namespace {

constexpr int kPagesAStep = 256;  // 256 KiB, then other readers and the disk get their turn

Error failed(const std::string& path, const std::string& reason) {
  return {.code = errno == ENOSPC ? Code::full : Code::invalid, .message = path + ": " + reason};
}

Status copy_pages(Connection& source, const std::string& path) {
  // Made here with its mode, for SQLite would use the umask, and the file holds password hashes.
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return failed(path, std::strerror(errno));
  ::close(fd);
  sqlite3* target = nullptr;
  if (sqlite3_open_v2(path.c_str(), &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, checked_vfs()) != SQLITE_OK) {
    sqlite3_close(target);
    return failed(path, "cannot be made");
  }
  sqlite3_backup* copy = sqlite3_backup_init(target, "main", source.handle(), "main");
  int code = copy ? SQLITE_OK : sqlite3_errcode(target);
  while (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED) {
    code = sqlite3_backup_step(copy, kPagesAStep);
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) sqlite3_sleep(10);
  }
  if (copy) sqlite3_backup_finish(copy);
  // A backup is carried about as one file: no WAL beside it.
  if (code == SQLITE_DONE) sqlite3_exec(target, "PRAGMA journal_mode = DELETE", nullptr, nullptr, nullptr);
  sqlite3_close(target);
  if (code == SQLITE_DONE) return {};
  return source.error(code, "backup");
}

Status sync_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return failed(path, std::strerror(errno));
  const int code = ::fsync(fd);
  const int why = errno;
  ::close(fd);
  if (code != 0) return failed(path, std::strerror(why));
  return {};
}

}  // namespace

Status sync_directory(const std::string& path) { return sync_file(path); }

Status check_file(const std::string& path) {
  TILL_TRY(auto db, Connection::open(path, Mode::read_only));
  TILL_TRY(auto finding, db->value<std::string>("PRAGMA integrity_check(1)"));
  if (finding == "ok") return {};
  return Error{.code = Code::invalid, .message = path + ": damaged: " + finding.value_or("no answer")};
}

Status make_single_file(Connection& db) {
  return db.execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;");
}

Status backup(Connection& source, const std::string& path) {
  namespace fs = std::filesystem;
  if (::access(path.c_str(), F_OK) == 0) return Error{.code = Code::conflict, .message = path + ": exists already"};
  const std::string part = path + ".part";
  ::unlink(part.c_str());
  Status status = copy_pages(source, part);
  if (status.ok()) status = check_file(part);
  if (status.ok()) status = sync_file(part);
  if (status.ok() && ::rename(part.c_str(), path.c_str()) != 0) status = failed(path, std::strerror(errno));
  if (!status) {
    ::unlink(part.c_str());
    return status;
  }
  const fs::path folder = fs::path(path).parent_path();
  return sync_directory(folder.empty() ? "." : folder.string());
}

}  // namespace till::sqlite
