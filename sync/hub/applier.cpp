#include "sync/hub/applier.h"

#include <algorithm>

#include "base/log.h"

namespace till::hub {
namespace {

using core::Envelope;

int64_t last_seq(const core::Up& up) { return up.first + static_cast<int64_t>(up.envelopes.size()) - 1; }

// True if the batch goes on where the stream stands, or repeats what is here.
Result<bool> is_follower(sqlite::Connection& db, const StreamRow& stream, const core::Up& up) {
  if (up.first > stream.applied + 1) return false;
  if (up.first == stream.applied + 1) return !stream.hash || up.former == *stream.hash;
  const int64_t common = std::min(stream.applied, last_seq(up));
  if (common < up.first) return true;  // it is empty
  TILL_TRY(const auto ours, hash_at(db, stream.row, common));
  return !ours || *ours == up.envelopes[static_cast<size_t>(common - up.first)].hash;
}

Result<bool> is_known(sqlite::Connection& db, const Uuid& uid) {
  TILL_TRY(const auto found, (db.value<int64_t>("SELECT 1 FROM seqs WHERE uid = ? LIMIT 1", uid.bytes)));
  return found.has_value();
}

Result<Applied> apply_envelope(Tx& tx, Source& source, const Envelope& envelope) {
  tx.revs.begin(envelope.uid, envelope.kind);
  if (envelope.schema != core::kBodySchema) return Applied{.refused = "unknown_schema"};
  return envelope.kind == core::Kind::edit ? apply_edit_envelope(tx, source, envelope)
                                           : book_fact(tx, source, envelope);
}

Status quarantine(Tx& tx, const Source& source, const Envelope& envelope, const Applied& why) {
  log::warning("an envelope is quarantined",
               {{"envelope_id", envelope.uid}, {"node", source.node}, {"seq", envelope.seq}, {"reason", why.refused}});
  return hold(
      tx.db,
      {.stream = source.stream, .envelope = envelope, .reason = why.refused, .waits_for = why.waits_for, .at = tx.now});
}

Result<Held> find_waiting(sqlite::Connection& db, const Uuid& uid) {
  TILL_TRY(auto held, find_held(db, uid));
  if (!held) return Error{.code = Code::not_found, .message = "There is no such envelope in quarantine"};
  if (held->status != HeldStatus::waiting)
    return Error{.code = Code::conflict, .message = "This envelope does not wait any more", .reason = "not_waiting"};
  return std::move(*held);
}

Result<Source> source_of(sqlite::Connection& db, const Held& held) {
  TILL_TRY(const auto store, (db.value<int64_t>("SELECT row FROM stores WHERE name = ?", held.store)));
  return Source{.stream = held.stream, .store = store.value_or(kTenant), .node = held.node};
}

}  // namespace

Result<core::Welcome> Applier::welcome(sqlite::Connection& db, const core::NodeName& name,
                                       const core::Hello& hello) const {
  core::Welcome welcome{.session = hello.session};
  welcome.session.hub_epoch = identity_.epoch;
  TILL_TRY(const Node node, greet_node(db, name, hello, clock_.now()));
  if (node.revoked) {
    welcome.verdict = core::Verdict::revoked;
    return welcome;
  }
  for (const core::Stream kind : core::kStreams) {
    const size_t i = core::index_of(kind);
    TILL_TRY(auto stream, find_stream(db, node.row, hello.session.epoch, kind));
    if (!stream) {
      TILL_TRY(stream, add_stream(db, node.row, hello.session.epoch, kind));
    }
    if (hello.lost[i] > stream->applied) TILL_CHECK(skip_lost(db, *stream, hello.lost[i], clock_.now()));
    if (hello.heads[i] > stream->head) {
      stream->head = hello.heads[i];
      TILL_CHECK(save_stream(db, *stream));
    }
  }
  TILL_TRY(welcome.marks, marks_of(db, node.row, hello.session.epoch, hello.heads));
  return welcome;
}

Result<std::optional<StreamRow>> Applier::stream_of(sqlite::Connection& db, const core::NodeName& name,
                                                    const core::Session& session, core::Stream stream) const {
  if (session.hub_epoch != identity_.epoch) return std::optional<StreamRow>{};
  TILL_TRY(const auto node, find_node(db, name));
  if (!node) return std::optional<StreamRow>{};
  if (node->revoked) return Error{.code = Code::forbidden, .message = "This node is revoked", .reason = "revoked"};
  return find_stream(db, node->row, session.epoch, stream);
}

Result<Way> Applier::note(sqlite::Connection& db, const core::NodeName& name, const core::Up& up, bool alone) const {
  TILL_TRY(const auto stream, stream_of(db, name, up.session, up.stream));
  if (!stream || last_seq(up) <= stream->applied) return Way::whole;  // nothing of it will be tried
  const int64_t seq = std::max(up.first, stream->applied + 1);        // what it will be tried from
  TILL_TRY(const auto in_parts,
           (db.value<int64_t>("SELECT 1 FROM attempts WHERE stream = ? AND seq = ? AND alone = 1", stream->row, seq)));
  if (in_parts && !alone) return Way::apart;
  TILL_CHECK(
      db.run("INSERT INTO attempts (stream, seq, alone, tries) VALUES (?, ?, ?, 1)"
             " ON CONFLICT (stream, seq, alone) DO UPDATE SET tries = tries + 1",
             stream->row, seq, alone));
  TILL_TRY(const auto tries, (db.value<int64_t>("SELECT tries FROM attempts WHERE stream = ? AND seq = ? AND alone = ?",
                                                stream->row, seq, alone)));
  if (tries.value_or(1) < kMaxTries) return Way::whole;
  return alone ? Way::unseen : Way::apart;
}

Status Applier::forget_try(sqlite::Connection& db, const core::NodeName& name, const core::Up& up) const {
  TILL_TRY(const auto stream, stream_of(db, name, up.session, up.stream));
  if (!stream) return {};
  return db.run("DELETE FROM attempts WHERE stream = ? AND seq BETWEEN ? AND ?", stream->row, up.first, last_seq(up));
}

Result<core::Ack> Applier::apply(sqlite::Connection& db, const core::NodeName& name, const core::Up& up,
                                 Way way) const {
  core::Ack ack{.session = up.session, .mark = {.stream = up.stream}};
  ack.session.hub_epoch = identity_.epoch;
  TILL_TRY(auto stream, stream_of(db, name, up.session, up.stream));
  if (!stream) {
    ack.rehello = true;
    return ack;
  }
  TILL_TRY(const bool follows, is_follower(db, *stream, up));
  ack.gap = !follows;
  if (!follows) TILL_CHECK(forget_try(db, name, up));
  if (follows && last_seq(up) > stream->applied) {
    Tx tx(db, ids_, clock_.now());
    TILL_CHECK(apply_new(tx, name, *stream, up, way));
    TILL_CHECK(tx.revs.save());
  }
  TILL_TRY(ack.mark, mark_of(db, *stream, std::max(last_seq(up), up.first - 1)));
  return ack;
}

Status Applier::apply_new(Tx& tx, const core::NodeName& name, StreamRow& stream, const core::Up& up, Way way) const {
  TILL_TRY(const auto store, (tx.db.value<int64_t>("SELECT row FROM stores WHERE name = ?", name.store)));
  Source source{.stream = stream.row, .store = store.value_or(kTenant), .node = name.node, .receipt = stream.receipt};
  for (const Envelope& envelope : up.envelopes) {
    if (envelope.seq <= stream.applied) continue;
    TILL_TRY(const bool known, is_known(tx.db, envelope.uid));
    if (!known) {
      TILL_TRY(const Applied applied,
               way == Way::unseen ? Applied{.refused = "brings_the_hub_down"} : apply_envelope(tx, source, envelope));
      if (!applied.refused.empty()) TILL_CHECK(quarantine(tx, source, envelope, applied));
    }
    TILL_CHECK(tx.db.run("INSERT INTO seqs (stream, seq, uid, hash) VALUES (?, ?, ?, ?)", stream.row, envelope.seq,
                         envelope.uid.bytes, envelope.hash));
  }
  TILL_CHECK(
      tx.db.run("DELETE FROM attempts WHERE stream = ? AND seq BETWEEN ? AND ?", stream.row, up.first, last_seq(up)));
  stream.applied = last_seq(up);
  stream.hash = up.envelopes.back().hash;
  stream.head = std::max(stream.head, stream.applied);
  stream.receipt = source.receipt;
  return save_stream(tx.db, stream);
}

Result<Held> Applier::retry(sqlite::Connection& db, const Uuid& uid) const {
  TILL_TRY(Held held, find_waiting(db, uid));
  TILL_TRY(Source source, source_of(db, held));
  Tx tx(db, ids_, clock_.now());
  TILL_TRY(const Applied applied, apply_envelope(tx, source, held.envelope));
  held.status = applied.refused.empty() ? HeldStatus::applied : HeldStatus::waiting;
  held.reason = applied.refused;
  held.waits_for = applied.waits_for;
  TILL_CHECK(change_held(db, held));
  TILL_CHECK(tx.revs.save());
  return held;
}

Result<Held> Applier::ignore(sqlite::Connection& db, const Uuid& uid, const std::string& reason) const {
  TILL_TRY(Held held, find_waiting(db, uid));
  TILL_TRY(Source source, source_of(db, held));
  Tx tx(db, ids_, clock_.now());
  if (held.envelope.kind != core::Kind::edit) {
    TILL_TRY(const int64_t before, on_hand_of(db, source.store, held.envelope));
    TILL_TRY(const Applied applied, apply_envelope(tx, source, held.envelope));
    if (applied.fact) TILL_CHECK(book_counter(tx, source, held.envelope, before, "ignored: " + reason));
  }
  held.status = HeldStatus::ignored;
  held.note = reason;
  TILL_CHECK(change_held(db, held));
  TILL_CHECK(tx.revs.save());
  return held;
}

std::vector<core::Up> taken_apart(const core::Up& up) {
  std::vector<core::Up> parts;
  core::Hash former = up.former;
  for (const Envelope& envelope : up.envelopes) {
    parts.push_back({up.session, up.stream, former, envelope.seq, {envelope}});
    former = envelope.hash;
  }
  return parts;
}

}  // namespace till::hub
