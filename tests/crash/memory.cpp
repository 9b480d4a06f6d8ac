#include "crash/memory.h"

#include <sqlite3.h>

#include <atomic>

#include "base/result.h"

namespace till::crash {
namespace {

sqlite3_mem_methods real;
std::atomic<int64_t> failing{0}, counted{0};
std::atomic<bool> lasts{false};

bool fails() {
  if (failing == 0) return false;
  const int64_t n = ++counted;
  return lasts ? n >= failing : n == failing;
}

}  // namespace

void install_memory() {
  // As Connection::open() would do, which comes too late for it here.
  TILL_ASSERT(sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK);
  TILL_ASSERT(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real) == SQLITE_OK);
  static sqlite3_mem_methods ours = real;
  ours.xMalloc = [](int bytes) { return fails() ? nullptr : real.xMalloc(bytes); };
  ours.xRealloc = [](void* old, int bytes) { return fails() ? nullptr : real.xRealloc(old, bytes); };
  TILL_ASSERT(sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) == SQLITE_OK);
}

void fail_allocation(int64_t n, bool lasting) {
  lasts = lasting;
  counted = 0;
  failing = n;
}

int64_t allocations() { return counted; }

}  // namespace till::crash
