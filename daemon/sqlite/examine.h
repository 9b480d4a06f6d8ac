// Looks a database file over before it is opened: what the disk lost or changed since it was last written is found
// here, not in an answer. Reads file, seal and WAL without SQLite, whose recovery would take a log's lost end for a
// power cut.
//
// Found are: pages whose sum is wrong, pages that are missing or older than they were (seal.h), a WAL that is gone, cut
// off or damaged before its end. Not found is a disk that went back as a whole to an earlier moment: nothing here
// remembers that; headquarters does (sync/README.md).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace till::sqlite {

inline constexpr std::string_view kDamaged = "damaged";  // the reason of such an error

/// While no process has the file open, this one neither: closing a handle would drop its locks.
/// Fine for a missing or empty file that nothing is left of, and for one that is no database (migrate.h's inspect()
/// tells that). Error: invalid, naming the file and the first thing that is wrong.
Status examine(const std::string& path);

}  // namespace till::sqlite
