// Shared rows (products, categories) as the hub has them: the image that all nodes get, and the index of its keys.
// Their rules come from the field lists (D7): how a field merges, whether it is a key, what a good value is.
// Reads on any connection, writes inside a Tx.
#pragma once

#include "sync/core/merge.h"
#include "sync/hub/tx.h"

namespace till::hub {

struct SharedRow {
  int64_t row = 0;
  Time created_at{}, updated_at{};
  core::RowImage image{};
  Bytes bytes{};  // the image as it is stored
};

Result<std::optional<SharedRow>> find_row(sqlite::Connection& db, core::Entity entity, const Uuid& id);

/// Rows that are not removed, in order of their making, after `after_row`.
Result<std::vector<SharedRow>> live_rows(sqlite::Connection& db, core::Entity entity, int64_t after_row, int64_t limit);
/// The row that has this key. `value`: JSON text.
Result<std::optional<Uuid>> find_by_key(sqlite::Connection& db, core::Entity entity, std::string_view field,
                                        std::string_view value);

/// Writes `image` over `before` (null: a new row) under the current envelope's rev, with its keys and the digest.
Status put_row(Tx& tx, const SharedRow* before, core::RowImage image, Time at);

/// True if a row that is not removed, and is not `id`, has this key. `value`: JSON text, of a set one element.
Result<bool> key_held(sqlite::Connection& db, core::Entity entity, std::string_view field, std::string_view value,
                      const Uuid& id);

/// How fields merge, over the keys of a database. `failed` takes the error of a look-up that could not be made: what
/// was merged then must not be kept. Both live as long as the rules.
core::MergeRules merge_rules(sqlite::Connection& db, Status& failed);

/// What is wrong with an edit's values by the description of their fields; empty if nothing. Fields that this hub does
/// not know yet are carried as they are, as long as they are JSON.
std::string fault_of(const core::RowEdit& edit);

}  // namespace till::hub
