// What the pages of a database file must be: the file FILE-seal beside it. A page's own sum (page_sum.h) shows a page
// that went bad, not one whose newer content never reached the disk, though the disk said so; the seal does.
//
// A log of records, each synced before the next, each chained to the former by its CRC-32; little-endian u32:
//   file   = "till seal 1\n" | u32 page size | record…
//   record = u32 kind | u32 n | 8 bytes salt of a WAL | u32 frames | n times { page, sum } | u32 chain
//     folded (1): a checkpoint brought these pages into the file and synced it, from frames of this WAL up to `frames`
//     begun  (2): from here on the database is the file and this WAL; all zero: the file alone
// A checkpoint writes it after the file, and a WAL starts over only after that: so at any cut of the power, a page that
// is not in the WAL is what the seal says. Pages in the WAL are not asked, they are read from there.
// It belongs to its file as -wal does: whoever moves one moves the other. A database without one gets it when it is
// next written. Called by checked_vfs.cpp on the writer's thread, and by examine.h.
#pragma once

#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "sqlite/wal_log.h"

namespace till::sqlite {

inline constexpr const char* kSealSuffix = "-seal";

/// A seal as it stands in its file.
struct SealContent {
  struct Log {
    WalSalt salt{};       // all zero: there is none, the file was closed
    uint32_t folded = 0;  // frames of it that are in the file: it had them, synced
  };
  bool is_there = false;  // as a seal for pages of this size
  bool is_whole = true;   // false: something follows that is no record; a power cut may have met the last one
  std::unordered_map<uint32_t, uint32_t> sums{};  // by page number
  std::vector<Log> logs{};                        // the newest of those that were begun, in order
  int64_t end = 0;                                // behind the last whole record
  uint32_t chain = 0;

  /// True if a log was begun twice under one salt: SQLite takes it from a header that a cut has torn. What lies behind
  /// its end may then be of the first one.
  [[nodiscard]] bool is_used_again(const WalSalt& salt) const;
};
SealContent read_seal(const std::string& path, uint32_t page_size);

class Seal {
 public:
  /// `file`: the open database. It is read through this handle alone: closing another one on the same file would drop
  /// this process's locks on it (POSIX).
  Seal(const std::string& database, sqlite3_file* file);

  /// A page that was written to the file.
  void note(uint32_t page, uint32_t sum) { written_[page] = sum; }
  /// True if there is one; it is made with the first checkpoint or log.
  [[nodiscard]] bool is_kept() const { return file_.is_open() || file_exists(path_); }
  [[nodiscard]] bool has_news() const { return !written_.empty(); }

  // SQLite's codes; after an error what was noted still is.
  /// What was noted stands in the file now, synced; it came from `log`.
  int fold(uint32_t page_size, const SealContent::Log& log);
  /// The WAL starts over under this salt; all zero: it goes, all of it is in the file.
  int begin(uint32_t page_size, const WalSalt& salt);
  /// The file leaves WAL mode: nothing keeps the seal true any more.
  int remove();

 private:
  using Sums = std::map<uint32_t, uint32_t>;

  int append(uint32_t page_size, std::vector<uint32_t> record);
  int ready(uint32_t page_size);
  int make(uint32_t page_size, const SealContent& former);
  int sums_of_file(uint32_t page_size, Sums& sums) const;

  const std::string path_;
  sqlite3_file* const database_;
  RawFile file_;
  int64_t end_ = 0;
  uint32_t chain_ = 0;
  WalSalt newest_{};  // log that was begun
  Sums written_;
};

}  // namespace till::sqlite
