// A part of a list and what comes after it (20-api, Paging). Keyset, never an offset: a page begins behind a row, so
// rows that are added meanwhile shift nothing. Made from the request by api/ and access/, filled by store/.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace till::domain {

/// Which part of a list is wanted.
struct Slice {
  int64_t cursor = 0;  // a former page's next; 0: from the beginning
  int64_t limit = 50;
  bool total = false;   // count the whole list, too
  std::string after{};  // a former page's after: lists in another order than that of their rows
};

template <class Row>
struct Page {
  std::vector<Row> items{};
  int64_t next = 0;  // the row the following page begins behind; 0 at the end
  std::optional<int64_t> total{};
  std::string after{};  // what that row is sorted by, where that is not the row itself
};

/// A page of what was asked for with limit + 1: the row too many only tells that there are more. `key` is what the
/// cursor holds of a row.
template <class Row, class Key = int64_t Row::*>
Page<Row> page_of(std::vector<Row> rows, int64_t limit, Key key = &Row::row) {
  Page<Row> page{.items = std::move(rows)};
  if (static_cast<int64_t>(page.items.size()) <= limit) return page;
  page.items.resize(static_cast<size_t>(limit));
  page.next = std::invoke(key, page.items.back());
  return page;
}

}  // namespace till::domain
