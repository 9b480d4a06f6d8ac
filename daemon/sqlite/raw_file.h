// A file as SQLite's own VFS sees it, below our checks: for what is read and written beside SQLite (checked_vfs.h,
// seal.h, examine.h). Results are SQLite's codes, for they go back to it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

struct sqlite3_file;
struct sqlite3_vfs;

namespace till::sqlite {

/// The VFS that everything of ours stands on: the process's default one.
sqlite3_vfs* real_vfs();

class RawFile {
 public:
  enum class Mode : uint8_t { read, write };  // write: made if it is missing

  RawFile() = default;
  ~RawFile();
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;

  int open(const std::string& path, Mode mode);
  [[nodiscard]] bool is_open() const { return file_ != nullptr; }
  void close();

  /// True if all of `into` was read.
  bool read(int64_t offset, std::span<uint8_t> into);
  int write(int64_t offset, std::span<const uint8_t> bytes);
  int sync();
  /// Bytes; 0 if it cannot be told.
  [[nodiscard]] int64_t size() const;

 private:
  std::string path_;  // SQLite keeps the pointer
  std::unique_ptr<uint8_t[]> memory_;
  sqlite3_file* file_ = nullptr;
};

/// True if there is such a file and it is not empty.
bool file_exists(const std::string& path);

}  // namespace till::sqlite
