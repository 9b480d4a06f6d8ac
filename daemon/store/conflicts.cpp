#include "store/conflicts.h"

namespace till::store {

Status put_conflict(sqlite::Connection& db, core::Scope scope, const core::Conflict& c) {
  return db.run(
      "INSERT OR REPLACE INTO conflicts (row, id, status, kind, entity, row_id, field, base, ours, theirs, policy,"
      " winner, node, user, at, uid, scope)"
      " VALUES ((SELECT row FROM conflicts WHERE id = ?1), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,"
      " ?15, ?16)",
      c.id, c.status, c.clash.kind, c.entity, c.row, c.clash.field, c.clash.base, c.clash.ours, c.clash.theirs,
      c.clash.policy, c.clash.winner, c.node, c.user, c.at, c.uid, scope);
}

Status clear_conflicts(sqlite::Connection& db, core::Scope scope) {
  return db.run("DELETE FROM conflicts WHERE scope = ?", scope);
}

Result<Page<KeptConflict>> list_conflicts(sqlite::Connection& db, int64_t before_row, int64_t limit) {
  auto query = db.query(
      "SELECT row, id, status, kind, entity, row_id, field, base, ours, theirs, policy, winner, node, user, at, uid"
      " FROM conflicts WHERE row < ? ORDER BY row DESC LIMIT ?",
      before_row > 0 ? before_row : INT64_MAX, limit + 1);
  TILL_TRY(auto kept, sqlite::all_rows(std::move(query), [](const sqlite::Query& q) {
             KeptConflict one;
             auto& [row, c] = one;
             q.read(row, c.id, c.status, c.clash.kind, c.entity, c.row, c.clash.field, c.clash.base, c.clash.ours,
                    c.clash.theirs, c.clash.policy, c.clash.winner, c.node, c.user, c.at, c.uid);
             return one;
           }));
  return domain::page_of(std::move(kept), limit);
}

Result<int64_t> count_open_conflicts(sqlite::Connection& db) {
  TILL_TRY(const auto count, db.value<int64_t>("SELECT count(*) FROM conflicts WHERE status = 0"));
  return count.value_or(0);
}

}  // namespace till::store
