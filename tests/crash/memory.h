// SQLite's memory, of which the n-th piece is not to be had.
#pragma once

#include <cstdint>

namespace till::crash {

/// Stands between SQLite and its allocator. Once, before anything else of SQLite is called.
void install_memory();

/// The n-th allocation from now on fails (from 1), and with `lasting` all after it. 0: none does.
void fail_allocation(int64_t n, bool lasting);
/// How many there were since then.
int64_t allocations();

}  // namespace till::crash
