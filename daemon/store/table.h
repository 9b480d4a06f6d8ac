// A versioned table of described rows (D7): its SQL is made once from the field list, so a new column needs a migration
// line, a field line and a test, and nothing here. Writes happen in the caller's savepoint on the writer's connection.
#pragma once

#include "domain/page.h"
#include "sqlite/columns.h"
#include "sqlite/connection.h"
#include "store/history.h"

namespace till::store {

/// Specialise: `static constexpr const char* name`, `static constexpr Entity entity`, `static constexpr const char*
/// noun`.
template <class Row>
struct TableOf;

using domain::Page;

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
    if (query.status().ok()) sqlite::bind_columns(query.handle(), index, row);
    if (query.next()) row.row = query.template get<int64_t>(0);
    while (query.next()) {
    }
    TILL_CHECK(query.status());
    return append_history(db, Of::entity, row.row, row.version, "{}", stamp);
  }

  /// Writes `after` over `before` as its next version, with the differences in the history. Equal rows are left alone:
  /// nothing is written and the version stays.
  static Status update(sqlite::Connection& db, const Row& before, Row& after, const Stamp& stamp) {
    static const std::string sql =
        std::string("UPDATE ") + Of::name + " SET " + sqlite::column_sets<Row>() + " WHERE row = ?";
    const std::string changes = differences(before, after);
    if (changes == "{}") return {};
    after.version = stamp.next_version(before.version);
    after.updated_at = stamp.now;
    auto query = db.query(sql.c_str());
    int index = 1;
    if (query.status().ok()) sqlite::bind_columns(query.handle(), index, after);
    sqlite::bind_integer(query.handle(), index, before.row);
    query.next();
    TILL_CHECK(query.status());
    return append_history(db, Of::entity, before.row, after.version, changes, stamp);
  }

  /// Removed rows stay (sold lines point at them) but are found no more.
  static Status remove(sqlite::Connection& db, const Row& row, const Stamp& stamp) {
    static const std::string sql =
        std::string("UPDATE ") + Of::name + " SET removed = 1, version = ?, updated_at = ? WHERE row = ?";
    const int64_t version = stamp.next_version(row.version);
    TILL_CHECK(db.run(sql.c_str(), version, stamp.now, row.row));
    return append_history(db, Of::entity, row.row, version, R"({"removed": [false, true]})", stamp);
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
    std::optional<Row> row;
    if (query.next()) row = read(query);
    TILL_CHECK(query.status());
    return row;
  }

  /// All rows of the query, of which the last is only a sign that there are more: ask for limit + 1.
  static Result<Page<Row>> page(sqlite::Query query, int64_t limit) {
    Page<Row> page;
    while (query.next()) {
      if (static_cast<int64_t>(page.items.size()) == limit) {
        page.next = page.items.back().row;
        return page;
      }
      page.items.push_back(read(query));
    }
    TILL_CHECK(query.status());
    return page;
  }
};

}  // namespace till::store
