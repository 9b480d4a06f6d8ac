// What selling needs to know of people: the tables are those of access (its migrations), which joins none of ours.
#pragma once

#include "domain/postal_address.h"
#include "sqlite/connection.h"

namespace till::store {

/// The row of a user who is active.
Result<std::optional<int64_t>> find_user_row(sqlite::Connection& db, const Uuid& id);

/// One of this user's addresses; nullopt also if it is somebody else's.
Result<std::optional<domain::PostalAddress>> find_address(sqlite::Connection& db, int64_t user_row, const Uuid& id);
Result<std::optional<domain::PostalAddress>> find_default_address(sqlite::Connection& db, int64_t user_row);

}  // namespace till::store
