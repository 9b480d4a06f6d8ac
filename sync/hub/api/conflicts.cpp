// The journal of clashes: read, decided by hand, or replayed under another policy.
#include "sync/hub/api/routes.h"
#include "sync/hub/resolving.h"

namespace till::hub::api {
namespace {

struct ShownConflict {
  Uuid id{};
  core::ConflictStatus status{};
  core::ClashKind kind{};
  core::Entity entity{};
  Uuid row_id{};
  std::string field_name;
  JsonText base, ours, theirs;
  Merge policy{};
  core::Winner winner{};
  std::string node;
  Uuid user_id{};
  Time at{};
  Uuid envelope_id{};

  static constexpr std::string_view kName = "SyncConflict";
  static constexpr auto fields() {
    return std::tuple(
        field("id", &ShownConflict::id), field("status", &ShownConflict::status), field("kind", &ShownConflict::kind),
        field("entity", &ShownConflict::entity), field("row_id", &ShownConflict::row_id),
        field("field", &ShownConflict::field_name), field("base", &ShownConflict::base).doc("what the author saw"),
        field("ours", &ShownConflict::ours).doc("what headquarters had"),
        field("theirs", &ShownConflict::theirs).doc("what the edit wanted"), field("policy", &ShownConflict::policy),
        field("winner", &ShownConflict::winner), field("node", &ShownConflict::node).doc("that made the edit"),
        field("user_id", &ShownConflict::user_id), field("at", &ShownConflict::at),
        field("envelope_id", &ShownConflict::envelope_id).doc("the order, movement or edit that clashed"));
  }
};

// Values are JSON already; an absent one is null.
JsonText value_of(const std::string& text) { return parse_json(text) ? JsonText{text} : JsonText{"null"}; }

ShownConflict shown(const ConflictRow& row) {
  const core::Conflict& e = row.entry;
  return {.id = e.id,
          .status = e.status,
          .kind = e.clash.kind,
          .entity = e.entity,
          .row_id = e.row,
          .field_name = e.clash.field,
          .base = value_of(e.clash.base),
          .ours = value_of(e.clash.ours),
          .theirs = value_of(e.clash.theirs),
          .policy = e.clash.policy,
          .winner = e.clash.winner,
          .node = e.node,
          .user_id = e.user,
          .at = e.at,
          .envelope_id = e.uid};
}

struct Resolution {
  core::Winner winner{};
  static constexpr std::string_view kName = "Resolution";
  static constexpr auto fields() { return std::tuple(field("winner", &Resolution::winner).required()); }
};

struct Replay {
  Merge policy{};
  static constexpr std::string_view kName = "ConflictReplay";
  static constexpr auto fields() { return std::tuple(field("policy", &Replay::policy).required()); }
};

HandlerResult list(const Office& office, const Request& request) {
  TILL_TRY(const domain::Slice slice, slice_of(request));
  ConflictFilter filter;
  TILL_TRY(filter.status, http::enum_query<core::ConflictStatus>(request, "status"));
  TILL_TRY(filter.kind, http::enum_query<core::ClashKind>(request, "kind"));
  TILL_TRY(auto* db, office.read());
  TILL_TRY(const auto page, list_conflicts(*db, filter, slice));
  std::vector<ShownConflict> items;
  for (const ConflictRow& row : page.items) items.push_back(shown(row));
  return http::list_response(request, items, page.next);
}

HandlerResult get(const Office& office, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(auto* db, office.read());
  TILL_TRY(const auto found, find_conflict(*db, id));
  if (!found) return Error{.code = Code::not_found, .message = "There is no such conflict"};
  return http::row_response(shown(*found));
}

HandlerResult resolve(const Office& office, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(const Resolution wanted, http::body<Resolution>(request));
  return work(
      office,
      [&office, id, wanted, user = request.caller.id](sqlite::Connection& db) {
        Tx tx(db, office.ids, office.clock.now());
        return resolve_conflict(tx, office.catalogue, id, wanted.winner, user);
      },
      [](const ConflictRow& row) { return http::row_response(shown(row)); });
}

HandlerResult replay(const Office& office, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(const Replay wanted, http::body<Replay>(request));
  return work(
      office,
      [&office, id, wanted, user = request.caller.id](sqlite::Connection& db) {
        Tx tx(db, office.ids, office.clock.now());
        return replay_conflict(tx, office.catalogue, id, wanted.policy, user);
      },
      [](const ConflictRow& row) { return http::row_response(shown(row)); });
}

}  // namespace

Routes conflict_routes(const Office& office) {
  const Schema* entry = answer_schema<ShownConflict>();
  // clang-format off
  return {
    route(Method::get, "/api/v1/sync/conflicts", Role::manager, Lane::slow, "sync.conflicts", "What clashed and who won, newest first", with(office, list))
        .knows({"limit", "cursor", "status", "kind"}).gives(http::list_schema<ShownConflict>()),
    route(Method::get, "/api/v1/sync/conflicts/{id}", Role::manager, Lane::read, "sync.conflict", "One entry of the journal", with(office, get)).gives(entry),
    route(Method::post, "/api/v1/sync/conflicts/{id}/resolve", Role::manager, Lane::write, "sync.resolve",
          "Decides by hand who wins", with(office, resolve)).takes(creation_schema<Resolution>()).gives(entry),
    route(Method::post, "/api/v1/sync/conflicts/{id}/replay", Role::manager, Lane::write, "sync.replay",
          "Decides as another policy would have", with(office, replay)).takes(creation_schema<Replay>()).gives(entry),
  };
  // clang-format on
}

}  // namespace till::hub::api
