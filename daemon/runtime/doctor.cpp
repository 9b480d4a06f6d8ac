#include "runtime/doctor.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "runtime/reserve.h"
#include "sqlite/backup.h"
#include "sqlite/examine.h"

namespace till::runtime {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kLeastFree = int64_t{64} << 20;        // bytes: a busy month of sales
constexpr int64_t kBuilt_ms = 1'790'000'000'000;         // 2026: no clock that is right shows an earlier time
constexpr int64_t kRetired_ms = 2'524'608'000'000;       // 2050: nor a later one; the device's certificate ends there
constexpr int64_t kBackwards_ms = int64_t{3600} * 1000;  // less is a change of summer time gone wrong, and harmless

std::optional<struct stat> look_at(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return info;
}

std::string mib(int64_t bytes) { return std::to_string(bytes >> 20) + " MB"; }

// The first thing in the folder that belongs to somebody else than the folder does.
std::string foreign_file(const std::string& path, uid_t owner) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(path, failed)) {
    const auto info = look_at(entry.path());
    if (info && info->st_uid != owner) return entry.path();
  }
  return "";
}

void check_owner(const std::string& path, uid_t owner, Findings& findings) {
  const std::string own = std::to_string(owner);
  if (::geteuid() != 0 && ::geteuid() != owner)
    return findings.wrong(path + ": belongs to user " + own + ", and this is user " + std::to_string(::geteuid()),
                          "ask as that user, or as root");
  if (const std::string foreign = foreign_file(path, owner); !foreign.empty())
    findings.wrong(foreign + ": belongs to another user than its folder", "chown -R " + own + " " + path);
}

void check_room(const std::string& path, int64_t reserve_bytes, Findings& findings) {
  struct statvfs disk {};
  if (::statvfs(path.c_str(), &disk) != 0)
    return findings.wrong(path + ": no answer about free space", "check the disk");
  if ((disk.f_flag & ST_RDONLY) != 0)
    return findings.wrong(path + ": the file system is read-only",
                          "look into `dmesg` for why, check the disk, then mount it for writing");
  const int64_t free = free_bytes(path);
  if (free < kLeastFree)
    findings.wrong(path + ": " + mib(free) + " are free", "make room: below nothing can be written");
  else
    findings.fine(path + ": " + mib(free) + " are free");
  if (reserve_bytes > 0 && !Reserve(path, reserve_bytes).held())
    findings.wrong(path + ": the reserve for a full disk is missing; imports and backups are refused",
                   free < 2 * reserve_bytes ? "make room: it comes back once " + mib(2 * reserve_bytes) + " are free"
                                            : "it comes back within seconds of running");
}

}  // namespace

void Findings::check(const Status& status, const std::string& what, const std::string& advice) {
  status.ok() ? fine(what) : wrong(status.error().message, advice);
}

bool Findings::any_wrong() const {
  return std::any_of(all_.begin(), all_.end(), [](const Finding& one) { return one.grade == Grade::wrong; });
}

void Findings::print() const {
  for (const auto& [grade, label] : {std::pair{Grade::fine, "ok   "}, {Grade::note, "note "}, {Grade::wrong, "WRONG"}})
    for (const Finding& one : all_) {
      if (one.grade != grade) continue;
      std::string what = one.what;  // SQLite's findings have lines of their own
      std::replace(what.begin(), what.end(), '\n', ' ');
      std::printf("%s %s\n", label, what.c_str());
      if (!one.advice.empty()) std::printf("      %s\n", one.advice.c_str());
    }
}

void check_clock(Clock& clock, const std::string& written, Findings& findings) {
  const Time now = clock.now();
  const std::string shown = "the clock shows " + to_rfc3339(now);
  if (now.ms < kBuilt_ms || now.ms >= kRetired_ms)
    return findings.wrong(shown,
                          "set it, and see that a time server is reached; nothing is lost, but receipts and log-ins "
                          "carry that time");
  const auto info = look_at(written);
  if (info && int64_t{info->st_mtime} * 1000 > now.ms + kBackwards_ms)
    return findings.wrong(shown + ", but the last write was at " + to_rfc3339({int64_t{info->st_mtime} * 1000}),
                          "it was set back, or was wrong before: set it");
  findings.fine("clock: " + to_rfc3339(now));
}

void check_folder(const std::string& path, int64_t reserve_bytes, const std::string& maker, Findings& findings) {
  const auto info = look_at(path);
  if (!info) return findings.wrong(path + ": is missing", "`" + maker + "` makes it");
  if (!S_ISDIR(info->st_mode)) return findings.wrong(path + ": is no folder", "name another, or remove the file");
  if ((info->st_mode & 077) != 0)
    findings.wrong(path + ": others may read it", "chmod 700 " + path);
  else
    findings.fine(path + ": private");
  check_owner(path, info->st_uid, findings);
  check_room(path, reserve_bytes, findings);
}

bool check_database(const std::string& path, const std::vector<sqlite::Migration>& migrations, const std::string& maker,
                    const std::string& cure, bool at_rest, Findings& findings) {
  Status sound = at_rest ? sqlite::examine(path) : Status();
  std::string advice = cure;
  if (sound.ok()) {
    const auto version = sqlite::inspect(path, migrations);
    if (!version) {
      sound = version.error();
      advice += ", or install the version that made it";
    } else if (*version == 0) {
      sound = Error{.message = path + ": is missing"};
      advice = "`" + maker + "` makes it";
    } else {
      sound = sqlite::check_file(path);
    }
  }
  findings.check(sound, path + ": whole", advice);
  return sound.ok();
}

void check_leftovers(const std::string& database, Findings& findings) {
  const fs::path place(database);
  const std::string damaged = place.filename().string() + ".damaged-",
                    replaced = place.filename().string() + ".replaced-";
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(place.parent_path(), failed)) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789", name.rfind('-') + 1) != name.npos) continue;  // goes with its file
    if (name.starts_with(damaged))
      findings.note(entry.path().string() + ": a damaged database, put aside",
                    "its .txt says what was lost; keep it until headquarters has all sales of that time (sync status: "
                    "no lag) and the journal is verified, then it may be deleted with all that has its name");
    if (name.starts_with(replaced))
      findings.note(entry.path().string() + ": the database that a restore replaced",
                    "it may be deleted once the restored one was looked at");
  }
}

}  // namespace till::runtime
