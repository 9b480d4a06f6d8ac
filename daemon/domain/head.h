// What every versioned row has: the inner row id, the public id and the version (20-api, Concurrency).
#pragma once

#include "base/fields.h"

namespace till::domain {

struct Head {
  int64_t row = 0;      // integer key inside the database; never leaves it
  Uuid id{};            // the public id
  int64_t version = 0;  // the ETag; grows with every change, also over a restore (D9 of 31-sync-review)
  Time created_at{};
  Time updated_at{};
};

/// The head's fields for a row type that derives from Head; goes first in its list.
template <class Row>
constexpr auto head_fields() {
  return std::tuple(field("id", static_cast<Uuid Row::*>(&Row::id)).read_only(),
                    field("version", static_cast<int64_t Row::*>(&Row::version)).read_only().doc("the ETag"),
                    field("created_at", static_cast<Time Row::*>(&Row::created_at)).read_only(),
                    field("updated_at", static_cast<Time Row::*>(&Row::updated_at)).read_only());
}

}  // namespace till::domain
