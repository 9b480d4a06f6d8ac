#include "sqlite/page_sum.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

namespace till::sqlite {
namespace {

static_assert(std::endian::native == std::endian::little, "sums are kept as this machine has them");

uint32_t big_endian(std::span<const uint8_t> bytes) {
  uint32_t value = 0;
  for (const uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

}  // namespace

uint32_t crc(uint32_t begun, std::span<const uint8_t> bytes) {
  return static_cast<uint32_t>(crc32(begun, bytes.data(), static_cast<uInt>(bytes.size())));
}

uint32_t page_sum(uint32_t number, ConstPage page) {
  uint8_t place[sizeof number];
  std::memcpy(place, &number, sizeof number);
  const uint32_t sum = crc(crc(0, place), page.first(page.size() - kSumBytes));
  return sum == kHole ? 1 : sum;
}

uint32_t kept_sum(ConstPage page) {
  uint32_t sum = 0;
  std::memcpy(&sum, page.last(kSumBytes).data(), kSumBytes);
  return sum;
}

void keep_sum(Page page, uint32_t sum) { std::memcpy(page.last(kSumBytes).data(), &sum, kSumBytes); }

bool is_hole(ConstPage page) {
  return std::all_of(page.begin(), page.end(), [](uint8_t byte) { return byte == 0; });
}

// https://www.sqlite.org/fileformat.html, 1.3
PageLayout PageLayout::of(std::span<const uint8_t> header) {
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  PageLayout layout;
  if (header.size() < kHeaderBytes || std::memcmp(header.data(), kMagic.data(), kMagic.size()) != 0) return layout;
  const uint32_t size = big_endian(header.subspan(16, 2));
  layout.page_size = size == 1 ? 65536 : size;
  if (layout.page_size < 512 || (layout.page_size & (layout.page_size - 1)) != 0) return {};
  layout.has_wal = header[18] == 2;
  layout.has_sums = header[20] == kSumBytes;
  layout.page_count = big_endian(header.subspan(28, 4));
  return layout;
}

}  // namespace till::sqlite
