// Room on the disk that is kept back for the day it is full: the file `reserve`, which holds nothing. The first write
// that finds the disk full frees it, so that the shop sells on and the WAL can be folded in. While it is gone bulk work
// (imports, backups) is refused, for what is left belongs to the sales. It is made again as soon as there is room for
// it twice: with less the next few sales would take it away at once.
// release() is called on the writer's thread, refill() at start and then on a worker's, the rest anywhere.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "base/result.h"

namespace till::runtime {

/// Bytes that this user may still write to the file system of `path`; 0 if it does not answer.
int64_t free_bytes(const std::string& path);

class Reserve {
 public:
  /// The one in `folder`. `bytes` 0: none is kept, and bulk work is never refused for want of it.
  Reserve(const std::string& folder, int64_t bytes);

  /// Frees it if the disk is so full that a start would fail: opening a database takes some room of its own.
  void make_way();
  void release();
  /// Makes it, whole and not only in name, if it is not there and there is room; the size of an older one is mended.
  void refill();

  [[nodiscard]] bool held() const { return held_; }
  /// Error full: while it is gone.
  [[nodiscard]] Status room_for_bulk() const;
  /// True where not even a small write finds room.
  [[nodiscard]] bool disk_is_full() const;

 private:
  [[nodiscard]] bool is_whole() const;
  [[nodiscard]] bool make() const;

  const std::string folder_, path_;
  const int64_t bytes_;
  std::mutex mutex_;  // one changes the file at a time
  std::atomic<bool> held_;
};

}  // namespace till::runtime
