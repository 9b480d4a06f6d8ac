#include "sync/hub/conflicts.h"

#include "sqlite/rows.h"

namespace till::hub {
namespace {

using core::ClashKind;
using core::ConflictStatus;

constexpr const char* kSelect =
    "SELECT row, scope, rev, id, status, kind, entity, row_id, field, base, ours, theirs, policy, winner, uid, node,"
    " user, at FROM conflicts ";

ConflictRow read_row(const sqlite::Query& query) {
  ConflictRow r;
  core::Conflict& e = r.entry;
  core::Clash& c = e.clash;
  query.read(r.row, r.scope, r.rev, e.id, e.status, c.kind, e.entity, e.row, c.field, c.base, c.ours, c.theirs,
             c.policy, c.winner, e.uid, e.node, e.user, e.at);
  return r;
}

// A policy has decided, or somebody has to.
ConflictStatus first_status(const core::Clash& clash) {
  switch (clash.kind) {
    case ClashKind::field:
      return clash.policy == Merge::manual ? ConflictStatus::open : ConflictStatus::settled;
    case ClashKind::edit_won:
    case ClashKind::row_back:
      return ConflictStatus::settled;
    case ClashKind::key_lost:
    case ClashKind::oversold:
    case ClashKind::receipt_twice:
      return ConflictStatus::open;
  }
  return ConflictStatus::open;
}

}  // namespace

Result<int64_t> add_conflict(Tx& tx, const Occasion& occasion, core::Entity entity, const Uuid& row,
                             const core::Clash& c) {
  TILL_TRY(const int64_t rev, tx.revs.take(occasion.scope));
  TILL_CHECK(tx.db.run(
      "INSERT INTO conflicts (id, scope, rev, status, kind, entity, row_id, field, base, ours, theirs, policy, winner,"
      " uid, node, user, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      tx.ids.next(), occasion.scope, rev, first_status(c), c.kind, entity, row.bytes, c.field, c.base, c.ours, c.theirs,
      c.policy, c.winner, occasion.uid.bytes, occasion.node, occasion.user, tx.now));
  TILL_TRY(const auto made, (tx.db.value<int64_t>("SELECT last_insert_rowid()")));
  return made.value_or(0);
}

Status settle_conflict(Tx& tx, int64_t row, std::optional<core::Winner> winner, std::optional<Merge> policy) {
  TILL_TRY(const auto scope, (tx.db.value<int64_t>("SELECT scope FROM conflicts WHERE row = ?", row)));
  TILL_ASSERT(scope.has_value());
  TILL_TRY(const int64_t rev, tx.revs.take(*scope));
  return tx.db.run(
      "UPDATE conflicts SET status = ?, rev = ?, winner = coalesce(?, winner), policy = coalesce(?, policy)"
      " WHERE row = ?",
      ConflictStatus::settled, rev, winner, policy, row);
}

Result<std::optional<ConflictRow>> find_conflict(sqlite::Connection& db, const Uuid& id) {
  static const std::string sql = std::string(kSelect) + "WHERE id = ?";
  return sqlite::first_row(db.query(sql.c_str(), id.bytes), read_row);
}

Result<domain::Page<ConflictRow>> list_conflicts(sqlite::Connection& db, const ConflictFilter& filter,
                                                 domain::Slice slice) {
  static const std::string sql = std::string(kSelect) +
                                 "WHERE row < ?1 AND (?2 IS NULL OR status = ?2) AND (?3 IS NULL OR kind = ?3)"
                                 " ORDER BY row DESC LIMIT ?4";
  TILL_TRY(auto rows, sqlite::all_rows(db.query(sql.c_str(), slice.cursor > 0 ? slice.cursor : INT64_MAX, filter.status,
                                                filter.kind, slice.limit + 1),
                                       read_row));
  return domain::page_of(std::move(rows), slice.limit);
}

Result<std::vector<ConflictRow>> conflicts_after(sqlite::Connection& db, int64_t scope, int64_t after_rev,
                                                 int64_t up_to_rev, int64_t limit) {
  static const std::string sql =
      std::string(kSelect) + "WHERE scope = ? AND rev > ? AND rev <= ? ORDER BY rev, row LIMIT ?";
  return sqlite::all_rows(db.query(sql.c_str(), scope, after_rev, up_to_rev, limit), read_row);
}

Result<int64_t> count_open_conflicts(sqlite::Connection& db) {
  TILL_TRY(const auto count, (db.value<int64_t>("SELECT count(*) FROM conflicts WHERE status = 0")));
  return count.value_or(0);
}

}  // namespace till::hub
