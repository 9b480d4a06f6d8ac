// Numbered, immutable migrations. Each runs once, in its own transaction, and is remembered with a checksum: an edited
// one stops the start. Before anything is written the file is looked at read-only, so that a foreign, newer, damaged or
// locked file is refused untouched.
#pragma once

#include <string>
#include <vector>

#include "sqlite/connection.h"

namespace till::sqlite {

struct Migration {
  int number;        // rising; a list that shares migrations with another one may have gaps
  std::string name;  // of its file: "001_first"
  std::string sql;
};

/// Marks a SQLite file as ours ("till" in ASCII), so that `file` and we can tell.
inline constexpr int64_t kApplicationId = 0x74696c6c;

/// What stands in a file, without writing to it. A missing or empty file is version 0.
/// Errors (one line, naming the file): foreign (another application's), newer than `known`, changed migration, damaged.
Result<int> inspect(const std::string& path, const std::vector<Migration>& known);

/// Brings an open database to the newest version. Returns how many migrations ran.
Result<int> migrate(Connection& db, const std::vector<Migration>& known, Time now);

}  // namespace till::sqlite
