#include "sync/hub/nodes.h"

#include <algorithm>

namespace till::hub {
namespace {

constexpr const char* kSelectNode =
    "SELECT n.row, n.store, s.name, n.name, n.key, n.epoch, n.build, n.clock_offset_ms, n.first_seen, n.last_seen,"
    " n.revoked FROM nodes n JOIN stores s ON s.row = n.store ";
constexpr const char* kSelectStream =
    "SELECT row, node, epoch, stream, head, applied, hash, backed, receipt FROM streams ";

Node read_node(const sqlite::Query& query) {
  Node n;
  query.read(n.row, n.store_row, n.store, n.name, n.key, n.epoch, n.build, n.clock_offset_ms, n.first_seen, n.last_seen,
             n.revoked);
  return n;
}

StreamRow read_stream(const sqlite::Query& query) {
  StreamRow s;
  query.read(s.row, s.node, s.epoch, s.stream, s.head, s.applied, s.hash, s.backed, s.receipt);
  return s;
}

Result<int64_t> store_row(sqlite::Connection& db, const std::string& name, Time now) {
  TILL_CHECK(db.run("INSERT INTO stores (name, first_seen) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", name, now));
  TILL_TRY(const auto row, (db.value<int64_t>("SELECT row FROM stores WHERE name = ?", name)));
  return row.value_or(0);
}

}  // namespace

Result<std::optional<Node>> find_node(sqlite::Connection& db, const core::NodeName& name) {
  static const std::string sql = std::string(kSelectNode) + "WHERE s.name = ? AND n.name = ?";
  auto query = db.query(sql.c_str(), name.store, name.node);
  std::optional<Node> node;
  if (query.next()) node = read_node(query);
  TILL_CHECK(query.status());
  return node;
}

Result<std::vector<Node>> list_nodes(sqlite::Connection& db) {
  static const std::string sql = std::string(kSelectNode) + "ORDER BY s.name, n.name";
  auto query = db.query(sql.c_str());
  std::vector<Node> nodes;
  while (query.next()) nodes.push_back(read_node(query));
  TILL_CHECK(query.status());
  return nodes;
}

Result<Node> greet_node(sqlite::Connection& db, const core::NodeName& name, const core::Hello& hello, Time now) {
  TILL_TRY(const int64_t store, store_row(db, name.store, now));
  TILL_CHECK(
      db.run("INSERT INTO nodes (store, name, key, epoch, build, clock_offset_ms, first_seen, last_seen)"
             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7) ON CONFLICT (store, name) DO UPDATE SET key = coalesce(key, ?3),"
             " epoch = ?4, build = ?5, clock_offset_ms = ?6, last_seen = ?7",
             store, name.node, hello.key, hello.session.epoch, hello.build, hello.clock.ms - now.ms, now));
  TILL_TRY(auto node, find_node(db, name));
  TILL_ASSERT(node.has_value());
  return std::move(*node);
}

Status set_revoked(sqlite::Connection& db, int64_t node, bool revoked) {
  return db.run("UPDATE nodes SET revoked = ? WHERE row = ?", revoked, node);
}

Status forget_key(sqlite::Connection& db, int64_t node) {
  return db.run("UPDATE nodes SET key = NULL WHERE row = ?", node);
}

Result<std::optional<StreamRow>> find_stream(sqlite::Connection& db, int64_t node, const core::Epoch& epoch,
                                             core::Stream stream) {
  static const std::string sql = std::string(kSelectStream) + "WHERE node = ? AND epoch = ? AND stream = ?";
  auto query = db.query(sql.c_str(), node, epoch, stream);
  std::optional<StreamRow> found;
  if (query.next()) found = read_stream(query);
  TILL_CHECK(query.status());
  return found;
}

Result<std::vector<StreamRow>> list_streams(sqlite::Connection& db, int64_t node, const core::Epoch& epoch) {
  static const std::string sql = std::string(kSelectStream) + "WHERE node = ? AND epoch = ? ORDER BY stream";
  auto query = db.query(sql.c_str(), node, epoch);
  std::vector<StreamRow> streams;
  while (query.next()) streams.push_back(read_stream(query));
  TILL_CHECK(query.status());
  return streams;
}

Result<StreamRow> add_stream(sqlite::Connection& db, int64_t node, const core::Epoch& epoch, core::Stream stream) {
  TILL_CHECK(db.run(
      "INSERT INTO streams (node, epoch, stream, head, applied, hash, backed, receipt) VALUES (?, ?, ?, 0, 0, ?, 0, ?)",
      node, epoch, stream, core::stream_start(epoch, stream), core::Hash{}));
  TILL_TRY(auto made, find_stream(db, node, epoch, stream));
  TILL_ASSERT(made.has_value());
  return std::move(*made);
}

Status save_stream(sqlite::Connection& db, const StreamRow& s) {
  return db.run("UPDATE streams SET head = ?, applied = ?, hash = ?, receipt = ? WHERE row = ?", s.head, s.applied,
                s.hash, s.receipt, s.row);
}

Status skip_lost(sqlite::Connection& db, StreamRow& stream, int64_t lost, Time now) {
  TILL_CHECK(db.run("INSERT INTO gaps (stream, first, last, at) VALUES (?, ?, ?, ?)", stream.row, stream.applied + 1,
                    lost, now));
  stream.applied = lost;
  stream.head = std::max(stream.head, lost);
  stream.hash.reset();
  return save_stream(db, stream);
}

Result<core::Mark> mark_of(sqlite::Connection& db, const StreamRow& s, int64_t named) {
  core::Mark mark{.stream = s.stream, .applied = s.applied, .at = 0, .hash = core::stream_start(s.epoch, s.stream)};
  mark.backed = s.backed;
  if (s.hash && s.applied <= named) {
    mark.at = s.applied;
    mark.hash = *s.hash;
    return mark;
  }
  auto query = db.query("SELECT seq, hash FROM seqs WHERE stream = ? AND seq <= ? ORDER BY seq DESC LIMIT 1", s.row,
                        std::min(s.applied, named));
  if (query.next()) query.read(mark.at, mark.hash);
  TILL_CHECK(query.status());
  return mark;
}

Result<std::vector<core::Mark>> marks_of(sqlite::Connection& db, int64_t node, const core::Epoch& epoch,
                                         const core::Seqs& named) {
  TILL_TRY(const auto streams, list_streams(db, node, epoch));
  std::vector<core::Mark> marks;
  for (const StreamRow& stream : streams) {
    TILL_TRY(auto mark, mark_of(db, stream, named[core::index_of(stream.stream)]));
    marks.push_back(mark);
  }
  return marks;
}

Result<std::optional<core::Hash>> hash_at(sqlite::Connection& db, int64_t stream, int64_t seq) {
  return db.value<core::Hash>("SELECT hash FROM seqs WHERE stream = ? AND seq = ?", stream, seq);
}

}  // namespace till::hub
