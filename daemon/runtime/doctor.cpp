#include "runtime/doctor.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cstdio>

#include "base/clock.h"
#include "sqlite/backup.h"

namespace till::runtime {
namespace {

constexpr int64_t kLeastFree = int64_t{64} << 20;  // bytes: a busy month of sales
constexpr int64_t kBuilt_ms = 1'790'000'000'000;   // 2026: no clock that is right shows an earlier time

}  // namespace

void Findings::fine(const std::string& what) { std::printf("ok    %s\n", what.c_str()); }

void Findings::wrong(const std::string& what, const std::string& advice) {
  std::printf("WRONG %s\n      %s\n", what.c_str(), advice.c_str());
  any_ = true;
}

void Findings::check(const Status& status, const std::string& what, const std::string& advice) {
  status.ok() ? fine(what) : wrong(status.error().message, advice);
}

void check_clock(Findings& findings) {
  SystemClock clock;
  if (clock.now().ms < kBuilt_ms)
    return findings.wrong("the clock shows " + to_rfc3339(clock.now()),
                          "set it; nothing is lost, but receipts carry that time");
  findings.fine("clock: " + to_rfc3339(clock.now()));
}

void check_folder(const std::string& path, const std::string& maker, Findings& findings) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return findings.wrong(path + ": is missing", "`" + maker + "` makes it");
  if ((info.st_mode & 077) != 0) return findings.wrong(path + ": others may read it", "chmod 700 " + path);
  findings.fine(path + ": private");
  struct statvfs disk {};
  if (::statvfs(path.c_str(), &disk) != 0)
    return findings.wrong(path + ": no answer about free space", "check the disk");
  const auto free = static_cast<int64_t>(disk.f_bavail) * static_cast<int64_t>(disk.f_frsize);
  if (free < kLeastFree)
    return findings.wrong(path + ": " + std::to_string(free >> 20) + " MB are free",
                          "make room: below nothing can be written");
  findings.fine(path + ": " + std::to_string(free >> 20) + " MB are free");
}

void check_database(const std::string& path, const std::vector<sqlite::Migration>& migrations, const std::string& maker,
                    const std::string& cure, Findings& findings) {
  const auto version = sqlite::inspect(path, migrations);
  if (!version) return findings.wrong(version.error().message, cure + ", or install the version that made it");
  if (*version == 0) return findings.wrong(path + ": is missing", "`" + maker + "` makes it");
  findings.check(sqlite::check_file(path), path + ": whole", cure);
}

}  // namespace till::runtime
