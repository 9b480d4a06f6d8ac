// An operator's answer to a clash: who wins after all, or what another policy would have said. The row is changed by an
// edit of headquarters, so every node gets to know it; the entry is settled and says who won. In a job of the writer.
#pragma once

#include "sync/hub/catalogue.h"

namespace till::hub {

/// Errors: not_found; conflict ("taken": the key still belongs to another row).
Result<ConflictRow> resolve_conflict(Tx& tx, const Catalogue& catalogue, const Uuid& id, core::Winner winner,
                                     const Uuid& user);
/// As if the field had this policy. Errors: also conflict ("no_policy": it is no clash of a field's values).
Result<ConflictRow> replay_conflict(Tx& tx, const Catalogue& catalogue, const Uuid& id, Merge policy, const Uuid& user);

}  // namespace till::hub
