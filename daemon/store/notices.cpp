#include "store/notices.h"

namespace till::store {

using domain::Notice;

Status add_notice(sqlite::Connection& db, const Notice& n) {
  return db.run("INSERT INTO notices (id, at, kind, user, subject, detail, secret) VALUES (?, ?, ?, ?, ?, ?, ?)", n.id,
                n.at, n.kind, sqlite::if_any(n.user_row), n.subject_id, n.detail, sqlite::if_any(n.secret));
}

Result<Page<Notice>> list_notices(sqlite::Connection& db, std::optional<domain::NoticeKind> kind, int64_t before_row,
                                  int64_t limit) {
  auto query = db.query(
      "SELECT n.row, n.id, n.at, n.kind, coalesce(n.user, 0), u.id, n.subject, n.detail, coalesce(n.secret, '')"
      " FROM notices n LEFT JOIN users u ON u.row = n.user WHERE n.row < ?1 AND (?2 IS NULL OR n.kind = ?2)"
      " ORDER BY n.row DESC LIMIT ?3",
      before_row > 0 ? before_row : INT64_MAX, kind, limit + 1);
  TILL_TRY(auto notices, sqlite::all_rows(std::move(query), [](const sqlite::Query& q) {
             Notice n;
             q.read(n.row, n.id, n.at, n.kind, n.user_row, n.user_id, n.subject_id, n.detail, n.secret);
             return n;
           }));
  return domain::page_of(std::move(notices), limit);
}

Status forget_secrets(sqlite::Connection& db, Time made_before) {
  return db.run("UPDATE notices SET secret = NULL WHERE secret IS NOT NULL AND at < ?", made_before);
}

Status forget_notices(sqlite::Connection& db, Time made_before, int64_t limit) {
  // They are in the order of their making but for a clock that was set; the oldest rows are looked at first.
  return db.run(
      "DELETE FROM notices WHERE row IN (SELECT row FROM (SELECT row, at FROM notices ORDER BY row LIMIT ?2)"
      " WHERE at < ?1)",
      made_before, limit);
}

Status forget_notices_of(sqlite::Connection& db, int64_t user) {
  return db.run("DELETE FROM notices WHERE user = ?", user);
}

}  // namespace till::store
