// The order in which everybody gets to know what changed. A scope (the tenant's shared rows; a store's facts and
// conflicts) counts revs without a gap, one per applied envelope (C9), and chains them:
//   chain = first 16 bytes of SHA-256(former chain ‖ integer rev ‖ id uid ‖ u8 kind), the first after 16 zero bytes
// so that a hub that was put back to an earlier time is found out by what a node remembers of it (A5).
//
// Revs are taken in memory and written once, by save(), as the last act of a write. With one writer no reader ever sees
// a rev before one below it (A6); a store with several writers would lock the scope's head there.
#pragma once

#include <map>
#include <optional>

#include "sqlite/connection.h"
#include "sync/core/message.h"

namespace till::hub {

/// The tenant's scope; a store's is the row of the store.
inline constexpr int64_t kTenant = 0;

struct ScopeHead {
  core::Position at{};
  core::SetHash digest{};  // of the tenant's rows
  int64_t gc_rev = 0;
};

/// A scope in which nothing happened yet stands at 0.
Result<ScopeHead> find_head(sqlite::Connection& db, int64_t scope);

/// The chain at a rev; nullopt if the scope does not have it. Of rev 0 it is zero.
Result<std::optional<core::Chain>> chain_at(sqlite::Connection& db, int64_t scope, int64_t rev);

class Revs {
 public:
  explicit Revs(sqlite::Connection& db) : db_(db) {}

  /// What follows belongs to this envelope.
  void begin(const Uuid& uid, core::Kind kind);
  /// The current envelope's rev in a scope: taken when first asked for. `fact`: its row, if it is one.
  Result<int64_t> take(int64_t scope, std::optional<int64_t> fact = {});
  /// The digest of the tenant's rows, to be kept up to date with them.
  Result<core::SetHash*> digest();
  /// Writes the heads of all scopes that moved.
  Status save();

 private:
  struct Open {
    ScopeHead head;
    int64_t taken = 0;  // rev of the current envelope, 0: none
  };
  Result<Open*> open(int64_t scope);

  sqlite::Connection& db_;
  Uuid uid_{};
  core::Kind kind_ = core::Kind::edit;
  std::map<int64_t, Open> scopes_;
};

}  // namespace till::hub
