// A versioned table of described rows (D7): its SQL is made once from the field list, so a new column needs a migration
// line, a field line and a test, and nothing here. Writes happen in the caller's savepoint on the writer's connection;
// what somebody here wrote (Stamp::author) goes to the hub from here.
#pragma once

#include "domain/page.h"
#include "sqlite/columns.h"
#include "sqlite/rows.h"
#include "store/edits.h"

namespace till::store {

/// Specialise: `static constexpr const char* name`, `static constexpr Entity entity`, `static constexpr const char*
/// noun`.
template <class Row>
struct TableOf;

using domain::Page;
using domain::Slice;

template <Described Row>
class Table {
  using Of = TableOf<Row>;

 public:
  static std::string columns() { return "row, " + sqlite::column_names<Row>(); }

  /// Reads the columns of columns() from the query's current row, from column `index` on.
  static Row read(const sqlite::Query& query, int index = 0) {
    Row row;
    row.row = query.get<int64_t>(index++);
    sqlite::read_columns(query.handle(), index, row);
    return row;
  }

  static Result<std::optional<Row>> find(sqlite::Connection& db, const Uuid& id) {
    static const std::string sql = "SELECT " + columns() + " FROM " + Of::name + " WHERE id = ? AND removed = 0";
    return first(db.query(sql.c_str(), id));
  }

  /// Also a removed one.
  struct Kept {
    Row row;
    bool removed = false;
  };
  static Result<std::optional<Kept>> find_kept(sqlite::Connection& db, const Uuid& id) {
    static const std::string sql = "SELECT removed, " + columns() + " FROM " + Of::name + " WHERE id = ?";
    auto query = db.query(sql.c_str(), id);
    std::optional<Kept> kept;
    if (query.next()) kept = Kept{read(query, 1), query.template get<bool>(0)};
    TILL_CHECK(query.status());
    return kept;
  }

  static Result<Row> get(sqlite::Connection& db, const Uuid& id) {
    TILL_TRY(auto row, find(db, id));
    if (!row) return Error{.code = Code::not_found, .message = std::string("There is no such ") + Of::noun};
    return std::move(*row);
  }

  /// Gives the row its key, version and times, and writes it with its first history entry.
  static Status insert(sqlite::Connection& db, Row& row, const Stamp& stamp) {
    static const std::string sql = std::string("INSERT INTO ") + Of::name + " (" + sqlite::column_names<Row>() +
                                   ") VALUES (" + sqlite::column_marks<Row>() + ") RETURNING row";
    row.version = stamp.next_version(0);
    row.created_at = row.updated_at = stamp.now;
    auto query = db.query(sql.c_str());
    int index = 1;
    TILL_CHECK(sqlite::bind_row(query, index, row));
    if (query.next()) row.row = query.template get<int64_t>(0);
    while (query.next()) {
    }
    TILL_CHECK(query.status());
    TILL_CHECK(append_history(db, Of::entity, row.row, row.version, "{}", stamp));
    return pass_on<Row>(db, Of::entity, core::Action::create, nullptr, &row, stamp);
  }

  /// Writes `after` over `before` as its next version, with the differences in the history. Equal rows are left alone:
  /// nothing is written and the version stays.
  static Status update(sqlite::Connection& db, const Row& before, Row& after, const Stamp& stamp) {
    static const std::string sql =
        std::string("UPDATE ") + Of::name + " SET " + sqlite::column_sets<Row>() + " WHERE row = ?";
    const std::string changes = differences(before, after);
    if (changes == "{}") return {};
    TILL_CHECK(write_over(db, sql.c_str(), before, after, stamp));
    TILL_CHECK(append_history(db, Of::entity, before.row, after.version, changes, stamp));
    return pass_on(db, Of::entity, core::Action::change, &before, &after, stamp);
  }

  /// Brings a removed row back as `after`: what the hub decided.
  static Status revive(sqlite::Connection& db, const Row& before, Row& after, const Stamp& stamp) {
    static const std::string sql =
        std::string("UPDATE ") + Of::name + " SET " + sqlite::column_sets<Row>() + ", removed = 0 WHERE row = ?";
    TILL_CHECK(write_over(db, sql.c_str(), before, after, stamp));
    return append_history(db, Of::entity, before.row, after.version, R"({"removed": [true, false]})", stamp);
  }

  /// Removed rows stay (sold lines point at them) but are found no more.
  static Status remove(sqlite::Connection& db, const Row& row, const Stamp& stamp) {
    static const std::string sql =
        std::string("UPDATE ") + Of::name + " SET removed = 1, version = ?, updated_at = ? WHERE row = ?";
    const int64_t version = stamp.next_version(row.version);
    TILL_CHECK(db.run(sql.c_str(), version, stamp.now, row.row));
    TILL_CHECK(append_history(db, Of::entity, row.row, version, R"({"removed": [false, true]})", stamp));
    return pass_on<Row>(db, Of::entity, core::Action::remove, &row, nullptr, stamp);
  }

  /// True if another row than `row` has `slug`.
  static Result<bool> slug_taken(sqlite::Connection& db, const std::string& slug, int64_t row) {
    static const std::string sql =
        std::string("SELECT 1 FROM ") + Of::name + " WHERE slug = ? AND removed = 0 AND row <> ?";
    TILL_TRY(auto found, (db.value<int64_t>(sql.c_str(), slug, row)));
    return found.has_value();
  }

  /// `slug`, or `slug`-2, -3 … until it is free.
  static Result<std::string> free_slug(sqlite::Connection& db, const std::string& slug, int64_t row) {
    std::string candidate = slug;
    for (int n = 2;; ++n) {
      TILL_TRY(const bool taken, slug_taken(db, candidate, row));
      if (!taken) return candidate;
      candidate = slug + "-" + std::to_string(n);
    }
  }

  static Result<std::optional<Row>> first(sqlite::Query query) {
    return sqlite::first_row(std::move(query), [](const sqlite::Query& q) { return read(q); });
  }

  /// A page of the query, which asks for limit + 1.
  static Result<Page<Row>> page(sqlite::Query query, int64_t limit) {
    TILL_TRY(auto rows, sqlite::all_rows(std::move(query), [](const sqlite::Query& q) { return read(q); }));
    return domain::page_of(std::move(rows), limit);
  }

 private:
  static Status write_over(sqlite::Connection& db, const char* sql, const Row& before, Row& after, const Stamp& stamp) {
    after.row = before.row;
    after.version = stamp.next_version(before.version);
    after.created_at = before.created_at;
    after.updated_at = stamp.now;
    auto query = db.query(sql);
    int index = 1;
    TILL_CHECK(sqlite::bind_row(query, index, after));
    sqlite::bind_integer(query.handle(), index, before.row);
    query.next();
    return query.status();
  }
};

}  // namespace till::store
