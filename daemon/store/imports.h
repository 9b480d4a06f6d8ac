// Import jobs and what became of their rows (002_shop.sql). What writes is called inside a write, on the writer's
// thread. Jobs are their own progress report and no shared rows: they have a version, for polling, but no history.
#pragma once

#include "domain/import.h"
#include "store/history.h"
#include "store/table.h"

namespace till::store {

/// Sets row, version and times.
Status add_import(sqlite::Connection& db, domain::Import& job, const Stamp& stamp);
/// Writes the job over its row as its next version.
Status save_import(sqlite::Connection& db, domain::Import& job, const Stamp& stamp);

/// Error: not_found.
Result<domain::Import> get_import(sqlite::Connection& db, const Uuid& id);
/// The public id of the user on whose behalf it runs; nil: the operator.
Result<Uuid> import_user(sqlite::Connection& db, const domain::Import& job);
/// The oldest job that still has work to do.
Result<std::optional<domain::Import>> find_running_import(sqlite::Connection& db);
/// Newest first.
Result<Page<domain::Import>> list_imports(sqlite::Connection& db, const Slice& slice);

Status add_import_row(sqlite::Connection& db, int64_t job_row, const domain::ImportRow& row);
/// In the order of the file; the cursor is a record. `result` picks those that ended so.
Result<Page<domain::ImportRow>> list_import_rows(sqlite::Connection& db, int64_t job_row,
                                                 std::optional<domain::RowResult> result, const Slice& slice);

/// Forgets at most 256 results of the oldest job, unless it is among the newest `kept` jobs; true: there may be more.
Result<bool> forget_import_rows(sqlite::Connection& db, int64_t kept);

}  // namespace till::store
