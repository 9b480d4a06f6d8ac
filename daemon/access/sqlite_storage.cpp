#include "access/sqlite_storage.h"

#include "sqlite/columns.h"

namespace till::access {
namespace {

using domain::Page;
using domain::Slice;
using domain::User;
using sqlite::Query;

const std::string kUserColumns = "row, " + sqlite::column_names<User>();
const std::string kSessionColumns = "row, user, id, created_at, used_at, expires_at, address, family_hash, token_hash";

User read_user(Query& query) {
  User user;
  user.row = query.get<int64_t>(0);
  int index = 1;
  sqlite::read_columns(query.handle(), index, user);
  return user;
}

Session read_session(Query& query) {
  Session s;
  query.read(s.row, s.user, s.id, s.created_at, s.used_at, s.expires_at, s.address, s.refresh.family, s.refresh.token);
  return s;
}

/// What was asked for with limit + 1: the last row only tells that there are more.
template <class Row>
Page<Row> page_of(std::vector<Row> rows, int64_t limit) {
  Page<Row> page{std::move(rows)};
  if (static_cast<int64_t>(page.items.size()) > limit) {
    page.items.pop_back();
    page.next = page.items.back().row;
  }
  return page;
}

}  // namespace

Result<std::optional<User>> SqliteStorage::find_user(const Uuid& id) const {
  static const std::string sql = "SELECT " + kUserColumns + " FROM users WHERE id = ?";
  return row(read_user, sql.c_str(), id);
}

Result<std::optional<User>> SqliteStorage::find_user_by_row(int64_t row_key) const {
  static const std::string sql = "SELECT " + kUserColumns + " FROM users WHERE row = ?";
  return row(read_user, sql.c_str(), row_key);
}

Result<std::optional<User>> SqliteStorage::find_user_by_email(const std::string& email) const {
  static const std::string sql = "SELECT " + kUserColumns + " FROM users WHERE email = ? ORDER BY row LIMIT 1";
  return row(read_user, sql.c_str(), email);
}

Result<Page<User>> SqliteStorage::list_users(Slice slice) const {
  static const std::string sql = "SELECT " + kUserColumns + " FROM users WHERE row > ? ORDER BY row LIMIT ?";
  TILL_TRY(auto found, rows(read_user, sql.c_str(), slice.cursor, slice.limit + 1));
  return page_of(std::move(found), slice.limit);
}

Result<std::vector<User>> SqliteStorage::list_active_admins() const {
  static const std::string sql = "SELECT " + kUserColumns + " FROM users WHERE role = ? AND active ORDER BY row";
  return rows(read_user, sql.c_str(), domain::Role::admin);
}

Status SqliteStorage::add_user(User& user) {
  static const std::string sql = "INSERT INTO users (" + sqlite::column_names<User>() + ") VALUES (" +
                                 sqlite::column_marks<User>() + ") RETURNING row";
  TILL_TRY(auto* db, connection_());
  auto query = db->query(sql.c_str());
  int index = 1;
  if (query.status().ok()) sqlite::bind_columns(query.handle(), index, user);
  while (query.next()) user.row = query.get<int64_t>(0);
  return query.status();
}

Status SqliteStorage::change_user(const User& user) {
  static const std::string sql = "UPDATE users SET " + sqlite::column_sets<User>() + " WHERE row = ?";
  TILL_TRY(auto* db, connection_());
  auto query = db->query(sql.c_str());
  int index = 1;
  if (query.status().ok()) {
    sqlite::bind_columns(query.handle(), index, user);
    sqlite::bind_integer(query.handle(), index, user.row);
  }
  query.next();
  return query.status();
}

Result<std::optional<Session>> SqliteStorage::find_session(const Uuid& id) const {
  static const std::string sql = "SELECT " + kSessionColumns + " FROM sessions WHERE id = ?";
  return row(read_session, sql.c_str(), id);
}

Result<std::vector<Session>> SqliteStorage::list_sessions(int64_t user) const {
  static const std::string sql = "SELECT " + kSessionColumns + " FROM sessions WHERE user = ? ORDER BY row";
  return rows(read_session, sql.c_str(), user);
}

Result<std::vector<Session>> SqliteStorage::list_expired_sessions(Time now, int64_t limit) const {
  static const std::string sql = "SELECT " + kSessionColumns + " FROM sessions WHERE expires_at <= ? LIMIT ?";
  return rows(read_session, sql.c_str(), now, limit);
}

Result<std::vector<LiveSession>> SqliteStorage::list_live_sessions() const {
  TILL_TRY(auto* db, connection_());
  std::vector<LiveSession> live;
  auto query = db->query("SELECT id, user FROM sessions ORDER BY user");
  while (query.next()) {
    const auto user_row = query.get<int64_t>(1);
    if (live.empty() || live.back().user.row != user_row) {
      TILL_TRY(auto user, find_user_by_row(user_row));
      if (!user) continue;
      live.push_back({query.get<Uuid>(0), std::move(*user)});
    } else {
      live.push_back({query.get<Uuid>(0), live.back().user});
    }
  }
  TILL_CHECK(query.status());
  return live;
}

Status SqliteStorage::add_session(const Session& s) {
  return run(
      "INSERT INTO sessions (user, id, created_at, used_at, expires_at, address, family_hash, token_hash)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      s.user, s.id, s.created_at, s.used_at, s.expires_at, s.address, s.refresh.family, s.refresh.token);
}

Status SqliteStorage::renew_session(const Session& s) {
  return run("UPDATE sessions SET used_at = ?, expires_at = ?, address = ?, token_hash = ? WHERE row = ?", s.used_at,
             s.expires_at, s.address, s.refresh.token, s.row);
}

Status SqliteStorage::end_session(int64_t row_key) { return run("DELETE FROM sessions WHERE row = ?", row_key); }

Status SqliteStorage::end_sessions(int64_t user, const Uuid& kept) {
  return run("DELETE FROM sessions WHERE user = ? AND id IS NOT ?", user, kept);  // a nil id is bound as NULL
}

Result<Tries> SqliteStorage::find_tries(const TriesKey& key) const {
  auto read = [](Query& query) {
    Tries tries;
    query.read(tries.failures, tries.failed_at, tries.blocked_until);
    return tries;
  };
  TILL_TRY(auto found, row(read, "SELECT failures, failed_at, blocked_until FROM tries WHERE key = ?", key));
  return found.value_or(Tries{});
}

Status SqliteStorage::keep_tries(const TriesKey& key, const Tries& tries) {
  return run("INSERT OR REPLACE INTO tries (key, failures, failed_at, blocked_until) VALUES (?, ?, ?, ?)", key,
             tries.failures, tries.failed_at, tries.blocked_until);
}

Status SqliteStorage::forget_tries(const TriesKey& key) { return run("DELETE FROM tries WHERE key = ?", key); }

Status SqliteStorage::forget_old_tries(Time failed_before, int64_t limit) {
  return run("DELETE FROM tries WHERE key IN (SELECT key FROM tries WHERE failed_at < ? LIMIT ?)", failed_before,
             limit);
}

Status SqliteStorage::append_audit(const AuditEvent& event) {
  auto read = [](Query& query) { return std::pair(query.get<int64_t>(0), query.get<crypto::Digest>(1)); };
  TILL_TRY(auto last, row(read, "SELECT row, chain FROM audit ORDER BY row DESC LIMIT 1"));
  const auto [last_row, last_link] = last.value_or(std::pair(int64_t{0}, crypto::Digest{}));
  return run(
      "INSERT INTO audit (row, at, action, user, subject, address, detail, chain) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      last_row + 1, event.at, event.action, event.user, event.subject, event.address, event.detail,
      chained(last_link, event));
}

Result<Page<AuditEntry>> SqliteStorage::list_audit(const AuditFilter& filter, Slice slice) const {
  auto read = [](Query& query) {
    AuditEntry e;
    query.read(e.row, e.at, e.action, e.user_id, e.subject_id, e.address, e.detail);
    return e;
  };
  TILL_TRY(auto found, rows(read,
                            "SELECT a.row, a.at, a.action, u.id, s.id, a.address, a.detail FROM audit a"
                            " LEFT JOIN users u ON u.row = a.user LEFT JOIN users s ON s.row = a.subject"
                            " WHERE (?1 = 0 OR a.row < ?1)"
                            " AND (?2 IS NULL OR a.user = (SELECT row FROM users WHERE id = ?2))"
                            " AND (?3 IS NULL OR a.subject = (SELECT row FROM users WHERE id = ?3))"
                            " AND (?4 IS NULL OR a.action = ?4) ORDER BY a.row DESC LIMIT ?5",
                            slice.cursor, filter.user_id, filter.subject_id, filter.action, slice.limit + 1));
  return page_of(std::move(found), slice.limit);
}

Result<int64_t> SqliteStorage::verify_audit() const {
  TILL_TRY(auto* db, connection_());
  int64_t count = 0;
  crypto::Digest link{}, kept{};
  AuditEvent event;
  int64_t number = 0;
  auto query = db->query("SELECT row, at, action, user, subject, address, detail, chain FROM audit ORDER BY row");
  while (query.next()) {
    query.read(number, event.at, event.action, event.user, event.subject, event.address, event.detail, kept);
    link = chained(link, event);
    if (number != ++count || link != kept)
      return Error{.code = Code::conflict,
                   .message = "Row " + std::to_string(number) + " of the audit log was changed"};
  }
  TILL_CHECK(query.status());
  return count;
}

Result<std::optional<KeptAnswer>> SqliteStorage::find_answer(const http::OnceKey& key) const {
  auto read = [](Query& query) {
    KeptAnswer kept;
    http::Response& answer = kept.answer;
    query.read(kept.body_hash, kept.at, answer.status, answer.version, answer.extra_headers, answer.body);
    return kept;
  };
  return row(read,
             "SELECT body_hash, at, status, version, headers, body FROM once_answers"
             " WHERE key = ? AND caller = ? AND route = ?",
             key.key, key.caller, key.route);
}

Status SqliteStorage::keep_answer(const http::OnceKey& key, const KeptAnswer& kept) {
  const http::Response& answer = kept.answer;
  return run(
      "INSERT OR REPLACE INTO once_answers (key, caller, route, body_hash, status, version, headers, body, at)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      key.key, key.caller, key.route, key.body_hash, answer.status, answer.version, answer.extra_headers, answer.body,
      kept.at);
}

Result<std::string> SqliteStorage::sweep_answers(const std::string& after_key, Time kept_before, int64_t limit) {
  auto read = [](Query& query) { return query.get<std::string>(0); };
  TILL_TRY(auto keys, rows(read, "SELECT key FROM once_answers WHERE key > ? ORDER BY key LIMIT ?", after_key, limit));
  if (keys.empty()) return std::string();
  TILL_CHECK(
      run("DELETE FROM once_answers WHERE key > ? AND key <= ? AND at < ?", after_key, keys.back(), kept_before));
  return static_cast<int64_t>(keys.size()) < limit ? std::string() : keys.back();
}

}  // namespace till::access
