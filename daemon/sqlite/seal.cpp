#include "sqlite/seal.h"

#include <fcntl.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "sqlite/backup.h"

namespace till::sqlite {
namespace {

constexpr std::string_view kMagic = "till seal 1\n";
constexpr int64_t kHead = 16;      // bytes: magic and page size
constexpr size_t kRecordHead = 5;  // words
constexpr size_t kMostLogs = 8;    // kept in mind: so many cuts in a row may each meet the begin of a log
enum : uint32_t { kFolded = 1, kBegun = 2 };
constexpr int64_t kLeastToShrink = 128 * 1024;  // bytes: a smaller log is not worth the trouble

std::span<const uint8_t> bytes_of(std::span<const uint32_t> words) {
  return {reinterpret_cast<const uint8_t*>(words.data()), words.size_bytes()};
}

uint32_t chained(uint32_t former, std::span<const uint32_t> record) { return crc(former, bytes_of(record)); }

std::vector<uint32_t> record_of(uint32_t kind, const SealContent::Log& log, const std::map<uint32_t, uint32_t>& sums) {
  std::vector<uint32_t> record{kind, static_cast<uint32_t>(sums.size()), 0, 0, log.folded};
  std::memcpy(&record[2], log.salt.data(), log.salt.size());
  for (const auto& [page, sum] : sums) record.insert(record.end(), {page, sum});
  return record;
}

// Which log is meant by a record, the last of that salt; a checkpoint after a cut may be of one before the last.
void note_log(SealContent& content, uint32_t kind, const SealContent::Log& log) {
  if (kind == kBegun) {
    if (content.logs.size() == kMostLogs) content.logs.erase(content.logs.begin());
    content.logs.push_back({log.salt, 0});
    return;
  }
  const auto known = std::find_if(content.logs.rbegin(), content.logs.rend(),
                                  [&](const SealContent::Log& one) { return one.salt == log.salt; });
  if (known != content.logs.rend()) known->folded = std::max(known->folded, log.folded);
}

// The words of the record at `at`, with its chain's; nullopt if there is no whole one.
std::optional<std::vector<uint32_t>> read_record(RawFile& file, int64_t size, int64_t at, uint32_t chain) {
  std::vector<uint32_t> record(kRecordHead);
  auto read = [&](size_t from) {
    auto* begin = reinterpret_cast<uint8_t*>(&record[from]);
    return file.read(at + static_cast<int64_t>(4 * from), {begin, 4 * (record.size() - from)});
  };
  constexpr int64_t kLeast = 4 * (kRecordHead + 1);
  if (at + kLeast > size || !read(0)) return {};
  if ((record[0] != kFolded && record[0] != kBegun) || int64_t{record[1]} * 8 > size - at - kLeast) return {};
  record.resize(kRecordHead + size_t{2} * record[1] + 1);
  if (!read(kRecordHead)) return {};
  const uint32_t kept = record.back();
  record.pop_back();
  if (chained(chain, record) != kept) return {};
  record.push_back(kept);
  return record;
}

}  // namespace

bool SealContent::is_used_again(const WalSalt& salt) const {
  return std::count_if(logs.begin(), logs.end(), [&](const Log& log) { return log.salt == salt; }) > 1;
}

SealContent read_seal(const std::string& path, uint32_t page_size) {
  SealContent content;
  RawFile file;
  if (file.open(path, RawFile::Mode::read) != SQLITE_OK) return content;
  const int64_t size = file.size();
  uint8_t head[kHead];
  uint32_t pages_of = 0;
  if (size < kHead || !file.read(0, head) || std::memcmp(head, kMagic.data(), kMagic.size()) != 0) return content;
  std::memcpy(&pages_of, head + kMagic.size(), sizeof pages_of);
  if (pages_of != page_size) return content;
  content.is_there = true;
  content.end = kHead;
  while (auto record = read_record(file, size, content.end, content.chain)) {
    for (size_t i = kRecordHead; i + 1 < record->size(); i += 2) content.sums[(*record)[i]] = (*record)[i + 1];
    SealContent::Log log{{}, (*record)[4]};
    std::memcpy(log.salt.data(), &(*record)[2], log.salt.size());
    note_log(content, record->front(), log);
    content.chain = record->back();
    content.end += static_cast<int64_t>(4 * record->size());
  }
  content.is_whole = content.end == size;
  return content;
}

Seal::Seal(const std::string& database, sqlite3_file* file) : path_(database + kSealSuffix), database_(file) {}

int Seal::fold(uint32_t page_size, const SealContent::Log& log) {
  const int code = append(page_size, record_of(kFolded, log, written_));
  if (code == SQLITE_OK) written_.clear();
  return code;
}

int Seal::begin(uint32_t page_size, const WalSalt& salt) {
  if (file_.is_open() && end_ > kLeastToShrink) {  // pages that were folded often stand in it often
    const SealContent content = read_seal(path_, page_size);
    if (end_ > 4 * 8 * static_cast<int64_t>(content.sums.size()))
      if (const int code = make(page_size, content); code != SQLITE_OK) return code;
  }
  if (const int code = ready(page_size); code != SQLITE_OK) return code;
  if (salt == WalSalt{} && newest_ == salt) return SQLITE_OK;  // opened and closed, nothing was written
  const int code = append(page_size, record_of(kBegun, {salt}, {}));
  if (code == SQLITE_OK) newest_ = salt;
  return code;
}

int Seal::remove() {
  file_.close();
  written_.clear();
  sqlite3_vfs* vfs = real_vfs();
  const int code = vfs->xDelete(vfs, path_.c_str(), 1);
  return code == SQLITE_IOERR_DELETE_NOENT ? SQLITE_OK : code;
}

int Seal::append(uint32_t page_size, std::vector<uint32_t> record) {
  if (const int code = ready(page_size); code != SQLITE_OK) return code;
  const uint32_t chain = chained(chain_, record);
  record.push_back(chain);
  if (const int code = file_.write(end_, bytes_of(record)); code != SQLITE_OK) return code;
  if (const int code = file_.sync(); code != SQLITE_OK) return code;
  end_ += static_cast<int64_t>(4 * record.size());
  chain_ = chain;
  return SQLITE_OK;
}

int Seal::ready(uint32_t page_size) {
  if (file_.is_open() && (end_ <= kHead || file_.size() == end_)) return SQLITE_OK;  // else somebody else wrote it, too
  const SealContent content = read_seal(path_, page_size);
  newest_ = content.logs.empty() ? WalSalt{} : content.logs.back().salt;
  // What follows the last whole record is of a power cut: a record that is written over it may be shorter.
  if (!content.is_there || !content.is_whole) return make(page_size, content);
  const int code = file_.open(path_, RawFile::Mode::write);
  end_ = content.end;
  chain_ = content.chain;
  return code;
}

// A new log under another name that takes the place of the former at once: of what that one said, or, where there is
// none, of the file as it is.
int Seal::make(uint32_t page_size, const SealContent& former) {
  const std::string part = path_ + ".part";
  Sums sums(former.sums.begin(), former.sums.end());
  if (!former.is_there)
    if (const int code = sums_of_file(page_size, sums); code != SQLITE_OK) return code;
  sqlite3_vfs* vfs = real_vfs();
  vfs->xDelete(vfs, part.c_str(), 0);
  if (const int code = file_.open(part, RawFile::Mode::write); code != SQLITE_OK) return code;
  uint8_t head[kHead];
  std::memcpy(head, kMagic.data(), kMagic.size());
  std::memcpy(head + kMagic.size(), &page_size, sizeof page_size);
  int code = file_.write(0, head);
  end_ = kHead;
  chain_ = 0;
  if (code == SQLITE_OK) code = append(page_size, record_of(kFolded, {}, sums));
  for (const SealContent::Log& log : former.logs) {
    if (code == SQLITE_OK) code = append(page_size, record_of(kBegun, log, {}));
    if (code == SQLITE_OK && log.folded > 0) code = append(page_size, record_of(kFolded, log, {}));
  }
  file_.close();
  if (code != SQLITE_OK) return code;
  if (std::rename(part.c_str(), path_.c_str()) != 0) return SQLITE_IOERR_WRITE;
  const size_t slash = path_.rfind('/');
  if (!sync_directory(slash == std::string::npos ? "." : path_.substr(0, slash))) return SQLITE_IOERR_DIR_FSYNC;
  return file_.open(path_, RawFile::Mode::write);
}

int Seal::sums_of_file(uint32_t page_size, Sums& sums) const {
  sqlite3_int64 size = 0;
  if (const int code = database_->pMethods->xFileSize(database_, &size); code != SQLITE_OK) return code;
  std::vector<uint8_t> page(page_size);
  const auto pages = static_cast<uint32_t>(size / page_size);
  for (uint32_t number = 1; number <= pages; ++number) {
    const int64_t at = int64_t{page_size} * (number - 1);
    const int code = database_->pMethods->xRead(database_, page.data(), static_cast<int>(page_size), at);
    if (code != SQLITE_OK) return code;
    if (!is_hole(page)) sums[number] = kept_sum(page);
  }
  return SQLITE_OK;
}

}  // namespace till::sqlite
