// The SQLite VFS over the disk of the process (disk.h). It has locks as SQLite's unix VFS has them and shared memory
// that a process's end takes, for one process with any threads.
#pragma once

namespace till::crash {

/// Makes it the default VFS. Once, before any database is opened.
void install_vfs();

}  // namespace till::crash
