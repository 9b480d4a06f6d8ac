// What a node's settings say about headquarters.
#pragma once

#include "base/config.h"
#include "runtime/data_dir.h"
#include "store/identity.h"
#include "sync/node/worker.h"

namespace till::cli {

/// Nullopt: this node has no hub. Errors: invalid, as Config::refuse names the key.
Result<std::optional<node::WorkerSettings>> sync_settings(const Config& config, const runtime::DataDir& data,
                                                          const store::Identity& identity, Random& random);

}  // namespace till::cli
