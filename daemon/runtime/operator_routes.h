// What only the operator on the machine itself may do: reached through the control socket alone.
#pragma once

#include "http/route.h"
#include "sqlite/reader.h"

namespace till::runtime {

http::Routes operator_routes(sqlite::Readers& readers);

}  // namespace till::runtime
