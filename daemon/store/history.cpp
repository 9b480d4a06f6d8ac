#include "store/history.h"

namespace till::store {

Status append_history(sqlite::Connection& db, Entity entity, int64_t row, int64_t version, const std::string& changes,
                      const Stamp& stamp) {
  return db.run("INSERT INTO history (entity, row, version, at, user, changes) VALUES (?, ?, ?, ?, ?, ?)", entity, row,
                version, stamp.now, stamp.user, changes);
}

Result<std::vector<domain::HistoryEntry>> list_history(sqlite::Connection& db, Entity entity, int64_t row,
                                                       int64_t before, int64_t limit) {
  auto query = db.query(
      "SELECT h.version, h.at, u.id, h.changes FROM history h LEFT JOIN users u ON u.row = h.user"
      " WHERE h.entity = ? AND h.row = ? AND h.version < ? ORDER BY h.version DESC LIMIT ?",
      entity, row, before > 0 ? before : INT64_MAX, limit);
  std::vector<domain::HistoryEntry> entries;
  while (query.next()) {
    domain::HistoryEntry entry;
    query.read(entry.version, entry.at, entry.user_id, entry.changes.text);
    entries.push_back(std::move(entry));
  }
  TILL_CHECK(query.status());
  return entries;
}

Result<int64_t> count_history(sqlite::Connection& db, Entity entity, int64_t row) {
  TILL_TRY(const auto count,
           db.value<int64_t>("SELECT count(*) FROM history WHERE entity = ? AND row = ?", entity, row));
  return count.value_or(0);
}

}  // namespace till::store
