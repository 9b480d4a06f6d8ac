// The first start with a hub: it hears of every category and product that is here, as if each were made now. At start,
// before the writer runs.
#pragma once

#include "base/id.h"
#include "sqlite/connection.h"

namespace till::node {

/// Does nothing in a database that had a hub. A crash in the middle leaves one that had none: it begins anew.
Status attach(sqlite::Connection& db, IdSource& ids, Clock& clock, int64_t business_date);

}  // namespace till::node
