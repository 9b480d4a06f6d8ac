// What must hold for every line of the route table and cannot be said in its types. Called once at start; a table that
// breaks a rule stops the start, so no test has to look for it.
#pragma once

#include "http/route.h"

namespace till::http {

/// invalid, naming the first route that has no handler, no name or another's, a right that is not one bit, or an
/// idempotency key where it cannot work: on a read, for the public (a key belongs to its caller) or on an upload (the
/// body that the key is bound to is in a file).
Status check_routes(const Routes& routes);

}  // namespace till::http
