// The VFS by which every database of ours is opened, over the process's default one. It writes the sum of each page
// into the page (page_sum.h), refuses a page whose sum is wrong with SQLITE_IOERR_DATA instead of giving it to SQLite,
// and keeps the seal (seal.h) of a database in WAL mode. Frames of the WAL have SQLite's own sums, which SQLite looks
// at only when it recovers: here they are also when a checkpoint carries them into the file. SQLite's own cksumvfs does
// the first of these; Debian does not ship it.
#pragma once

struct sqlite3;

namespace till::sqlite {

/// Its name, for sqlite3_open_v2(); registered at the first call. Any thread.
const char* checked_vfs();

/// True for a database from before pages had sums: it gets them by being written anew (VACUUM). An empty file has none
/// to miss.
bool lacks_sums(sqlite3* db);

}  // namespace till::sqlite
