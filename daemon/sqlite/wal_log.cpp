#include "sqlite/wal_log.h"

#include <algorithm>
#include <cstring>

namespace till::sqlite {
namespace {

constexpr uint32_t kMagic = 0x377f0682;  // its last bit tells the byte order of checksums

uint32_t big_endian(const uint8_t* bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | uint32_t{bytes[3]};
}

uint32_t native(const uint8_t* bytes) {
  uint32_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

WalSalt salt_in(const uint8_t* bytes) {
  WalSalt salt;
  std::copy_n(bytes, salt.size(), salt.begin());
  return salt;
}

using WalSum = std::array<uint32_t, 2>;

WalSum sum_in(const uint8_t* bytes) { return {big_endian(bytes), big_endian(bytes + 4)}; }

// SQLite's checksum: `sum` carried on over `bytes`.
WalSum wal_sum(WalSum sum, std::span<const uint8_t> bytes, bool big) {
  auto& [a, b] = sum;
  for (size_t i = 0; i + 8 <= bytes.size(); i += 8) {
    a += (big ? big_endian(&bytes[i]) : native(&bytes[i])) + b;
    b += (big ? big_endian(&bytes[i + 4]) : native(&bytes[i + 4])) + a;
  }
  return sum;
}

}  // namespace

bool frame_follows(std::span<const uint8_t> former, std::span<const uint8_t> head, ConstPage page, bool big) {
  const WalSum sum = wal_sum(sum_in(former.data()), head.first(8), big);
  return wal_sum(sum, page, big) == sum_in(&head[16]);
}

WalLog::WalLog(const std::string& path, uint32_t page_size) : page_size_(page_size) {
  if (file_.open(path, RawFile::Mode::read) != 0) return;
  size_ = file_.size();
  const bool headed = read_header();
  buffer_.resize(static_cast<size_t>(kWalFrameBytes) + page_size_);
  if (!headed) return;
  std::map<uint32_t, int64_t> open;  // pages of the transaction that is being read
  for (int64_t n = 1;; ++n) {
    const auto frame = read_frame(n);
    if (!frame || !frame->follows || frame->salt != *salt_ || frame->page == 0) return;
    open[frame->page] = n;
    if (frame->commit == 0) continue;
    for (const auto& [number, at] : open) pages_[number] = at;
    open.clear();
    committed_ = n;
    page_count_ = frame->commit;
  }
}

bool WalLog::read_header() {
  uint8_t header[kWalHeaderBytes];
  if (size_ < kWalHeaderBytes || !file_.read(0, header)) return false;
  if ((big_endian(header) & ~1U) != kMagic) return false;
  const bool big = (big_endian(header) & 1) != 0;
  if (wal_sum({}, std::span(header).first(24), big) != sum_in(header + 24)) return false;
  big_endian_sums_ = big;
  page_size_ = big_endian(header + 8);
  if (page_size_ < 512 || page_size_ > 65536) return false;
  salt_ = salt_in(header + 16);
  return true;
}

// Frame n stands behind n-1 others, its sum begins with theirs; that of the first with the header's.
std::optional<WalLog::Frame> WalLog::read_frame(int64_t n) {
  if (page_size_ == 0) return {};
  const int64_t at = kWalHeaderBytes + (n - 1) * (kWalFrameBytes + page_size_);
  const int64_t former_sum = n == 1 ? 24 : at - kWalFrameBytes - page_size_ + 16;
  const auto frame = std::span(buffer_).first(static_cast<size_t>(kWalFrameBytes) + page_size_);
  uint8_t former[8];
  if (at + kWalFrameBytes + page_size_ > size_ || !file_.read(former_sum, former) || !file_.read(at, frame)) return {};
  const uint8_t* head = frame.data();
  return Frame{.page = big_endian(head),
               .commit = big_endian(head + 4),
               .salt = salt_in(head + 8),
               .follows = frame_follows(former, frame, frame.subspan(kWalFrameBytes), big_endian_sums_)};
}

std::optional<PageLayout> WalLog::layout() {
  const auto first = pages_.find(1);
  std::vector<uint8_t> page(page_size_);
  if (first == pages_.end() || !read_page(first->second, page)) return {};
  return PageLayout::of(page);
}

WalLog::Lost WalLog::find_lost(const WalSalt& salt, int64_t committed) {
  Lost lost, row;  // commits one behind the other
  std::map<uint32_t, int64_t> open;
  int64_t newest = 0;  // commit of the row
  auto end_row = [&] {
    if (row.commits >= 2 || (row.commits > 0 && newest <= committed)) {
      lost.commits += row.commits;
      for (const auto& [number, at] : row.pages) lost.pages[number] = at;
    }
    row = {};
    open.clear();
  };
  for (int64_t n = committed_ + 1;; ++n) {
    const auto frame = read_frame(n);
    if (!frame || !frame->follows || frame->salt != salt) end_row();
    if (!frame) return lost;
    if (!frame->follows || frame->salt != salt) continue;
    open[frame->page] = n;
    if (frame->commit == 0) continue;
    ++row.commits;
    newest = n;
    for (const auto& [number, at] : open) row.pages[number] = at;
    open.clear();
  }
}

std::optional<WalSalt> WalLog::second_salt() {
  const auto frame = read_frame(2);
  return frame ? std::optional(frame->salt) : std::nullopt;
}

bool WalLog::read_page(int64_t n, Page into) {
  return file_.read(kWalHeaderBytes + (n - 1) * (kWalFrameBytes + page_size_) + kWalFrameBytes, into);
}

// struct WalIndexHdr, twice, then WalCkptInfo (https://www.sqlite.org/walformat.html, 2.1); in the machine's byte
// order.
std::optional<WalWitness> read_witness(const std::string& path) {
  constexpr size_t kHeader = 48;
  uint8_t bytes[2 * kHeader + 4];
  RawFile file;
  if (file.open(path, RawFile::Mode::read) != 0 || !file.read(0, bytes)) return {};
  if (std::memcmp(bytes, bytes + kHeader, kHeader) != 0) return {};
  const WalSum sum = wal_sum({}, std::span(bytes).first(40), false);
  if (sum[0] != native(bytes + 40) || sum[1] != native(bytes + 44)) return {};
  return WalWitness{.salt = salt_in(bytes + 32), .frames = native(bytes + 16), .folded = native(bytes + 2 * kHeader)};
}

}  // namespace till::sqlite
