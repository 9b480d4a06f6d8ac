// Online backup and restore of a database file. A backup is a whole SQLite file of its own; a restore never writes over
// the file it replaces.
#pragma once

#include <string>

#include "sqlite/connection.h"

namespace till::sqlite {

/// Copies the database behind `source` to `path` while it is in use, a few pages at a time, checks the copy, syncs it
/// and only then gives it its name: a file with that name is always a whole backup. Refuses an existing `path`.
Status backup(Connection& source, const std::string& path);

/// Folds the WAL into the file and leaves WAL mode: the database is one file that can be carried and renamed.
Status make_single_file(Connection& db);

/// Full check of a file: SQLite's own integrity check over every page and index. Error: invalid, with the first
/// finding.
Status check_file(const std::string& path);

/// fsync of a directory: makes a rename in it last.
Status sync_directory(const std::string& path);

}  // namespace till::sqlite
