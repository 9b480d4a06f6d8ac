// `tilld doctor`: looks at everything a shop's terminal needs and says what to do about what is wrong. Reads only.
#include "runtime/doctor.h"

#include "cli/app.h"
#include "cli/settings.h"
#include "cli/verbs.h"
#include "store/migrations.h"

namespace till::cli {

int doctor(const Config& config, const std::string& data_dir) {
  runtime::Findings findings;
  Status settings;
  if (auto read = store_settings(config); !read) settings = read.error();
  findings.check(settings, "settings: understood", "mend the key that is named");
  check_clock(findings);
  check_folder(data_dir, "tilld init", findings);
  check_database(data_dir + "/" + kDatabase, store::kMigrations, "tilld init",
                 "stop tilld and restore a backup: `tilld restore FILE`", findings);
  const bool broken = journal_verify(data_dir) != 0;  // prints its own line
  return findings.any_wrong() || broken ? 1 : 0;
}

}  // namespace till::cli
