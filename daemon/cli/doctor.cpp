// `tilld doctor`: looks at everything a shop's terminal needs and says what to do about what is wrong. Reads only.
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cstdio>

#include "base/clock.h"
#include "cli/app.h"
#include "cli/settings.h"
#include "cli/verbs.h"
#include "sqlite/backup.h"
#include "sqlite/migrate.h"
#include "store/migrations.h"

namespace till::cli {
namespace {

constexpr int64_t kLeastFree = int64_t{64} << 20;  // bytes: a busy month of sales
constexpr int64_t kBuilt_ms = 1'790'000'000'000;   // 2026: no clock that is right shows an earlier time

class Findings {
 public:
  void fine(const std::string& what) { std::printf("ok    %s\n", what.c_str()); }
  void wrong(const std::string& what, const std::string& advice) {
    std::printf("WRONG %s\n      %s\n", what.c_str(), advice.c_str());
    any_ = true;
  }
  void check(const Status& status, const std::string& what, const std::string& advice) {
    status.ok() ? fine(what) : wrong(status.error().message, advice);
  }
  [[nodiscard]] bool any() const { return any_; }

 private:
  bool any_ = false;
};

void check_folder(const std::string& path, Findings& findings) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return findings.wrong(path + ": is missing", "`tilld init` makes it");
  if ((info.st_mode & 077) != 0) return findings.wrong(path + ": others may read it", "chmod 700 " + path);
  findings.fine(path + ": private");
  struct statvfs disk {};
  if (::statvfs(path.c_str(), &disk) != 0)
    return findings.wrong(path + ": no answer about free space", "check the disk");
  const auto free = static_cast<int64_t>(disk.f_bavail) * static_cast<int64_t>(disk.f_frsize);
  if (free < kLeastFree)
    return findings.wrong(path + ": " + std::to_string(free >> 20) + " MB are free",
                          "make room: below nothing can be sold");
  findings.fine(path + ": " + std::to_string(free >> 20) + " MB are free");
}

void check_database(const std::string& path, Findings& findings) {
  const auto version = sqlite::inspect(path, store::kMigrations);
  if (!version)
    return findings.wrong(version.error().message,
                          "restore a backup (`tilld restore FILE`), or install the tilld that made it");
  if (*version == 0) return findings.wrong(path + ": is missing", "`tilld init` makes it");
  findings.check(sqlite::check_file(path), path + ": whole", "stop tilld and restore a backup: `tilld restore FILE`");
}

void check_clock(Findings& findings) {
  SystemClock clock;
  if (clock.now().ms < kBuilt_ms)
    return findings.wrong("the clock shows " + to_rfc3339(clock.now()),
                          "set it; nothing is lost, but receipts carry that time");
  findings.fine("clock: " + to_rfc3339(clock.now()));
}

}  // namespace

int doctor(const Config& config, const std::string& data_dir) {
  Findings findings;
  Status settings;
  if (auto read = store_settings(config); !read) settings = read.error();
  findings.check(settings, "settings: understood", "mend the key that is named");
  check_clock(findings);
  check_folder(data_dir, findings);
  check_database(data_dir + "/" + kDatabase, findings);
  const bool broken = journal_verify(data_dir) != 0;  // prints its own line
  return findings.any() || broken ? 1 : 0;
}

}  // namespace till::cli
