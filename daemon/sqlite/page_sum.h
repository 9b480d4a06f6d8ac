// The checksum that each page of a database of ours carries in its last four bytes, which SQLite leaves free for that
// ("reserved bytes", byte 20 of the file's header): CRC-32 of page number and content, never kHole. Any SQLite reads
// such a file; one that writes it without our VFS leaves pages behind that we refuse.
#pragma once

#include <cstdint>
#include <span>

namespace till::sqlite {

inline constexpr uint32_t kSumBytes = 4;
inline constexpr uint32_t kHole = 0;  // no page's sum: one that was never written

using Page = std::span<uint8_t>;
using ConstPage = std::span<const uint8_t>;

/// CRC-32 of `bytes`, carried on from `begun`.
uint32_t crc(uint32_t begun, std::span<const uint8_t> bytes);
/// Of the content, without its last four bytes. `number` counts from 1: a page in another's place is found too.
uint32_t page_sum(uint32_t number, ConstPage page);
/// What the page says its sum is.
uint32_t kept_sum(ConstPage page);
void keep_sum(Page page, uint32_t sum);
/// A page that was never written: a hole in the file (a free page that was given back before it was used).
bool is_hole(ConstPage page);

/// What a file's first page tells of its pages.
struct PageLayout {
  uint32_t page_size = 0;  // bytes; 0: not known yet
  bool has_sums = false;
  bool has_wal = false;     // the file is in WAL mode
  uint32_t page_count = 0;  // as the header has it

  /// From the first 100 bytes of a file; page_size is 0 if they are none of a database.
  static PageLayout of(std::span<const uint8_t> header);
  /// True if such an access is one of a whole page that carries a sum.
  [[nodiscard]] bool is_page(int64_t bytes, int64_t offset) const {
    return has_sums && bytes == page_size && offset % page_size == 0;
  }
  [[nodiscard]] uint32_t number_at(int64_t offset) const { return static_cast<uint32_t>(offset / page_size) + 1; }
  [[nodiscard]] int64_t offset_of(uint32_t number) const { return int64_t{page_size} * (number - 1); }
};
inline constexpr size_t kHeaderBytes = 100;

}  // namespace till::sqlite
