// What is shown of a row that others edit too (30-sync, B1): the hub's image, and over it the own edits whose outcome
// has not come back. Called by sync/node inside a write, for each row whose image or whose edits' state changed; what
// it writes goes through the same repositories as a client's edit, but to no outbox. It refuses to show values that a
// client could not have written either (C7): the image stays as it came, the row as it was.
#pragma once

#include "store/identity.h"
#include "store/table.h"

namespace till::store {

/// Makes the visible row what it should be. The reason why that cannot be is noted beside the image.
Status show_row(sqlite::Connection& db, const Identity& identity, const outbox::RowKey& key, const Stamp& stamp);

}  // namespace till::store
