// The journal of clashes: read, decided by hand, or replayed under another policy.
#include "sync/core/conflict_entry.h"
#include "sync/hub/api/routes.h"
#include "sync/hub/resolving.h"

namespace till::hub::api {
namespace {

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
  std::vector<core::ConflictEntry> items;
  for (const ConflictRow& row : page.items) items.push_back(core::entry_of(row.entry));
  return http::list_response(request, items, page.next);
}

HandlerResult get(const Office& office, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(auto* db, office.read());
  TILL_TRY(const auto found, find_conflict(*db, id));
  if (!found) return Error{.code = Code::not_found, .message = "There is no such conflict"};
  return http::row_response(core::entry_of(found->entry));
}

// An operator decides, one way or the other: `decide` is a verb of resolving.h, `answer` what its body says.
template <class Body, class Answer>
HandlerResult settle(const Office& office, const Request& request, Answer Body::*answer,
                     Result<ConflictRow> (*decide)(Tx&, const Catalogue&, const Uuid&, Answer, const Uuid&)) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(const Body body, http::body<Body>(request));
  return work(
      office,
      [&office, id, decide, wanted = body.*answer, user = request.caller.id](sqlite::Connection& db) {
        Tx tx(db, office.ids, office.clock.now());
        return decide(tx, office.catalogue, id, wanted, user);
      },
      [](const ConflictRow& row) { return http::row_response(core::entry_of(row.entry)); });
}

HandlerResult resolve(const Office& office, const Request& request) {
  return settle(office, request, &Resolution::winner, &resolve_conflict);
}

HandlerResult replay(const Office& office, const Request& request) {
  return settle(office, request, &Replay::policy, &replay_conflict);
}

}  // namespace

Routes conflict_routes(const Office& office) {
  const Schema* entry = answer_schema<core::ConflictEntry>();
  // clang-format off
  return {
    route(Method::get, "/api/v1/sync/conflicts", Role::manager, Lane::slow, "sync.conflicts", "What clashed and who won, newest first", with(office, list))
        .knows({"limit", "cursor", "fields", "status", "kind"}).gives(http::list_schema<core::ConflictEntry>()),
    route(Method::get, "/api/v1/sync/conflicts/{id}", Role::manager, Lane::read, "sync.conflict", "One entry of the journal", with(office, get)).gives(entry),
    route(Method::post, "/api/v1/sync/conflicts/{id}/resolve", Role::manager, Lane::write, "sync.resolve",
          "Decides by hand who wins", with(office, resolve)).takes(creation_schema<Resolution>()).gives(entry),
    route(Method::post, "/api/v1/sync/conflicts/{id}/replay", Role::manager, Lane::write, "sync.replay",
          "Decides as another policy would have", with(office, replay)).takes(creation_schema<Replay>()).gives(entry),
  };
  // clang-format on
}

}  // namespace till::hub::api
