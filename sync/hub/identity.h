// Whose hub this database is, fixed at the first start: one tenant, one currency; and the epoch by which nodes tell
// this hub from another one (30-sync, A5). Read and made while the database is opened, before anybody else uses it.
#pragma once

#include "base/random.h"
#include "sqlite/connection.h"
#include "sync/core/message.h"

namespace till::hub {

/// What a first start fixes for ever.
struct Names {
  std::string tenant, currency;
};

struct Identity {
  Names names;
  core::HubEpoch epoch{};
  int64_t version_base = 1;  // versions of users are never below this (31-sync-review, D9)
};

/// Nullopt in a new database.
Result<std::optional<Identity>> find_identity(sqlite::Connection& db);

/// Writes names and a fresh epoch. Inside the caller's transaction.
Result<Identity> create_identity(sqlite::Connection& db, const Names& names, Random& random, Time now);

}  // namespace till::hub
