// What can still be read of a damaged database: first its pages, then its rows. What comes out is whole as a file, but
// may lack rows, and be of several times; whoever uses it judges what of it can be trusted (store/salvage.h).
#pragma once

#include "sqlite/connection.h"
#include "sqlite/migrate.h"

namespace till::sqlite {

/// Gathers the pages of the file `damaged` and of its log into `copy`, one file without a log, mode 0600: of each page
/// the newest content that its sum vouches for, also from behind the break of a log that lost its middle. While no
/// process has it open. Reads `damaged` only. Where first
/// page or schema are lost the copy cannot be opened. Error: full, the copy cannot be written.
Status gather_pages(const std::string& damaged, const std::string& copy);

struct Rescued {
  int64_t rows = 0;
  std::vector<std::string> torn{};  // tables of which some could not be read
};

/// The tables of a schema that hold rows of their own: not virtual ones, which are made from others, nor the list of
/// migrations.
std::vector<std::string> tables_of(Connection& db);

/// Copies every row that can be read of these tables of `from` into `to`, which has the same columns or more; a row
/// with the same key gives way.
Result<Rescued> rescue_rows(Connection& from, Connection& to, const std::vector<std::string>& tables);

}  // namespace till::sqlite
