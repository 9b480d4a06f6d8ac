// Who this database belongs to, fixed at the first start: tenant, store, node, currency; and its current epoch, which a
// restore changes (30-sync, A2).
#pragma once

#include "base/random.h"
#include "sqlite/connection.h"

namespace till::store {

struct Identity {
  std::string tenant;
  std::string store;
  std::string node;
  std::string currency;
  int64_t version_base = 1;  // versions of rows are never below this (31-sync-review, D9)
  int64_t epoch_row = 0;
  Bytes epoch;
  std::string epoch_tag;
  int64_t sale_base = 0;  // the fact that the first of this epoch's sale stream follows

  /// "<node>-<epoch tag>-<n>" (D18).
  [[nodiscard]] std::string receipt_number(int64_t n) const;
};

/// What a first start fixes for ever.
struct Names {
  std::string tenant, store, node, currency;
};

/// Nullopt in a new database.
Result<std::optional<Identity>> find_identity(sqlite::Connection& db);

/// Writes the names and the first epoch. Inside the caller's transaction.
Result<Identity> create_identity(sqlite::Connection& db, const Names& names, Random& random, Time now);

/// After a restore, or when another copy of this database was met: a new epoch that follows `prev_hash`, versions above
/// any that the lost time may have given out, and all that the hub does not have in its backups is to be sent anew
/// (A2).
Status begin_epoch(sqlite::Connection& db, Random& random, Time now);

struct Epoch {
  int64_t row = 0;
  Bytes bytes{};
  std::array<uint8_t, 32> prev_hash{};  // what its first receipt follows
};
/// The lives that this database lived itself, oldest first; those that came back have rows up to zero.
Result<std::vector<Epoch>> list_epochs(sqlite::Connection& db);

}  // namespace till::store
