#include "sqlite/examine.h"

#include <sqlite3.h>

#include <algorithm>

#include "sqlite/checked_vfs.h"
#include "sqlite/seal.h"

namespace till::sqlite {
namespace {

constexpr uint32_t kPagesARead = 64;

// A journal tells of a cut while the file was being made, or left WAL mode. SQLite puts the file back when it first
// reads it, if it may write: what the journal still covers is no damage. If it cannot, the examination says why.
void roll_back(const std::string& path) {
  sqlite3* db = nullptr;
  if (sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE, checked_vfs()) == SQLITE_OK)
    sqlite3_exec(db, "SELECT count(*) FROM sqlite_schema", nullptr, nullptr, nullptr);
  sqlite3_close(db);
}

class Examination {
 public:
  explicit Examination(const std::string& path)
      : path_(path), layout_(layout_in_file()), wal_(path + "-wal", layout_.page_size) {
    if (const auto newer = wal_.layout()) layout_ = *newer;
    seal_ = read_seal(path + kSealSuffix, layout_.page_size);
  }

  Status run() {
    const bool sealed = file_exists(path_ + kSealSuffix);
    const bool left_behind = sealed || !wal_.is_empty();
    if (!file_.is_open()) return left_behind ? damaged("it is gone, what belongs to it is there") : Status{};
    if (file_.size() < std::ssize(header_)) return left_behind ? damaged("it is cut off") : Status{};
    if (!layout_.has_sums) return sealed ? damaged("its header is not what was written") : Status{};
    TILL_CHECK(examine_wal());
    return examine_pages();
  }

 private:
  PageLayout layout_in_file() {
    if (file_.open(path_, RawFile::Mode::read) != 0 || !file_.read(0, header_)) return {};
    return PageLayout::of(header_);
  }
  Error damaged(const std::string& what) const {
    return {.code = Code::invalid, .message = path_ + ": damaged: " + what, .reason = std::string(kDamaged)};
  }
  Error damaged_page(uint32_t number, const std::string& what) const {
    return damaged("page " + std::to_string(number) + " of " + std::to_string(pages()) + ' ' + what);
  }
  [[nodiscard]] uint32_t pages() const { return wal_.frames() > 0 ? wal_.page_count() : layout_.page_count; }

  Status examine_wal() {
    const auto witness = read_witness(path_ + "-shm");
    TILL_CHECK(examine_against_seal());
    if (!wal_.salt()) return examine_headless(witness);
    const bool same = witness && witness->salt == *wal_.salt();
    if (same && witness->frames > std::max(wal_.frames(), witness->folded))
      return cut_off(witness->frames - wal_.frames());
    if (seal_.is_used_again(*wal_.salt())) return {};
    const auto lost = wal_.find_lost(*wal_.salt(), same ? witness->frames : 0);
    return lost.commits == 0 ? Status{} : cut_off(std::ssize(lost.pages));
  }

  // A log that was folded in stood there, synced, and stays until the next one is begun. A cut may come between that
  // and the first frame: then the one before goes on.
  Status examine_against_seal() const {
    if (!seal_.is_there || seal_.logs.empty()) return {};
    const auto& logs = seal_.logs;
    const auto it = !wal_.salt() ? logs.rend()
                                 : std::find_if(logs.rbegin(), logs.rend(),
                                                [&](const SealContent::Log& log) { return log.salt == *wal_.salt(); });
    if (wal_.salt() && it == logs.rend()) return damaged("its seal and its log are not of one time");
    const auto after = wal_.salt() ? it : std::next(logs.rbegin());
    if (std::any_of(logs.rbegin(), after, [](const SealContent::Log& log) { return log.folded > 0; }))
      return damaged("its log is gone");
    if (wal_.salt() && wal_.frames() < it->folded) return cut_off(it->folded - wal_.frames());
    return {};
  }

  // A log without a header that can be read: nothing, or one that the power cut met starting over, when all that stood
  // behind the header was in the file already. If it is not there, it was the only copy.
  Status examine_headless(const std::optional<WalWitness>& witness) {
    if (wal_.is_empty()) {
      if (witness && witness->frames > witness->folded) return cut_off(witness->frames - witness->folded);
      return {};
    }
    const auto salt = witness && witness->frames > 0 ? std::optional(witness->salt) : wal_.second_salt();
    if (!salt) return {};
    std::vector<uint8_t> in_log(layout_.page_size), in_file(layout_.page_size);
    const size_t content = layout_.page_size - kSumBytes;
    for (const auto& [number, frame] : wal_.find_lost(*salt, witness ? witness->frames : 0).pages) {
      const bool same = wal_.read_page(frame, in_log) && file_.read(layout_.offset_of(number), in_file) &&
                        std::equal(in_log.begin(), in_log.begin() + static_cast<int64_t>(content), in_file.begin());
      if (!same) return damaged("the begin of its log cannot be read");
    }
    return {};
  }

  Error cut_off(int64_t frames) const {
    return damaged("its log lost " + std::to_string(frames) + " pages that had been written");
  }

  // Pages that the log holds are read from there: the cut may have met the checkpoint that carried them into the file.
  Status examine_pages() {
    std::vector<uint8_t> several(size_t{kPagesARead} * layout_.page_size);
    const int64_t size = file_.size();
    // Behind its end there is nothing to read, and a damaged header may claim billions of pages there.
    const auto in_file = static_cast<uint32_t>(
        std::min<int64_t>(pages(), (size + layout_.page_size - 1) / static_cast<int64_t>(layout_.page_size)));
    for (uint32_t first = 1; first <= in_file; first += kPagesARead) {
      const int64_t at = layout_.offset_of(first);
      const auto there = static_cast<size_t>(std::clamp<int64_t>(size - at, 0, std::ssize(several)));
      several.assign(several.size(), 0);
      if (there > 0 && !file_.read(at, std::span(several).first(there))) return damaged_page(first, "cannot be read");
      for (uint32_t i = 0; i < kPagesARead && first + i <= in_file; ++i)
        TILL_CHECK(examine_page(first + i, ConstPage(several).subspan(i * layout_.page_size, layout_.page_size)));
    }
    for (const auto& [number, sum] : seal_.sums)
      if (number > in_file && number <= pages() && sum != kHole && !wal_.holds(number))
        return damaged_page(number, "is missing");
    return {};
  }

  Status examine_page(uint32_t number, ConstPage page) const {
    if (wal_.holds(number)) return {};
    const bool hole = is_hole(page);
    const uint32_t sum = hole ? kHole : page_sum(number, page);
    if (!hole && sum != kept_sum(page)) return damaged_page(number, "is not what was written");
    if (!seal_.is_there) return {};
    const auto sealed = seal_.sums.find(number);
    if (sum == (sealed == seal_.sums.end() ? kHole : sealed->second)) return {};
    return damaged_page(number, hole ? "is missing" : "is not the newest that was written");
  }

  const std::string& path_;
  RawFile file_;
  std::array<uint8_t, kHeaderBytes> header_{};
  PageLayout layout_;
  WalLog wal_;
  SealContent seal_;
};

}  // namespace

Status examine(const std::string& path) {
  if (file_exists(path + "-journal")) roll_back(path);
  return Examination(path).run();
}

}  // namespace till::sqlite
