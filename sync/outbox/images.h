// The hub's rows as it sent them, kept apart from what is shown (B1): hub_rows, and hub_rows_shadow while all of them
// are pulled anew. Raw, so that fields this node does not know are there for the digest, and for it after an upgrade.
// What writes is called inside a write.
#pragma once

#include "sqlite/connection.h"
#include "sync/core/edit.h"

namespace till::outbox {

enum class ImageSet : uint8_t { rows, shadow };

struct RowKey {
  core::Entity entity = core::Entity::product;
  Uuid id{};
  auto operator<=>(const RowKey&) const = default;
};

Result<std::optional<core::RowImage>> find_image(sqlite::Connection& db, const RowKey& key);

/// Keeps an image that is newer than what is there, and the set's digest with it. False: it is not.
Result<bool> put_image(sqlite::Connection& db, ImageSet set, const core::RowImage& image, core::SetHash& digest);

/// Why the row cannot be shown here; empty: it can.
Status note_fault(sqlite::Connection& db, const RowKey& key, const std::string& fault);
Result<int64_t> count_faults(sqlite::Connection& db);

/// The shadow takes the place of the rows. Returns those that differ, and those that had a fault.
Result<std::vector<RowKey>> swap_images(sqlite::Connection& db);
Status clear_shadow(sqlite::Connection& db);

}  // namespace till::outbox
