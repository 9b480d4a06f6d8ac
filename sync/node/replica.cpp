#include "sync/node/replica.h"

#include "sync/node/streams.h"

namespace till::node {
namespace {

using core::Scope;
using core::Stream;

constexpr int64_t kNoteMatchEvery_ms = 3'600'000;  // while nothing changes, that both sides agree is noted so often
constexpr size_t kMaxHashes = 64;  // of a stream: ends of batches, of which few are unanswered at a time
constexpr int64_t kMaxWalk =
    2000;  // facts hashed for one mark, while sales wait: the hub's first backup may name years

// Outcomes of edits come in the tenant's pages, sales in the store's: a page tells about its own streams only.
bool lands_in(Stream stream, Scope scope) { return (stream == Stream::sale) == (scope == Scope::store); }

}  // namespace

// ---- streams

Result<core::State> Replica::load_state(sqlite::Connection& db) const {
  TILL_TRY(const auto identity, store::find_identity(db));  // not the services': any thread may ask
  if (!identity) return Error{.message = "The database has no identity"};
  core::State state{.epoch = epoch_of(*identity)};
  TILL_TRY(const auto hub, db.value<core::HubEpoch>("SELECT value FROM meta WHERE key = 'hub_epoch'"));
  state.hub_epoch = hub.value_or(core::HubEpoch{});
  for (const Stream stream : core::kStreams) {
    TILL_TRY(state.streams[core::index_of(stream)], stream_state(db, *identity, stream));
  }
  for (const Scope scope : core::kScopes) {
    TILL_TRY(const ScopeRow row, get_scope(db, scope));
    state.scopes[core::index_of(scope)] = row.state;
  }
  return state;
}

Result<core::Seqs> Replica::heads(sqlite::Connection& db) {
  const std::lock_guard lock(mutex_);
  core::Seqs heads{};
  for (const Stream stream : core::kStreams) {
    TILL_TRY(heads[core::index_of(stream)], head_of(db, identity_, stream));
  }
  return heads;
}

Result<core::Loaded> Replica::load(sqlite::Connection& db, const core::Load& wanted) {
  const std::lock_guard lock(mutex_);
  TILL_TRY(const auto former, hash_at(db, wanted.stream, wanted.first - 1));
  core::Loaded loaded{.stream = wanted.stream, .former = former.value_or(core::Hash{}), .envelopes = {}};
  if (!former) return loaded;
  TILL_TRY(loaded.envelopes, load_batch(db, identity_, wanted.stream, wanted.first));
  core::Hash hash = loaded.former;
  for (core::Envelope& envelope : loaded.envelopes) hash = envelope.hash = core::chained(hash, envelope);
  if (!loaded.envelopes.empty()) remember(wanted.stream, loaded.envelopes.back().seq, hash);
  return loaded;
}

// ---- hashes

void Replica::remember(Stream stream, int64_t seq, const core::Hash& hash) {
  Hashes& known = hashes_[core::index_of(stream)];
  if (known.size() >= kMaxHashes) known.erase(known.begin());
  known[seq] = hash;
}

Result<outbox::Anchor> Replica::nearest_anchor(sqlite::Connection& db, Stream stream, int64_t seq) const {
  outbox::Anchor nearest{0, core::stream_start(epoch_of(identity_), stream)};
  const Hashes& known = hashes_[core::index_of(stream)];
  if (auto after = known.upper_bound(seq); after != known.begin()) {
    --after;
    nearest = {after->first, after->second};
  }
  TILL_TRY(const auto marks, outbox::get_marks(db, stream));
  for (const outbox::Anchor& mark : {marks.acked, marks.backed, marks.landed})
    if (mark.seq <= seq && mark.seq > nearest.seq) nearest = mark;
  return nearest;
}

Result<std::optional<core::Hash>> Replica::hash_at(sqlite::Connection& db, Stream stream, int64_t seq) {
  TILL_TRY(outbox::Anchor at, nearest_anchor(db, stream, seq));
  while (at.seq < seq) {
    TILL_TRY(const auto batch, load_batch(db, identity_, stream, at.seq + 1, seq - at.seq));
    if (batch.empty()) return std::optional<core::Hash>{};
    for (const core::Envelope& envelope : batch) {
      if (envelope.seq != at.seq + 1) return std::optional<core::Hash>{};
      at = {envelope.seq, core::chained(at.hash, envelope)};
    }
  }
  if (seq > 0) remember(stream, seq, at.hash);
  return std::optional(at.hash);
}

Result<bool> Replica::agrees(sqlite::Connection& db, const core::Mark& mark) {
  const std::lock_guard lock(mutex_);
  return is_ours(db, mark);
}

// A mark's hash is ours, or what leads there was forgotten because the hub has it in every backup.
Result<bool> Replica::is_ours(sqlite::Connection& db, const core::Mark& mark) {
  TILL_TRY(const int64_t head, head_of(db, identity_, mark.stream));
  if (mark.applied > head || mark.at > mark.applied || mark.at < 0) return false;
  if (mark.at == 0) return true;
  TILL_TRY(const auto own, hash_at(db, mark.stream, mark.at));
  return !own || *own == mark.hash;
}

Result<core::Event> Replica::confirm(sqlite::Connection& tx, const core::Confirm& wanted) {
  const std::lock_guard lock(mutex_);
  const core::Mark& mark = wanted.mark;
  TILL_TRY(const bool same, is_ours(tx, mark));
  if (!same) return core::Event(core::Diverged{mark.stream});
  TILL_TRY(auto marks, outbox::get_marks(tx, mark.stream));
  TILL_TRY(const core::StreamState before, stream_state(tx, identity_, mark.stream));
  if (mark.at > marks.acked.seq || wanted.may_lower)
    marks.acked = mark.at >= before.lost ? outbox::Anchor{mark.at, mark.hash} : marks.backed;
  if (const int64_t backed = std::min(mark.backed, marks.acked.seq); backed > marks.backed.seq) {
    TILL_TRY(const auto nearest, nearest_anchor(tx, mark.stream, backed));
    const int64_t seq = std::min(backed, nearest.seq + kMaxWalk);  // the rest with the next mark
    TILL_TRY(const auto hash, hash_at(tx, mark.stream, seq));
    if (hash) marks.backed = {seq, *hash};
  }
  TILL_CHECK(outbox::save_marks(tx, mark.stream, marks));
  TILL_CHECK(outbox::trim(tx, mark.stream, std::min(marks.backed.seq, marks.landed.seq)));
  TILL_TRY(const core::StreamState after, stream_state(tx, identity_, mark.stream));
  return core::Event(core::Confirmed{mark.stream, after});
}

// ---- pages

Result<std::optional<Stream>> Replica::find_divergence(sqlite::Connection& db, const core::Page& page) {
  const std::lock_guard lock(mutex_);
  return other_stream(db, page);
}

Result<std::optional<Stream>> Replica::other_stream(sqlite::Connection& db, const core::Page& page) {
  for (const core::Mark& mark : page.marks) {
    TILL_TRY(const bool same, is_ours(db, mark));
    if (!same) return std::optional(mark.stream);
  }
  for (const core::Item& item : page.items) {
    const auto* own = std::get_if<core::Own>(&item);
    if (!own) continue;
    TILL_TRY(const bool same,
             is_ours(db, {.stream = own->stream, .applied = own->seq, .at = own->seq, .hash = own->hash}));
    if (!same) return std::optional(own->stream);
  }
  return std::optional<Stream>{};
}

Result<std::vector<Landed>> Replica::landed_by(sqlite::Connection& tx, const core::Page& page) {
  std::vector<Landed> landed;
  if (!page.last) return landed;
  for (const Stream stream : core::kStreams) {
    if (!lands_in(stream, page.scope)) continue;
    int64_t seq = 0;  // of a stream that the hub has not seen, or no longer
    for (const core::Mark& mark : page.marks)
      if (mark.stream == stream) seq = mark.at;
    TILL_TRY(const auto hash, hash_at(tx, stream, seq));
    if (hash) landed.emplace_back(stream, outbox::Anchor{seq, *hash});
  }
  return landed;
}

Result<bool> Replica::has_news(sqlite::Connection& db, const core::Page& page) const {
  TILL_TRY(const ScopeRow known, get_scope(db, page.scope));
  const core::ScopeState& state = known.state;
  if (!page.items.empty() || state.shadow || page.gc_rev != state.gc_rev) return true;
  if (page.to != state.cursor || page.head != state.head) return true;
  if (page.digest) {
    const int64_t age_ms = clock_.now().ms - known.matched_at.value_or(Time{}).ms;
    if (*page.digest != known.digest || age_ms < 0 || age_ms > kNoteMatchEvery_ms) return true;
  }
  for (const core::Mark& mark : page.marks) {
    TILL_TRY(const auto marks, outbox::get_marks(db, mark.stream));
    if (lands_in(mark.stream, page.scope) && marks.landed.seq != mark.at) return true;
  }
  TILL_TRY(const bool holds, outbox::holds_any(db));
  return holds || !page.held.empty();
}

Result<core::Event> Replica::keep(sqlite::Connection& tx, const core::Page& page) {
  const std::lock_guard lock(mutex_);
  TILL_TRY(ScopeRow scope, get_scope(tx, page.scope));
  if (page.from == scope.state.cursor) {
    TILL_TRY(const auto diverged, other_stream(tx, page));
    if (diverged) return core::Event(core::Diverged{*diverged});
    TILL_TRY(const auto landed, landed_by(tx, page));
    TILL_TRY(scope, PageKeeper(tx, identity_, journal_, clock_.now()).keep(page, scope, landed));
  }
  TILL_TRY(auto event, kept(tx, page.scope, scope));
  return core::Event(std::move(event));
}

Result<core::Kept> Replica::start_over(sqlite::Connection& tx, Scope scope) {
  TILL_TRY(const ScopeRow before, get_scope(tx, scope));
  TILL_TRY(const ScopeRow after, node::start_over(tx, scope, before));
  return kept(tx, scope, after);
}

Result<core::Kept> Replica::kept(sqlite::Connection& db, Scope scope, const ScopeRow& row) const {
  core::Kept event{.scope = scope, .state = row.state, .landed = {}};
  for (const Stream stream : core::kStreams) {
    TILL_TRY(const auto marks, outbox::get_marks(db, stream));
    event.landed[core::index_of(stream)] = marks.landed.seq;
  }
  return event;
}

// ---- lives

Status Replica::note_hub(sqlite::Connection& tx, const core::HubEpoch& hub_epoch) {
  return tx.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('hub_epoch', ?)", hub_epoch);
}

Result<core::Forked> Replica::fork(sqlite::Connection& tx) {
  const std::lock_guard lock(mutex_);
  TILL_CHECK(store::begin_epoch(tx, random_, clock_.now()));
  TILL_TRY(auto state, load_state(tx));
  TILL_CHECK(read_life(tx));  // last, with the counters: what memory says now holds only if this is committed
  TILL_CHECK(journal_.load(tx));
  return core::Forked{std::move(state)};
}

Status Replica::reload(sqlite::Connection& db) {
  const std::lock_guard lock(mutex_);
  return read_life(db);
}

Status Replica::read_life(sqlite::Connection& db) {
  hashes_ = {};
  TILL_TRY(const auto now, store::find_identity(db));
  if (!now) return Error{.message = "The database has no identity"};
  // Names never change, and other threads read them: only what belongs to the epoch is replaced.
  identity_.version_base = now->version_base;
  identity_.epoch_row = now->epoch_row;
  identity_.epoch = now->epoch;
  identity_.epoch_tag = now->epoch_tag;
  identity_.sale_base = now->sale_base;
  return {};
}

}  // namespace till::node
