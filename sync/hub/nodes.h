// The nodes the hub knows, and how far it is with their streams. A node is known by the name in its topic; a copy of
// it, or its database restored, is another epoch with streams of its own. Writes are jobs of the writer.
#pragma once

#include "base/codec.h"
#include "sqlite/connection.h"
#include "sync/core/topics.h"

namespace till::hub {

struct Node {
  int64_t row = 0;
  int64_t store_row = 0;
  std::string store, name;
  std::optional<core::Key> key{};
  core::Epoch epoch{};  // of its newest hello
  std::string build{};
  int64_t clock_offset_ms = 0;  // its clock less ours
  Time first_seen{}, last_seen{};
  bool revoked = false;
};

struct StreamRow {
  int64_t row = 0;
  int64_t node = 0;
  core::Epoch epoch{};
  core::Stream stream = core::Stream::sale;
  int64_t head = 0;                  // the highest seq it named
  int64_t applied = 0;               // all up to here came, or are lost
  std::optional<core::Hash> hash{};  // at applied; nullopt: lost there, the next may follow anything (A7)
  int64_t backed = 0;
  core::Hash receipt{};  // journal hash of the last receipt that came in it
};

Result<std::optional<Node>> find_node(sqlite::Connection& db, const core::NodeName& name);
Result<std::vector<Node>> list_nodes(sqlite::Connection& db);
/// Makes the node, and its store, or notes its hello: epoch, build, clock, time. A key is taken if it has none.
Result<Node> greet_node(sqlite::Connection& db, const core::NodeName& name, const core::Hello& hello, Time now);
/// A revoked node is answered nothing but that it is.
Status set_revoked(sqlite::Connection& db, int64_t node, bool revoked);
/// The next hello on loopback brings another key: for a till that was set up anew.
Status forget_key(sqlite::Connection& db, int64_t node);

Result<std::optional<StreamRow>> find_stream(sqlite::Connection& db, int64_t node, const core::Epoch& epoch,
                                             core::Stream stream);
/// All streams of a node's epoch.
Result<std::vector<StreamRow>> list_streams(sqlite::Connection& db, int64_t node, const core::Epoch& epoch);
Result<StreamRow> add_stream(sqlite::Connection& db, int64_t node, const core::Epoch& epoch, core::Stream stream);
/// Writes head, applied, hash and receipt.
Status save_stream(sqlite::Connection& db, const StreamRow& stream);
/// Everything after applied up to `lost` is gone at its node (A7): the gap is noted, the stream goes on behind it.
Status skip_lost(sqlite::Connection& db, StreamRow& stream, int64_t lost, Time now);

/// What an answer says of a stream, with the hash at the highest seq up to `named` that came (A1).
Result<core::Mark> mark_of(sqlite::Connection& db, const StreamRow& stream, int64_t named);
/// The marks of all streams of an epoch.
Result<std::vector<core::Mark>> marks_of(sqlite::Connection& db, int64_t node, const core::Epoch& epoch,
                                         const core::Seqs& named);
/// The hash of a seq that came.
Result<std::optional<core::Hash>> hash_at(sqlite::Connection& db, int64_t stream, int64_t seq);

}  // namespace till::hub
