#include "sync/hub/backups.h"

namespace till::hub {
namespace {

// Never lower: a node may have forgotten what it was allowed to.
Status set_marks(sqlite::Connection& db) {
  return db.run(
      "UPDATE streams SET backed = m.applied FROM backup_marks m"
      " WHERE m.backup = (SELECT row FROM backups ORDER BY at, row LIMIT 1) AND m.stream = streams.row"
      " AND m.applied > streams.backed");
}

}  // namespace

Result<StreamMarks> marks_in(sqlite::Connection& snapshot) {
  StreamMarks marks;
  auto query = snapshot.query("SELECT row, applied FROM streams");
  while (query.next()) {
    auto& [stream, applied] = marks.emplace_back();
    query.read(stream, applied);
  }
  TILL_CHECK(query.status());
  return marks;
}

Status record_backup(sqlite::Connection& db, Time at, const StreamMarks& marks) {
  TILL_CHECK(db.run("INSERT INTO backups (at) VALUES (?)", at));
  TILL_TRY(const auto backup, (db.value<int64_t>("SELECT last_insert_rowid()")));
  for (const auto& [stream, applied] : marks)
    TILL_CHECK(db.run("INSERT INTO backup_marks (backup, stream, applied) VALUES (?, ?, ?)", backup, stream, applied));
  return set_marks(db);
}

Status drop_backups_before(sqlite::Connection& db, Time time) {
  TILL_TRY(const auto left, (db.value<int64_t>("SELECT count(*) FROM backups WHERE at >= ?", time)));
  if (left.value_or(0) == 0)
    return Error{.code = Code::conflict, .message = "There is no backup since then", .reason = "no_backup"};
  TILL_CHECK(db.run("DELETE FROM backup_marks WHERE backup IN (SELECT row FROM backups WHERE at < ?)", time));
  TILL_CHECK(db.run("DELETE FROM backups WHERE at < ?", time));
  return set_marks(db);
}

Result<Backups> find_backups(sqlite::Connection& db) {
  Backups found;
  auto query = db.query("SELECT count(*), min(at), max(at) FROM backups");
  if (query.next()) query.read(found.count, found.oldest, found.newest);
  TILL_CHECK(query.status());
  return found;
}

}  // namespace till::hub
