#include "crash/story.h"

#include <sqlite3.h>

#include <stdexcept>

namespace till::crash {
namespace {

constexpr uint64_t kPrime = 1099511628211U;  // FNV-1a, 64 bit

uint64_t added(uint64_t hash, const void* bytes, size_t count) {
  const auto* at = static_cast<const uint8_t*>(bytes);
  for (size_t i = 0; i < count; ++i) hash = (hash ^ at[i]) * kPrime;
  return hash;
}

uint64_t added(uint64_t hash, sqlite3_stmt* row, int column) {
  const int type = sqlite3_column_type(row, column);
  hash = (hash ^ static_cast<uint64_t>(type)) * kPrime;
  if (type == SQLITE_NULL) return hash;
  if (type == SQLITE_INTEGER) {
    const int64_t number = sqlite3_column_int64(row, column);
    return added(hash, &number, sizeof number);
  }
  const void* bytes = sqlite3_column_blob(row, column);
  return added(hash, bytes, static_cast<size_t>(sqlite3_column_bytes(row, column)));
}

}  // namespace

const Promise* Story::first_broken(const Found& found) const {
  for (const Promise& promise : promises_) {
    const auto held = found.holds.find(promise.what);
    if (held == found.holds.end() || held->second < promise.version) return &promise;
  }
  return nullptr;
}

size_t Story::state_at(size_t place) const {
  size_t newest = 0;
  while (newest + 1 < states_.size() && states_[newest + 1].second < place) ++newest;
  return newest;
}

std::optional<size_t> Story::find_state(uint64_t rows, size_t first, size_t last) const {
  for (size_t i = first; i <= last && i < states_.size(); ++i)
    if (states_[i].first == rows) return i;
  return std::nullopt;
}

uint64_t rows_of(sqlite::Connection& db) {
  std::vector<std::string> tables;
  auto names =
      db.query("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name");
  while (names.next()) tables.push_back(names.get<std::string>(0));
  must(names.status(), "tables");
  uint64_t hash = tables.size();
  for (const std::string& table : tables) {
    sqlite3_stmt* rows = nullptr;
    const std::string sql = "SELECT * FROM \"" + table + "\"";
    if (sqlite3_prepare_v2(db.handle(), sql.c_str(), -1, &rows, nullptr) != SQLITE_OK) return 0;
    hash = added(hash, table.data(), table.size());
    while (sqlite3_step(rows) == SQLITE_ROW)
      for (int i = 0; i < sqlite3_column_count(rows); ++i) hash = added(hash, rows, i);
    if (sqlite3_finalize(rows) != SQLITE_OK) return 0;
  }
  return hash;
}

uint64_t rows_of(const std::string& path) {
  const auto db = must(sqlite::Connection::open(path, sqlite::Mode::read_only), path);
  return rows_of(*db);
}

uint64_t pages_of(sqlite::Connection& db) {
  sqlite3_int64 size = 0;
  unsigned char* pages = sqlite3_serialize(db.handle(), "main", &size, 0);
  if (!pages) return 0;
  const uint64_t hash = hash_of({pages, static_cast<size_t>(size)});
  sqlite3_free(pages);
  return hash;
}

std::string integrity_of(sqlite::Connection& db) {
  const auto finding = db.value<std::string>("PRAGMA integrity_check(1)");
  if (!finding) return finding.error().message;
  return *finding == "ok" ? "" : finding->value_or("no answer");
}

void must(const Status& status, const std::string& what) {
  if (status.ok()) return;
  throw std::runtime_error(what + ": " + status.error().message);
}

}  // namespace till::crash
