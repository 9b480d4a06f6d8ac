// Another database in the place of the one that is there, so that a power cut at any moment leaves either the old or
// the new one: a backup that is restored, what was rebuilt of a damaged one (rebuild.h). The old one stays beside it.
// A restored node is a new epoch at once (30-sync, A2).
#pragma once

#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"

namespace till::cli {

/// Checks `backup_file`, prepares it beside the database with a new epoch, and puts it in place; the database of before
/// stays beside it as shop.db.replaced-<time>. The data directory must be locked by the caller. Errors name the file.
Status restore_backup(const std::string& data_dir, const std::string& backup_file, Random& random, Clock& clock);

struct Replacement {
  const char* prepared;  // shop.db.<prepared>: whole, and only waits for its place
  const char* aside;     // shop.db.<aside>-<seconds since 1970>: what stood there before
};
inline constexpr Replacement kRestored{"restored", "replaced"};
inline constexpr Replacement kRebuilt{"rebuilt", "damaged"};

/// Where such a file is made; nothing is there.
std::string part_of(const std::string& data_dir, const Replacement& replacement);
/// Puts it in place: one file that was synced, without log and seal.
Status replace_database(const std::string& data_dir, const Replacement& replacement, Time now);
/// Goes on with what was interrupted there: at each start, before the database is opened.
Status finish_replacing(const std::string& data_dir, Time now);

}  // namespace till::cli
