#include "store/notices.h"

namespace till::store {

using domain::Notice;

Status add_notice(sqlite::Connection& db, const Notice& n) {
  return db.run("INSERT INTO notices (id, at, kind, user, subject, detail, secret) VALUES (?, ?, ?, ?, ?, ?, ?)", n.id,
                n.at, n.kind, n.user_row != 0 ? std::optional(n.user_row) : std::nullopt, n.subject_id, n.detail,
                n.secret.empty() ? std::nullopt : std::optional(n.secret));
}

Result<Page<Notice>> list_notices(sqlite::Connection& db, std::optional<domain::NoticeKind> kind, int64_t before_row,
                                  int64_t limit) {
  auto query = db.query(
      "SELECT n.row, n.id, n.at, n.kind, n.user, u.id, n.subject, n.detail, coalesce(n.secret, '') FROM notices n"
      " LEFT JOIN users u ON u.row = n.user WHERE n.row < ?1 AND (?2 IS NULL OR n.kind = ?2) ORDER BY n.row DESC LIMIT "
      "?3",
      before_row > 0 ? before_row : INT64_MAX, kind, limit + 1);
  Page<Notice> page;
  while (query.next()) {
    if (static_cast<int64_t>(page.items.size()) == limit) {
      page.next = page.items.back().row;
      return page;
    }
    Notice& n = page.items.emplace_back();
    std::optional<int64_t> user;
    query.read(n.row, n.id, n.at, n.kind, user, n.user_id, n.subject_id, n.detail, n.secret);
    n.user_row = user.value_or(0);
  }
  TILL_CHECK(query.status());
  return page;
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
