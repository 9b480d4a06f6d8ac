// The few lines of the tables that ask two canonical routes: what older systems did in one request is two here. Both
// steps of a change are one write: all of it or nothing.
#pragma once

#include "api/dialects/interpreter.h"

namespace till::dialects {

/// products.change, and inventory.count where a "stock" came that is not the one shown. In one savepoint.
Result<http::Outcome> change_product(const Interpreter& interpreter, Speech& speech);

/// orders.pay by card or cash; what is due in cash is looked up by orders.get where the client did not say.
Result<http::Outcome> pay(const Interpreter& interpreter, Speech& speech);

}  // namespace till::dialects
