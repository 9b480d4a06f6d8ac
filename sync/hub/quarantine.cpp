#include "sync/hub/quarantine.h"

namespace till::hub {
namespace {

constexpr const char* kSelect =
    "SELECT q.row, q.status, q.stream, q.seq, q.uid, q.kind, q.schema, q.hlc, q.business_date, q.trace, q.body,"
    " q.reason, q.waits_for, q.at, q.note, s.name, n.name FROM quarantine q JOIN streams t ON t.row = q.stream"
    " JOIN nodes n ON n.row = t.node JOIN stores s ON s.row = n.store ";

Result<std::vector<Held>> read_all(sqlite::Query query) {
  std::vector<Held> all;
  while (query.next()) {
    Held& h = all.emplace_back();
    core::Envelope& e = h.envelope;
    query.read(h.row, h.status, h.stream, e.seq, e.uid, e.kind, e.schema, e.hlc, e.business_date, e.trace, e.body,
               h.reason, h.waits_for, h.at, h.note, h.store, h.node);
  }
  TILL_CHECK(query.status());
  return all;
}

}  // namespace

Status hold(sqlite::Connection& db, const Held& h) {
  const core::Envelope& e = h.envelope;
  return db.run(
      "INSERT INTO quarantine (status, stream, seq, uid, kind, schema, hlc, business_date, trace, body, reason,"
      " waits_for, at, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      h.status, h.stream, e.seq, e.uid.bytes, e.kind, e.schema, e.hlc, e.business_date, e.trace, e.body, h.reason,
      h.waits_for, h.at, h.note);
}

Status change_held(sqlite::Connection& db, const Held& h) {
  return db.run("UPDATE quarantine SET status = ?, reason = ?, waits_for = ?, note = ? WHERE row = ?", h.status,
                h.reason, h.waits_for, h.note, h.row);
}

Result<std::optional<Held>> find_held(sqlite::Connection& db, const Uuid& uid) {
  static const std::string sql = std::string(kSelect) + "WHERE q.uid = ?";
  TILL_TRY(auto found, read_all(db.query(sql.c_str(), uid.bytes)));
  return found.empty() ? std::optional<Held>{} : std::optional(std::move(found.front()));
}

Result<domain::Page<Held>> list_held(sqlite::Connection& db, bool waiting_only, domain::Slice slice) {
  static const std::string sql =
      std::string(kSelect) + "WHERE q.row < ?1 AND (?2 = 0 OR q.status = 0) ORDER BY q.row DESC LIMIT ?3";
  domain::Page<Held> page;
  TILL_TRY(page.items,
           read_all(db.query(sql.c_str(), slice.cursor > 0 ? slice.cursor : INT64_MAX, waiting_only, slice.limit + 1)));
  if (static_cast<int64_t>(page.items.size()) <= slice.limit) return page;
  page.items.pop_back();
  page.next = page.items.back().row;
  return page;
}

Result<std::vector<Held>> held_for_row(sqlite::Connection& db, const Uuid& row) {
  static const std::string sql = std::string(kSelect) + "WHERE q.waits_for = ? AND q.status = 0 ORDER BY q.row";
  return read_all(db.query(sql.c_str(), row.bytes));
}

Result<std::vector<Uuid>> held_of_node(sqlite::Connection& db, int64_t node, int64_t limit) {
  auto query = db.query(
      "SELECT q.uid FROM streams t JOIN quarantine q ON q.stream = t.row AND q.status = 0 WHERE t.node = ?"
      " ORDER BY q.row LIMIT ?",
      node, limit);
  std::vector<Uuid> uids;
  while (query.next()) uids.push_back(query.get<Uuid>(0));
  TILL_CHECK(query.status());
  return uids;
}

Result<int64_t> count_held(sqlite::Connection& db) {
  TILL_TRY(const auto count, (db.value<int64_t>("SELECT count(*) FROM quarantine WHERE status = 0")));
  return count.value_or(0);
}

}  // namespace till::hub
