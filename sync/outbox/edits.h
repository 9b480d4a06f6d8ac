// Own edits of shared rows on their way to the hub (table outbox). A change of a row appends its envelope here, in the
// same savepoint; what stands here is shown over the hub's image until its outcome has come back (B1), and stays until
// the hub has it in every backup (A7). What writes is called inside a write, on the writer's thread.
// A node that no hub knows appends nothing: attach (sync/node) later tells the hub of all that is there.
#pragma once

#include "base/id.h"
#include "sync/outbox/images.h"
#include "sync/outbox/streams.h"

namespace till::outbox {

/// Who edits, and on which way. What the hub wrote has no author here: it goes nowhere.
struct Author {
  IdSource* ids = nullptr;
  Uuid user{};
  core::Trace trace{};
  core::Stream stream = core::Stream::shop;
  int64_t business_date = 0;
};

/// True once the node had a hub; from then on edits are kept for it.
Result<bool> is_attached(sqlite::Connection& db);

/// Appends an edit; its user, and what its fields saw (their bases, B2), are filled in here. A removal names each field
/// of the row (B4). While the row has edits the hub has not acknowledged, it goes into their stream (B5).
Status append(sqlite::Connection& db, core::RowEdit edit, const Author& author);

struct Pending {
  Uuid uid{};
  core::RowEdit edit;
};
/// The edits of a row that are shown over its image, in the order they were made.
Result<std::vector<Pending>> pending_edits(sqlite::Connection& db, const RowKey& key);

/// One batch of a stream's envelopes from `first` on, of at most `most`, without hashes.
Result<std::vector<core::Envelope>> load_edits(sqlite::Connection& db, core::Stream stream, int64_t first,
                                               int64_t most);

/// The rows of edits after `from` up to `to`.
Result<std::vector<RowKey>> rows_between(sqlite::Connection& db, core::Stream stream, int64_t from, int64_t to);

/// Those of the given uids wait at the hub, no others. Returns the rows for which that is new.
Result<std::vector<RowKey>> set_held(sqlite::Connection& db, const std::vector<Uuid>& uids);

Result<bool> holds_any(sqlite::Connection& db);

/// Forgets what came up to `seq` and is not held.
Status trim(sqlite::Connection& db, core::Stream stream, int64_t seq);

/// Everything that was ever appended goes; before the hub has seen any of it.
Status clear(sqlite::Connection& db);

/// What can still be read of another database's edits is appended as it is, in its order, and the node is attached if
/// that was; `old` may be damaged. rewrap() has to follow. Returns the rows that were made by one of them.
Result<std::vector<RowKey>> carry_over(sqlite::Connection& old, sqlite::Connection& fresh);

/// A new epoch begins: what is left is numbered from 1, nothing of it is acknowledged; so are the sale stream's marks.
Status rewrap(sqlite::Connection& db);

}  // namespace till::outbox
