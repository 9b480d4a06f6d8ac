#include "access/sqlite_storage.h"

#include "sqlite/rows.h"

namespace till::access {
namespace {

using domain::Address;
using domain::Page;
using domain::Slice;
using domain::Till;
using domain::User;
using sqlite::Query;

template <class Row>
constexpr const char* kTable = nullptr;
template <>
constexpr const char* kTable<User> = "users";
template <>
constexpr const char* kTable<Address> = "addresses";
template <>
constexpr const char* kTable<Till> = "tills";

/// "SELECT row, … FROM table " and what follows: rows for read_described().
template <class Row>
std::string select(const std::string& rest) {
  return "SELECT row, " + sqlite::column_names<Row>() + " FROM " + kTable<Row> + " " + rest;
}

template <class Row>
Row read_described(Query& query) {
  Row row;
  row.row = query.get<int64_t>(0);
  int index = 1;
  sqlite::read_columns(query.handle(), index, row);
  return row;
}

const std::string kSessionColumns =
    "row, user, id, created_at, used_at, expires_at, address, till, family_hash, token_hash";

Session read_session(Query& query) {
  Session s;
  query.read(s.row, s.user, s.id, s.created_at, s.used_at, s.expires_at, s.address, s.till, s.refresh.family,
             s.refresh.token);
  return s;
}

}  // namespace

template <class Row>
Status SqliteStorage::add_row(Row& row) {
  static const std::string sql = std::string("INSERT INTO ") + kTable<Row> + " (" + sqlite::column_names<Row>() +
                                 ") VALUES (" + sqlite::column_marks<Row>() + ") RETURNING row";
  TILL_TRY(auto* db, connection_());
  auto query = db->query(sql.c_str());
  int index = 1;
  TILL_CHECK(sqlite::bind_row(query, index, row));
  while (query.next()) row.row = query.template get<int64_t>(0);
  return query.status();
}

template <class Row>
Status SqliteStorage::change_row(const Row& row) {
  static const std::string sql =
      std::string("UPDATE ") + kTable<Row> + " SET " + sqlite::column_sets<Row>() + " WHERE row = ?";
  TILL_TRY(auto* db, connection_());
  auto query = db->query(sql.c_str());
  int index = 1;
  TILL_CHECK(sqlite::bind_row(query, index, row));
  sqlite::bind_integer(query.handle(), index, row.row);
  query.next();
  return query.status();
}

Result<std::optional<User>> SqliteStorage::find_user(const Uuid& id) const {
  static const std::string sql = select<User>("WHERE id = ?");
  return row(read_described<User>, sql.c_str(), id);
}

Result<std::optional<User>> SqliteStorage::find_user_by_row(int64_t row_key) const {
  static const std::string sql = select<User>("WHERE row = ?");
  return row(read_described<User>, sql.c_str(), row_key);
}

Result<std::optional<User>> SqliteStorage::find_user_by_email(const std::string& email) const {
  static const std::string sql = select<User>("WHERE email = ? ORDER BY row LIMIT 1");
  return row(read_described<User>, sql.c_str(), email);
}

Result<Page<User>> SqliteStorage::list_users(const UserFilter& filter, Slice slice) const {
  static const std::string matching =
      "(?1 IS NULL OR role = ?1) AND (?2 IS NULL OR active = ?2)"
      " AND (?3 = '' OR instr(lower(name), ?3) OR instr(email, ?3) OR instr(phone, ?3))";
  static const std::string sql = select<User>("WHERE " + matching + " AND row > ?4 ORDER BY row LIMIT ?5");
  TILL_TRY(auto found, rows(read_described<User>, sql.c_str(), filter.role, filter.active, filter.words, slice.cursor,
                            slice.limit + 1));
  Page<User> page = domain::page_of(std::move(found), slice.limit);
  if (slice.total) {
    static const std::string count = "SELECT count(*) FROM users WHERE " + matching;
    TILL_TRY(auto* db, connection_());
    TILL_TRY(page.total, db->value<int64_t>(count.c_str(), filter.role, filter.active, filter.words));
  }
  return page;
}

Result<std::vector<User>> SqliteStorage::list_active_admins() const {
  static const std::string sql = select<User>("WHERE role = ? AND active ORDER BY row");
  return rows(read_described<User>, sql.c_str(), domain::Role::admin);
}

Result<std::vector<User>> SqliteStorage::list_pin_holders() const {
  static const std::string sql = select<User>("WHERE pin_hash <> '' AND active ORDER BY name, row LIMIT 500");
  return rows(read_described<User>, sql.c_str());
}

Status SqliteStorage::add_user(User& user) { return add_row(user); }

Status SqliteStorage::change_user(const User& user) { return change_row(user); }

Status SqliteStorage::forget_person(int64_t user) {
  TILL_CHECK(run("DELETE FROM addresses WHERE customer = ?", user));
  TILL_CHECK(end_sessions(user, {}));
  TILL_CHECK(forget_reset(user));
  return run("DELETE FROM once_answers WHERE caller = ?", user);  // looks at all of them: nobody goes every day
}

Result<std::optional<PasswordReset>> SqliteStorage::find_reset(const crypto::Digest& token_hash) const {
  auto read = [](Query& query) {
    PasswordReset reset;
    query.read(reset.user, reset.token_hash, reset.expires_at);
    return reset;
  };
  return row(read, "SELECT user, token_hash, expires_at FROM password_resets WHERE token_hash = ?", token_hash);
}

Status SqliteStorage::keep_reset(const PasswordReset& reset) {
  return run("INSERT OR REPLACE INTO password_resets (user, token_hash, expires_at) VALUES (?, ?, ?)", reset.user,
             reset.token_hash, reset.expires_at);
}

Status SqliteStorage::forget_reset(int64_t user) { return run("DELETE FROM password_resets WHERE user = ?", user); }

Status SqliteStorage::forget_old_resets(Time expired_before, int64_t limit) {
  return run(
      "DELETE FROM password_resets WHERE user IN (SELECT user FROM password_resets WHERE expires_at < ? LIMIT ?)",
      expired_before, limit);
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
  auto query = db->query("SELECT id, user, till FROM sessions ORDER BY user");
  while (query.next()) {
    const auto user_row = query.get<int64_t>(1);
    LiveSession session{.id = query.get<Uuid>(0), .user = {}, .till = query.get<int64_t>(2)};
    if (live.empty() || live.back().user.row != user_row) {
      TILL_TRY(auto user, find_user_by_row(user_row));
      if (!user) continue;
      session.user = std::move(*user);
    } else {
      session.user = live.back().user;
    }
    live.push_back(std::move(session));
  }
  TILL_CHECK(query.status());
  return live;
}

Status SqliteStorage::add_session(const Session& s) {
  return run(
      "INSERT INTO sessions (user, id, created_at, used_at, expires_at, address, till, family_hash, token_hash)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      s.user, s.id, s.created_at, s.used_at, s.expires_at, s.address, s.till, s.refresh.family, s.refresh.token);
}

Status SqliteStorage::renew_session(const Session& s) {
  return run("UPDATE sessions SET used_at = ?, expires_at = ?, address = ?, token_hash = ? WHERE row = ?", s.used_at,
             s.expires_at, s.address, s.refresh.token, s.row);
}

Status SqliteStorage::end_session(int64_t row_key) { return run("DELETE FROM sessions WHERE row = ?", row_key); }

Status SqliteStorage::end_sessions(int64_t user, const Uuid& kept) {
  return run("DELETE FROM sessions WHERE user = ? AND id IS NOT ?", user, kept);  // a nil id is bound as NULL
}

Status SqliteStorage::end_till_sessions(int64_t till) { return run("DELETE FROM sessions WHERE till = ?", till); }

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

Result<std::optional<Address>> SqliteStorage::find_address(const Uuid& id) const {
  static const std::string sql = select<Address>("WHERE id = ?");
  return row(read_described<Address>, sql.c_str(), id);
}

Result<std::vector<Address>> SqliteStorage::list_addresses(int64_t customer) const {
  static const std::string sql = select<Address>("WHERE customer = ? ORDER BY row");
  return rows(read_described<Address>, sql.c_str(), customer);
}

Status SqliteStorage::add_address(Address& address) { return add_row(address); }

Status SqliteStorage::change_address(const Address& address) { return change_row(address); }

Status SqliteStorage::remove_address(int64_t row_key) { return run("DELETE FROM addresses WHERE row = ?", row_key); }

Result<std::optional<Till>> SqliteStorage::find_till(const Uuid& id) const {
  static const std::string sql = select<Till>("WHERE id = ?");
  return row(read_described<Till>, sql.c_str(), id);
}

Result<std::optional<Till>> SqliteStorage::find_till_by_token(const std::string& token_hash) const {
  static const std::string sql = select<Till>("WHERE token_hash = ?");
  return row(read_described<Till>, sql.c_str(), token_hash);
}

Result<std::optional<Till>> SqliteStorage::find_till_by_code(const std::string& code_hash) const {
  static const std::string sql = select<Till>("WHERE code_hash = ?");  // no index: a shop has a handful of tills
  return row(read_described<Till>, sql.c_str(), code_hash);
}

Result<Page<Till>> SqliteStorage::list_tills(Slice slice) const {
  static const std::string sql = select<Till>("WHERE row > ? ORDER BY row LIMIT ?");
  TILL_TRY(auto found, rows(read_described<Till>, sql.c_str(), slice.cursor, slice.limit + 1));
  Page<Till> page = domain::page_of(std::move(found), slice.limit);
  if (slice.total) {
    TILL_TRY(auto* db, connection_());
    TILL_TRY(page.total, db->value<int64_t>("SELECT count(*) FROM tills"));
  }
  return page;
}

Status SqliteStorage::add_till(Till& till) { return add_row(till); }

Status SqliteStorage::change_till(const Till& till) { return change_row(till); }

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
  static const std::string where =
      " WHERE (?1 IS NULL OR a.user = (SELECT row FROM users WHERE id = ?1))"
      " AND (?2 IS NULL OR a.subject = (SELECT row FROM users WHERE id = ?2)) AND (?3 IS NULL OR a.action = ?3)";
  static const std::string list =
      "SELECT a.row, a.at, a.action, u.id, s.id, a.address, a.detail FROM audit a"
      " LEFT JOIN users u ON u.row = a.user LEFT JOIN users s ON s.row = a.subject" +
      where + " AND (?4 = 0 OR a.row < ?4) ORDER BY a.row DESC LIMIT ?5";
  static const std::string count = "SELECT count(*) FROM audit a" + where;
  TILL_TRY(auto found,
           rows(read, list.c_str(), filter.user_id, filter.subject_id, filter.action, slice.cursor, slice.limit + 1));
  Page<AuditEntry> page = domain::page_of(std::move(found), slice.limit);
  if (slice.total) {
    TILL_TRY(auto* db, connection_());
    TILL_TRY(page.total, db->value<int64_t>(count.c_str(), filter.user_id, filter.subject_id, filter.action));
  }
  return page;
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
