// How this node stands with headquarters, for a manager and for the command line: status, the journal of clashes, and a
// check of everything that is kept for sync.
#pragma once

#include <functional>

#include "http/route.h"
#include "sqlite/reader.h"
#include "sync/node/replica.h"
#include "sync/node/worker.h"

namespace till::node {

/// `line`: how the worker is; empty if there is none (no hub is set up, or this process does not serve).
http::Routes sync_routes(const Replica& replica, sqlite::Readers& readers, std::function<Line()> line);

}  // namespace till::node
