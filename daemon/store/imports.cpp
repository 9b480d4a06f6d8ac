#include "store/imports.h"

namespace till::store {
namespace {

using domain::Import;
using domain::ImportRow;

const std::string& columns() {
  static const std::string names = "row, " + sqlite::column_names<Import>();
  return names;
}

Import read_import(const sqlite::Query& query) {
  Import job;
  int index = 0;
  job.row = query.get<int64_t>(index++);
  sqlite::read_columns(query.handle(), index, job);
  return job;
}

}  // namespace

Status add_import(sqlite::Connection& db, Import& job, const Stamp& stamp) {
  static const std::string sql = "INSERT INTO imports (" + sqlite::column_names<Import>() + ") VALUES (" +
                                 sqlite::column_marks<Import>() + ") RETURNING row";
  job.version = stamp.next_version(0);
  job.created_at = job.updated_at = stamp.now;
  auto query = db.query(sql.c_str());
  int index = 1;
  TILL_CHECK(sqlite::bind_row(query, index, job));
  if (query.next()) job.row = query.get<int64_t>(0);
  while (query.next()) {
  }
  return query.status();
}

Status save_import(sqlite::Connection& db, Import& job, const Stamp& stamp) {
  static const std::string sql = "UPDATE imports SET " + sqlite::column_sets<Import>() + " WHERE row = ?";
  job.version = stamp.next_version(job.version);
  job.updated_at = stamp.now;
  auto query = db.query(sql.c_str());
  int index = 1;
  TILL_CHECK(sqlite::bind_row(query, index, job));
  sqlite::bind_integer(query.handle(), index, job.row);
  query.next();
  return query.status();
}

Result<Import> get_import(sqlite::Connection& db, const Uuid& id) {
  static const std::string sql = "SELECT " + columns() + " FROM imports WHERE id = ?";
  TILL_TRY(auto job, sqlite::first_row(db.query(sql.c_str(), id), read_import));
  if (!job) return Error{.code = Code::not_found, .message = "There is no such import"};
  return std::move(*job);
}

Result<Uuid> import_user(sqlite::Connection& db, const Import& job) {
  TILL_TRY(const auto id, db.value<Uuid>("SELECT id FROM users WHERE row = ?", job.user));
  return id.value_or(Uuid{});
}

Result<std::optional<Import>> find_running_import(sqlite::Connection& db) {
  static const std::string sql = "SELECT " + columns() + " FROM imports WHERE status = ? ORDER BY row LIMIT 1";
  return sqlite::first_row(db.query(sql.c_str(), domain::ImportStatus::running), read_import);
}

Result<Page<Import>> list_imports(sqlite::Connection& db, const Slice& slice) {
  static const std::string sql = "SELECT " + columns() + " FROM imports WHERE row < ? ORDER BY row DESC LIMIT ?";
  auto query = db.query(sql.c_str(), slice.cursor > 0 ? slice.cursor : INT64_MAX, slice.limit + 1);
  TILL_TRY(auto jobs, sqlite::all_rows(std::move(query), read_import));
  auto page = domain::page_of(std::move(jobs), slice.limit);
  if (slice.total) {
    TILL_TRY(page.total, db.value<int64_t>("SELECT count(*) FROM imports"));
  }
  return page;
}

Status add_import_row(sqlite::Connection& db, int64_t job_row, const ImportRow& row) {
  return db.run(
      "INSERT INTO import_rows (import, record, line, sku, result, field, code, detail) VALUES (?, ?, ?, ?, ?, ?, ?, "
      "?)",
      job_row, row.record, row.line, row.sku, row.result, row.field, row.code, row.detail);
}

Result<Page<ImportRow>> list_import_rows(sqlite::Connection& db, int64_t job_row,
                                         std::optional<domain::RowResult> result, const Slice& slice) {
  auto query = db.query(
      "SELECT record, line, sku, result, field, code, detail FROM import_rows"
      " WHERE import = ?1 AND record > ?2 AND (?3 IS NULL OR result = ?3) ORDER BY record LIMIT ?4",
      job_row, slice.cursor, result, slice.limit + 1);
  TILL_TRY(auto rows, sqlite::all_rows(std::move(query), [](const sqlite::Query& q) {
             ImportRow row;
             q.read(row.record, row.line, row.sku, row.result, row.field, row.code, row.detail);
             return row;
           }));
  auto page = domain::page_of(std::move(rows), slice.limit, &ImportRow::record);
  if (slice.total) {
    TILL_TRY(page.total,
             db.value<int64_t>("SELECT count(*) FROM import_rows WHERE import = ?1 AND (?2 IS NULL OR result = ?2)",
                               job_row, result));
  }
  return page;
}

Result<bool> forget_import_rows(sqlite::Connection& db, int64_t kept) {
  TILL_CHECK(
      db.run("DELETE FROM import_rows WHERE (import, record) IN (SELECT import, record FROM import_rows"
             " WHERE import <= (SELECT row FROM imports ORDER BY row DESC LIMIT 1 OFFSET ?) ORDER BY import, record "
             "LIMIT 256)",
             kept));
  return db.changes() > 0;
}

}  // namespace till::store
