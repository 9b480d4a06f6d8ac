// The hub's journal of clashes (30-sync, Merging): what both sides wanted, who won and why; and what the hub finds out
// by itself (more sold than was there, two receipts with one number). An entry is told to the nodes of one store; each
// change of it takes a rev there. Reads on any connection, writes inside a Tx.
#pragma once

#include "domain/page.h"
#include "sync/hub/tx.h"

namespace till::hub {

struct ConflictRow {
  int64_t row = 0;
  int64_t scope = 0;
  int64_t rev = 0;
  core::Conflict entry{};
};

/// Which entries a list shows; what is not set does not matter.
struct ConflictFilter {
  std::optional<core::ConflictStatus> status{};
  std::optional<core::ClashKind> kind{};
};

/// Where an entry comes from.
struct Occasion {
  int64_t scope = kTenant;  // of the store that made the envelope
  std::string node{};
  Uuid uid{};   // of the envelope
  Uuid user{};  // who made it; nil: the operator, or nobody
};

/// Writes a new entry under the current envelope's rev; what nobody has to decide is settled at once. Returns its row.
Result<int64_t> add_conflict(Tx& tx, const Occasion& occasion, core::Entity entity, const Uuid& row,
                             const core::Clash& clash);
/// The entry needs nobody any more: by itself (`winner` stays), or decided.
Status settle_conflict(Tx& tx, int64_t row, std::optional<core::Winner> winner = {}, std::optional<Merge> policy = {});

Result<std::optional<ConflictRow>> find_conflict(sqlite::Connection& db, const Uuid& id);
/// Newest first.
Result<domain::Page<ConflictRow>> list_conflicts(sqlite::Connection& db, const ConflictFilter& filter,
                                                 domain::Slice slice);
/// Entries of a scope whose newest change stands after `after_rev`, in that order.
Result<std::vector<ConflictRow>> conflicts_after(sqlite::Connection& db, int64_t scope, int64_t after_rev,
                                                 int64_t up_to_rev, int64_t limit);
Result<int64_t> count_open_conflicts(sqlite::Connection& db);

}  // namespace till::hub
