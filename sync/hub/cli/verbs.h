// The verbs that are tillhub's own (00-overview, Commands); those that every program has are runtime/verbs.h. Each
// returns the process's exit code: 0 fine, 1 failed; a failure is one line on stderr.
#pragma once

#include "base/config.h"
#include "runtime/program.h"

namespace till::hub {

/// What this binary says it is.
runtime::Program tillhub();

/// How the verbs that ask the API reach the hub of a database. `config` must live as long. Error: the settings name no
/// database.
Result<runtime::Entrance> entrance(const Config& config);

int serve(const Config& config);
int doctor(const Config& config);

}  // namespace till::hub
