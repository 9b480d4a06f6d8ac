// Applies one page of the hub's inside a write: rows, facts, conflicts and the cursor together or not at all (C2). What
// was to be compared has been compared before (sync/node/replica.h); this only keeps.
#pragma once

#include <set>

#include "services/journal.h"
#include "store/identity.h"
#include "sync/node/scopes.h"
#include "sync/outbox/edits.h"

namespace till::node {

/// A stream's mark in a page that reaches the head, with the own hash there.
using Landed = std::pair<core::Stream, outbox::Anchor>;

class PageKeeper {
 public:
  PageKeeper(sqlite::Connection& tx, const store::Identity& identity, services::Journal& journal, Time now)
      : tx_(tx), identity_(identity), journal_(journal), stamp_{.now = now, .version_base = identity.version_base} {}

  /// `scope` is the page's and where the page begins; its new state.
  Result<ScopeRow> keep(const core::Page& page, ScopeRow scope, const std::vector<Landed>& landed);

 private:
  Status keep_items(const core::Page& page, ScopeRow& scope);
  Status keep_row(const core::RowImage& image, ScopeRow& scope);
  Status keep_fact(const core::Fact& fact, ScopeRow& scope);
  Status land(const std::vector<Landed>& landed, const std::vector<Uuid>& held);
  Status finish(const core::Page& page, ScopeRow& scope);
  Status compare_digest(const core::SetHash& digest, ScopeRow& scope, bool anew);
  void touch(const std::vector<outbox::RowKey>& keys) { touched_.insert(keys.begin(), keys.end()); }

  sqlite::Connection& tx_;
  const store::Identity& identity_;
  services::Journal& journal_;
  const store::Stamp stamp_;
  std::set<outbox::RowKey> touched_;  // what is shown of them may differ now
};

/// Begins to pull a scope from 0 on: hub-owned rows into their shadow, which takes their place at the end; facts and
/// own edits stay (A10).
Result<ScopeRow> start_over(sqlite::Connection& tx, core::Scope scope, ScopeRow row);

}  // namespace till::node
