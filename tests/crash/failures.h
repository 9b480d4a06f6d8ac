// The n-th write, sync or allocation fails, for every n of a small day in the shop: sales, edits, the WAL folded in.
// Each job is told the truth, the writer goes on or asks for a restart, nothing is synced once a sync failed, and after
// a restart every answered change is there.
#pragma once

#include "crash/cut.h"

namespace till::crash {

enum class Failing : uint8_t { full, write, sync, allocation };

struct Failures {
  int64_t tried = 0;
  int64_t restarts = 0;  // after them a restart was asked for
  std::vector<std::string> faults{};
};

/// Every n of this kind, every `parts`-th. `lasting`: all after it fail, too, until the jobs are answered.
Failures fail_each(Failing kind, bool lasting, Share share);

}  // namespace till::crash
