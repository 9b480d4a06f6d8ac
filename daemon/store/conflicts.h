// The hub's journal of clashes as far as it reached this node. What writes is called inside a write.
#pragma once

#include "sqlite/connection.h"
#include "store/table.h"
#include "sync/core/message.h"

namespace till::store {

/// Writes an entry, or over it what became of it.
Status put_conflict(sqlite::Connection& db, core::Scope scope, const core::Conflict& conflict);
/// Before a scope is pulled anew: those the hub still has come again.
Status clear_conflicts(sqlite::Connection& db, core::Scope scope);

/// Newest first; `before_row` 0: from the newest.
struct KeptConflict {
  int64_t row = 0;
  core::Conflict conflict;
};
Result<Page<KeptConflict>> list_conflicts(sqlite::Connection& db, int64_t before_row, int64_t limit);
Result<int64_t> count_open_conflicts(sqlite::Connection& db);

}  // namespace till::store
