// What only the operator on the machine itself may do: reached through the control socket alone.
#pragma once

#include <functional>

#include "http/route.h"
#include "sqlite/reader.h"

namespace till::runtime {

/// Told of each backup with the snapshot that it is a copy of, on a worker's thread: what of it others may rely on now.
using BackedUp = std::function<Status(sqlite::Connection& snapshot)>;

http::Routes operator_routes(sqlite::Readers& readers, BackedUp backed_up);

}  // namespace till::runtime
