// The verbs by which an operator looks after the stores: nodes, conflicts, quarantine, receipts, backups. They ask
// through the API (runtime/verbs.h). Each returns the process's exit code: 0 fine, 1 failed or something is wrong.
#pragma once

#include "runtime/command_line.h"

namespace till::hub {

/// Adds nodes …, conflicts …, quarantine …, journal verify, status and backup-mark.
void add_sync_verbs(runtime::CommandLine& line);

}  // namespace till::hub
