// Restoring a backup, so that a power cut at any moment leaves either the old database or the new one (30-sync, A2:
// a restored node is a new epoch at once).
#pragma once

#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"

namespace till::cli {

/// Checks `backup_file`, prepares it beside the database with a new epoch, and puts it in place; the database of before
/// stays beside it as shop.db.replaced-<time>. The data directory must be locked by the caller. Errors name the file.
Status restore_backup(const std::string& data_dir, const std::string& backup_file, Random& random, Clock& clock);

/// Puts a prepared restore in place, if one is there: also at start, for the restore may have been interrupted.
Status finish_restore(const std::string& data_dir, Time now);

}  // namespace till::cli
