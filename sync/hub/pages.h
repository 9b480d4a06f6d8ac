// What nodes pull, page by page (30-sync, Down). Reads only, in the snapshot of its connection: what a page says of the
// head, of the node's own streams and of the rows' digest is of one moment (A4, C4).
//
//   tenant  rows, each only at its newest rev
//   store   facts in full, whoever made them (A3); those of the asking epoch as a reference to the highest, per page;
//           conflicts at their newest rev
// A page never splits what has one rev. A position, or a belief about the head, that is not of our chain starts the
// scope over (A5); so does one from before what was forgotten (B8), unless that pull itself began later (B9).
#pragma once

#include "sync/hub/identity.h"
#include "sync/hub/nodes.h"
#include "sync/hub/revs.h"

namespace till::hub {

inline constexpr int64_t kMaxPageItems = 500;
inline constexpr size_t kMaxPageBytes = 128 * 1024;

/// Errors: forbidden (revoked), and the database's.
Result<core::Page> make_page(sqlite::Connection& db, const Identity& identity, const core::NodeName& name,
                             const core::Pull& pull);

}  // namespace till::hub
