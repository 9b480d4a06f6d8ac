#include "sync/node/scopes.h"

namespace till::node {

Result<ScopeRow> get_scope(sqlite::Connection& db, core::Scope scope) {
  auto query = db.query(
      "SELECT rev, chain, head_rev, head_chain, gc_rev, shadow, digest, shadow_digest, matched_at, mismatches, hlc"
      " FROM sync_scopes WHERE scope = ?",
      scope);
  ScopeRow row;
  core::ScopeState& s = row.state;
  if (query.next())
    query.read(s.cursor.rev, s.cursor.chain, s.head.rev, s.head.chain, s.gc_rev, s.shadow, row.digest.sum,
               row.shadow_digest.sum, row.matched_at, row.mismatches, row.hlc);
  TILL_CHECK(query.status());
  return row;
}

Status save_scope(sqlite::Connection& db, core::Scope scope, const ScopeRow& row) {
  const core::ScopeState& s = row.state;
  return db.run(
      "UPDATE sync_scopes SET rev = ?, chain = ?, head_rev = ?, head_chain = ?, gc_rev = ?, shadow = ?, digest = ?,"
      " shadow_digest = ?, matched_at = ?, mismatches = ?, hlc = ? WHERE scope = ?",
      s.cursor.rev, s.cursor.chain, s.head.rev, s.head.chain, s.gc_rev, s.shadow, row.digest.sum, row.shadow_digest.sum,
      row.matched_at, row.mismatches, row.hlc, scope);
}

}  // namespace till::node
