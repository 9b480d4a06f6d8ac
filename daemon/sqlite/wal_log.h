// A write-ahead log read without SQLite (https://www.sqlite.org/fileformat.html, 4): which commits it holds, and
// whether it held more. SQLite's own recovery takes what lies behind the first bad frame for the rest of a power cut;
// but that can only be the commit that was under way, for each one before it was synced.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sqlite/page_sum.h"
#include "sqlite/raw_file.h"

namespace till::sqlite {

/// Tells a WAL from the one before it in the same file: another one each time that it starts over.
using WalSalt = std::array<uint8_t, 8>;
inline constexpr int64_t kWalHeaderBytes = 32;
inline constexpr int64_t kWalFrameBytes = 24;  // before each page

class WalLog {
 public:
  /// Reads it through. A missing file is one without frames. `page_size`: of the database, where no header tells it.
  WalLog(const std::string& path, uint32_t page_size);

  /// Nullopt: there is no header, or it is no whole one.
  [[nodiscard]] const std::optional<WalSalt>& salt() const { return salt_; }
  [[nodiscard]] bool is_empty() const { return size_ <= kWalHeaderBytes; }
  /// Frames up to the last commit that is whole, and pages of the database after it.
  [[nodiscard]] int64_t frames() const { return committed_; }
  [[nodiscard]] uint32_t page_count() const { return page_count_; }
  /// Pages whose content is in those frames.
  [[nodiscard]] bool holds(uint32_t page) const { return pages_.contains(page); }
  /// The newest frame of each page in those.
  [[nodiscard]] const std::map<uint32_t, int64_t>& pages() const { return pages_; }
  /// The first page as it stands in those frames; nullopt if it does not.
  std::optional<PageLayout> layout();

  /// Frames behind the last whole commit that must have been committed, too: what a WAL that lost something still shows
  /// of it.
  struct Lost {
    int64_t commits = 0;
    std::map<uint32_t, int64_t> pages{};  // the newest frame of each
  };
  /// `salt`: of the log that was, where its header does not tell any more. `committed`: so many frames are known to
  /// have been. Without that it takes two commits in a row: a power cut leaves one at most, and behind it may lie what
  /// an earlier cut left.
  [[nodiscard]] Lost find_lost(const WalSalt& salt, int64_t committed);
  /// Of the second frame: the first may share the disk's sector with a header that broke.
  [[nodiscard]] std::optional<WalSalt> second_salt();
  bool read_page(int64_t frame, Page into);

 private:
  struct Frame {
    uint32_t page = 0;
    uint32_t commit = 0;  // pages of the database after this commit; 0: not the last of one
    WalSalt salt{};
    bool follows = false;  // its checksum is that of the one before it, carried on
  };
  bool read_header();
  std::optional<Frame> read_frame(int64_t frame);

  RawFile file_;
  uint32_t page_size_;
  int64_t size_ = 0;
  bool big_endian_sums_ = false;
  std::optional<WalSalt> salt_;
  int64_t committed_ = 0;
  uint32_t page_count_ = 0;
  std::map<uint32_t, int64_t> pages_;
  std::vector<uint8_t> buffer_;
};

/// What the index of a WAL (the file -shm) last said: it is written after each commit was synced, so a WAL that holds
/// less has lost something. Not synced itself: what it says may be old, or nothing.
struct WalWitness {
  WalSalt salt{};
  int64_t frames = 0;  // committed
  int64_t folded = 0;  // of these, in the database file too
};
std::optional<WalWitness> read_witness(const std::string& shm_path);

/// True if a frame's checksum is the former one (8 bytes as in its frame, or in the log's header) carried on.
bool frame_follows(std::span<const uint8_t> former, std::span<const uint8_t> head, ConstPage page,
                   bool big_endian = false);

}  // namespace till::sqlite
