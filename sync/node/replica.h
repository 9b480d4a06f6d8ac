// The node's database as the protocol's step sees it (core/session.h): performs its effects in SQL and gives the events
// they answer with. It knows no broker and no thread: the sync thread calls; what takes `tx` runs inside a job of the
// writer for which that thread waits, what takes `db` on its own reading connection. Only reload() comes unasked, on
// the writer's thread, when a commit of anybody's was lost: for its sake the epoch and the hashes have a lock.
//
// Argument: nothing is kept twice. A sale is its rows, so an envelope is built when it is sent, and the stream's hash
// at a seq is computed from the nearest mark whose hash is kept (acked, backed, landed) or was computed lately. A few
// marks and a small cache cost less flash than 32 bytes beside each sale (D19).
#pragma once

#include <map>
#include <mutex>

#include "base/random.h"
#include "services/journal.h"
#include "store/identity.h"
#include "sync/node/page_keeper.h"

namespace till::node {

class Replica {
 public:
  /// `identity` is the one that services work with: a fork gives it another epoch, on the writer's thread.
  Replica(store::Identity& identity, services::Journal& journal, Clock& clock, Random& random)
      : identity_(identity), journal_(journal), clock_(clock), random_(random) {}
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  /// Any thread, with its own connection.
  Result<core::State> load_state(sqlite::Connection& db) const;

  /// The newest seq of each stream.
  Result<core::Seqs> heads(sqlite::Connection& db);
  Result<core::Loaded> load(sqlite::Connection& db, const core::Load& wanted);
  /// True if a mark's hash is ours (A1). Reads only: whoever believes it may write it later, or never.
  Result<bool> agrees(sqlite::Connection& db, const core::Mark& mark);
  /// The stream of which the page knows other facts than ours, if there is one.
  Result<std::optional<core::Stream>> find_divergence(sqlite::Connection& db, const core::Page& page);
  // Both may walk far along a chain, and keep the hash they came to: asked on a reading connection first, they spare
  // the writer the walk in confirm() and keep().
  /// Confirmed or Diverged. What is backed up and has landed is forgotten.
  Result<core::Event> confirm(sqlite::Connection& tx, const core::Confirm& wanted);
  /// False if keeping the page would change nothing that is worth a commit: most polls bring nothing.
  Result<bool> has_news(sqlite::Connection& db, const core::Page& page) const;
  /// Kept or Diverged; a page that does not begin at the cursor changes nothing.
  Result<core::Event> keep(sqlite::Connection& tx, const core::Page& page);
  Result<core::Kept> start_over(sqlite::Connection& tx, core::Scope scope);
  Status note_hub(sqlite::Connection& tx, const core::HubEpoch& hub_epoch);
  /// This database is a copy, or older than what the hub has of it: it goes on as another life (A2).
  Result<core::Forked> fork(sqlite::Connection& tx);

  /// After a lost commit, before the services read their counters again: what memory has ran ahead of the database.
  Status reload(sqlite::Connection& db);

 private:
  using Hashes = std::map<int64_t, core::Hash>;  // by seq

  // With the lock held.
  Status read_life(sqlite::Connection& db);
  Result<bool> is_ours(sqlite::Connection& db, const core::Mark& mark);
  Result<std::optional<core::Stream>> other_stream(sqlite::Connection& db, const core::Page& page);
  /// The chain's hash at a seq; nullopt if what leads there was forgotten.
  Result<std::optional<core::Hash>> hash_at(sqlite::Connection& db, core::Stream stream, int64_t seq);
  Result<outbox::Anchor> nearest_anchor(sqlite::Connection& db, core::Stream stream, int64_t seq) const;
  void remember(core::Stream stream, int64_t seq, const core::Hash& hash);
  Result<std::vector<Landed>> landed_by(sqlite::Connection& tx, const core::Page& page);
  Result<core::Kept> kept(sqlite::Connection& db, core::Scope scope, const ScopeRow& row) const;

  store::Identity& identity_;
  services::Journal& journal_;
  Clock& clock_;
  Random& random_;
  std::mutex mutex_;  // of the epoch in identity_ for who is not on the writer's thread, and of the hashes
  std::array<Hashes, core::kStreamCount> hashes_{};
};

}  // namespace till::node
