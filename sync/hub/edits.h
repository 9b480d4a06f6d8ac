// Edits of shared rows: merged into the hub's image by the one merge of sync (core/merge.h), every clash journalled for
// the store it came from. Headquarters edits through here, too: the hub's order is everybody's order. Inside a Tx.
#pragma once

#include "sync/hub/facts.h"
#include "sync/hub/shared_rows.h"

namespace till::hub {

/// Applies an edit under the current envelope. Refused are values that their fields cannot have; an edit of a row that
/// was never here waits for it (B6). A row that is new lets those in that wait for it, each under a rev of its own.
Result<Applied> apply_edit(Tx& tx, const Source& source, const core::RowEdit& edit, const Uuid& uid);

/// The envelope of an edit from a node.
Result<Applied> apply_edit_envelope(Tx& tx, const Source& source, const core::Envelope& envelope);

}  // namespace till::hub
