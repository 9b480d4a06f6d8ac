// What repositories do with queries over and over: rows in and out, and NULL in where there is nothing. `read` makes
// one row of the query's current one.
#pragma once

#include "sqlite/connection.h"

namespace till::sqlite {

template <class Read>
using RowOf = std::decay_t<std::invoke_result_t<Read&, Query&>>;

/// Binds the row's stored columns from `index` on, and leaves `index` after the last.
template <Described Row>
Status bind_row(Query& query, int& index, const Row& row) {
  TILL_CHECK(query.status());
  // Out of memory, most likely. Run all the same, the statement would take what was not bound for NULL.
  if (bind_columns(query.handle(), index, row) != 0) return Error{.message = "The database failed"};
  return {};
}

/// The first row; nullopt if there is none.
template <class Read>
Result<std::optional<RowOf<Read>>> first_row(Query query, Read read) {
  std::optional<RowOf<Read>> found;
  if (query.next()) found = read(query);
  TILL_CHECK(query.status());
  return found;
}

/// All rows: there is a limit in every such statement, or in what it is about.
template <class Read>
Result<std::vector<RowOf<Read>>> all_rows(Query query, Read read) {
  std::vector<RowOf<Read>> found;
  while (query.next()) found.push_back(read(query));
  TILL_CHECK(query.status());
  return found;
}

/// To bind: NULL for zero, "" and the like.
template <class T>
std::optional<T> if_any(const T& value) {
  return value == T{} ? std::nullopt : std::optional<T>(value);
}

}  // namespace till::sqlite
