// The nodes and their stores: how far each is, and whether it may speak at all.
#include <algorithm>
#include <iterator>

#include "sync/hub/api/routes.h"

namespace till::hub::api {
namespace {

struct ShownStream {
  std::string name;
  int64_t last_seq = 0;
  int64_t applied_seq = 0;
  int64_t lag = 0;
  int64_t backed_seq = 0;

  static constexpr auto fields() {
    return std::tuple(field("name", &ShownStream::name), field("last_seq", &ShownStream::last_seq).doc("it named"),
                      field("applied_seq", &ShownStream::applied_seq), field("lag", &ShownStream::lag),
                      field("backed_seq", &ShownStream::backed_seq).doc("in every backup that is kept"));
  }
};

struct ShownNode {
  std::string store, name;
  std::string epoch, build;
  int64_t clock_offset_ms = 0;
  Time first_seen{}, last_seen{};
  bool revoked = false;
  bool enrolled = false;
  std::vector<ShownStream> streams;

  static constexpr std::string_view kName = "Node";
  static constexpr auto fields() {
    return std::tuple(
        field("store", &ShownNode::store), field("name", &ShownNode::name),
        field("epoch", &ShownNode::epoch).doc("of its newest hello"), field("build", &ShownNode::build),
        field("clock_offset_ms", &ShownNode::clock_offset_ms).doc("its clock less headquarters'"),
        field("first_seen", &ShownNode::first_seen), field("last_seen", &ShownNode::last_seen).doc("its newest hello"),
        field("revoked", &ShownNode::revoked), field("enrolled", &ShownNode::enrolled).doc("its key is known"),
        field("streams", &ShownNode::streams));
  }
};

struct ShownStore {
  std::string name;
  int64_t nodes = 0;
  int64_t lag = 0;
  Time last_seen{};

  static constexpr std::string_view kName = "Store";
  static constexpr auto fields() {
    return std::tuple(field("name", &ShownStore::name), field("nodes", &ShownStore::nodes),
                      field("lag", &ShownStore::lag).doc("envelopes its nodes named that are not here"),
                      field("last_seen", &ShownStore::last_seen));
  }
};

Result<ShownNode> shown(sqlite::Connection& db, const Node& node) {
  ShownNode out{.store = node.store,
                .name = node.name,
                .epoch = to_hex(node.epoch),
                .build = node.build,
                .clock_offset_ms = node.clock_offset_ms,
                .first_seen = node.first_seen,
                .last_seen = node.last_seen,
                .revoked = node.revoked,
                .enrolled = node.key.has_value(),
                .streams = {}};
  TILL_TRY(const auto streams, list_streams(db, node.row, node.epoch));
  for (const StreamRow& s : streams)
    out.streams.push_back({std::string(to_string(s.stream)), s.head, s.applied, s.head - s.applied, s.backed});
  return out;
}

// The part of a whole list that a request asks for: a tenant has hundreds of nodes, not thousands, so the cursor is a
// count.
template <class Row>
HandlerResult part_of(const Request& request, std::vector<Row> all) {
  TILL_TRY(const domain::Slice slice, slice_of(request));
  const auto from = static_cast<size_t>(std::clamp<int64_t>(slice.cursor, 0, static_cast<int64_t>(all.size())));
  const size_t to = std::min(all.size(), from + static_cast<size_t>(slice.limit));
  const std::vector<Row> part(std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(from)),
                              std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(to)));
  return http::list_response(request, part, to < all.size() ? static_cast<int64_t>(to) : 0);
}

HandlerResult list(const Office& office, const Request& request) {
  TILL_TRY(auto* db, office.read());
  TILL_TRY(const auto nodes, list_nodes(*db));
  std::vector<ShownNode> all;
  for (const Node& node : nodes) {
    TILL_TRY(ShownNode one, shown(*db, node));
    all.push_back(std::move(one));
  }
  return part_of(request, std::move(all));
}

HandlerResult stores(const Office& office, const Request& request) {
  TILL_TRY(auto* db, office.read());
  TILL_TRY(const auto nodes, list_nodes(*db));  // by store
  std::vector<ShownStore> all;
  for (const Node& node : nodes) {
    if (all.empty() || all.back().name != node.store) all.push_back({.name = node.store});
    ShownStore& store = all.back();
    ++store.nodes;
    store.last_seen = std::max(store.last_seen, node.last_seen);
    TILL_TRY(const auto streams, list_streams(*db, node.row, node.epoch));
    for (const StreamRow& stream : streams) store.lag += stream.head - stream.applied;
  }
  return part_of(request, std::move(all));
}

using Decide = Status (*)(sqlite::Connection& db, int64_t node);

HandlerResult decide(const Office& office, const Request& request, Decide decision) {
  return work(
      office,
      [store = request.param("store"), name = request.param("node"),
       decision](sqlite::Connection& db) -> Result<ShownNode> {
        TILL_TRY(const auto nodes, list_nodes(db));
        for (const Node& node : nodes) {
          if (node.store != store || node.name != name) continue;
          TILL_CHECK(decision(db, node.row));
          TILL_TRY(const auto now, find_node(db, {{}, store, name}));
          return shown(db, *now);
        }
        return Error{.code = Code::not_found, .message = "There is no such node"};
      },
      [](const ShownNode& node) { return http::row_response(node); });
}

}  // namespace

Routes node_routes(const Office& office) {
  auto deciding = [&office](std::string_view path, std::string_view name, std::string_view summary, Decide decision) {
    return route(Method::post, path, Role::admin, Lane::write, name, summary,
                 [&office, decision](Request& request) { return decide(office, request, decision); })
        .gives(answer_schema<ShownNode>());
  };
  // clang-format off
  return {
    route(Method::get, "/api/v1/stores", Role::manager, Lane::slow, "stores.list", "The stores whose nodes have greeted", with(office, stores))
        .knows({"limit", "cursor", "fields"}).gives(http::list_schema<ShownStore>()),
    route(Method::get, "/api/v1/nodes", Role::manager, Lane::slow, "nodes.list", "The nodes that have greeted, and how far they are", with(office, list))
        .knows({"limit", "cursor", "fields"}).gives(http::list_schema<ShownNode>()),
    deciding("/api/v1/nodes/{store}/{node}/revoke", "nodes.revoke", "Takes nothing from this node any more",
             [](sqlite::Connection& db, int64_t node) { return set_revoked(db, node, true); }),
    deciding("/api/v1/nodes/{store}/{node}/admit", "nodes.admit", "Takes from this node again",
             [](sqlite::Connection& db, int64_t node) { return set_revoked(db, node, false); }),
    deciding("/api/v1/nodes/{store}/{node}/forget-key", "nodes.forget_key", "Its next hello brings a new key: for a till that was set up anew",
             [](sqlite::Connection& db, int64_t node) { return forget_key(db, node); }),
  };
  // clang-format on
}

}  // namespace till::hub::api
