// What nodes may forget (30-sync, Up 5; A7): only what stands in every backup that may still be restored. The hub knows
// its backups and how far each stream was in them; the mark is that of the oldest one the operator keeps.
#pragma once

#include "sqlite/connection.h"

namespace till::hub {

/// How far the streams are in a snapshot: (stream's row, applied).
using StreamMarks = std::vector<std::pair<int64_t, int64_t>>;
Result<StreamMarks> marks_in(sqlite::Connection& snapshot);

/// A backup was made of the snapshot with these marks. The first one sets the mark.
Status record_backup(sqlite::Connection& db, Time at, const StreamMarks& marks);
/// Backups from before `time` are kept no more: the mark becomes that of the oldest one left. Conflict: none is left.
Status drop_backups_before(sqlite::Connection& db, Time time);

struct Backups {
  int64_t count = 0;
  std::optional<Time> oldest{}, newest{};
};
Result<Backups> find_backups(sqlite::Connection& db);

}  // namespace till::hub
