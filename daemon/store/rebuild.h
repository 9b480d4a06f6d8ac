// A database of this node out of what was rescued of a damaged one (sqlite/rescue.h): a new life (30-sync, A2) that has
// the former one's people, goods, prices, carts and placed orders, and of its facts those that prove themselves
// (store/salvage.h). What headquarters has comes back by pulling: the new life asks for everything from the beginning.
// Before anything is served. Called by daemon/cli.
#pragma once

#include "store/salvage.h"

namespace till::store {

/// Tables that are taken over row by row, and those that are made anew, from the former facts and by sync. Together
/// every table there is.
const std::vector<std::string>& tables_kept();
const std::vector<std::string>& tables_made_anew();

/// Both have this version's tables; `fresh` is empty. `names` where the rescued one does not tell whose it was.
/// Error: the disk's; nothing is half-made, for the caller throws `fresh` away then.
Result<Salvaged> rebuild(sqlite::Connection& rescued, sqlite::Connection& fresh, const Names& names, Random& random,
                         Time now);

}  // namespace till::store
