// How far this node is with what the hub sends, scope by scope (sync_scopes), and whether what it holds agrees with the
// hub. What writes is called inside a write.
#pragma once

#include "sqlite/connection.h"
#include "sync/core/session.h"

namespace till::node {

struct ScopeRow {
  core::ScopeState state;
  core::SetHash digest;         // of the hub's rows here
  core::SetHash shadow_digest;  // of those pulled anew
  std::optional<Time> matched_at;
  int64_t mismatches = 0;  // since then
  int64_t hlc = 0;         // the newest that its facts brought
};

Result<ScopeRow> get_scope(sqlite::Connection& db, core::Scope scope);
Status save_scope(sqlite::Connection& db, core::Scope scope, const ScopeRow& row);

}  // namespace till::node
