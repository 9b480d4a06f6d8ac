// A page of a list: `next` is where the following one begins, 0 at the end.
#pragma once

#include <cstdint>
#include <vector>

namespace till::domain {

/// Which part of a list is wanted.
struct Slice {
  int64_t cursor = 0;  // a former page's next; 0: from the beginning
  int64_t limit = 50;
};

template <class Row>
struct Page {
  std::vector<Row> items;
  int64_t next = 0;
};

}  // namespace till::domain
