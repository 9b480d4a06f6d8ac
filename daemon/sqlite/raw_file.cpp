#include "sqlite/raw_file.h"

#include <sqlite3.h>

namespace till::sqlite {

sqlite3_vfs* real_vfs() { return sqlite3_vfs_find(nullptr); }

RawFile::~RawFile() { close(); }

int RawFile::open(const std::string& path, Mode mode) {
  close();
  sqlite3_vfs* vfs = real_vfs();
  path_ = path + '\0' + '\0';  // SQLite looks for URI parameters behind a name
  memory_ = std::make_unique<uint8_t[]>(static_cast<size_t>(vfs->szOsFile));
  auto* file = reinterpret_cast<sqlite3_file*>(memory_.get());
  // A super-journal is the kind of file that takes no locks and whose directory entry is synced with its first sync.
  const int flags = SQLITE_OPEN_SUPER_JOURNAL |
                    (mode == Mode::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  const int code = vfs->xOpen(vfs, path_.c_str(), file, flags, nullptr);
  if (code == SQLITE_OK)
    file_ = file;
  else if (file->pMethods)
    file->pMethods->xClose(file);
  return code;
}

void RawFile::close() {
  if (file_) file_->pMethods->xClose(file_);
  file_ = nullptr;
}

bool RawFile::read(int64_t offset, std::span<uint8_t> into) {
  return file_->pMethods->xRead(file_, into.data(), static_cast<int>(into.size()), offset) == SQLITE_OK;
}

int RawFile::write(int64_t offset, std::span<const uint8_t> bytes) {
  return file_->pMethods->xWrite(file_, bytes.data(), static_cast<int>(bytes.size()), offset);
}

int RawFile::sync() { return file_->pMethods->xSync(file_, SQLITE_SYNC_NORMAL); }

int64_t RawFile::size() const {
  sqlite3_int64 size = 0;
  return file_->pMethods->xFileSize(file_, &size) == SQLITE_OK ? size : 0;
}

bool file_exists(const std::string& path) {
  sqlite3_vfs* vfs = real_vfs();
  int found = 0;
  return vfs->xAccess(vfs, path.c_str(), SQLITE_ACCESS_EXISTS, &found) == SQLITE_OK && found != 0;
}

}  // namespace till::sqlite
