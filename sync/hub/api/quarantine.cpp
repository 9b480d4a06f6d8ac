// Envelopes that could not be applied: looked at, tried again, or ignored with a reason.
#include "sync/hub/api/routes.h"

namespace till::hub::api {
namespace {

struct ShownHeld {
  Uuid id{};
  HeldStatus status{};
  core::Kind kind{};
  std::string reason;
  std::string store, node;
  int64_t seq = 0;
  std::optional<Uuid> waits_for;
  Time at{};
  std::string note;
  std::string body;

  static constexpr std::string_view kName = "QuarantinedEnvelope";
  static constexpr auto fields() {
    return std::tuple(
        field("id", &ShownHeld::id).doc("the order's, movement's or edit's"), field("status", &ShownHeld::status),
        field("kind", &ShownHeld::kind), field("reason", &ShownHeld::reason), field("store", &ShownHeld::store),
        field("node", &ShownHeld::node), field("seq", &ShownHeld::seq),
        field("waits_for", &ShownHeld::waits_for).doc("the row that an edit needs"), field("at", &ShownHeld::at),
        field("note", &ShownHeld::note).doc("why it was ignored"), field("body", &ShownHeld::body).doc("hexadecimal"));
  }
};

ShownHeld shown(const Held& held) {
  return {.id = held.envelope.uid,
          .status = held.status,
          .kind = held.envelope.kind,
          .reason = held.reason,
          .store = held.store,
          .node = held.node,
          .seq = held.envelope.seq,
          .waits_for = held.waits_for,
          .at = held.at,
          .note = held.note,
          .body = to_hex(held.envelope.body)};
}

struct Ignoring {
  std::string reason;
  static constexpr std::string_view kName = "Ignoring";
  static constexpr auto fields() { return std::tuple(field("reason", &Ignoring::reason).text(1, 150).required()); }
};

HandlerResult list(const Office& office, const Request& request) {
  TILL_TRY(const domain::Slice slice, slice_of(request));
  TILL_TRY(const auto all, http::bool_query(request, "all"));
  TILL_TRY(auto* db, office.read());
  TILL_TRY(const auto page, list_held(*db, !all.value_or(false), slice));
  std::vector<ShownHeld> items;
  for (const Held& held : page.items) items.push_back(shown(held));
  return http::list_response(request, items, page.next);
}

HandlerResult get(const Office& office, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(auto* db, office.read());
  TILL_TRY(const auto held, find_held(*db, id));
  if (!held) return Error{.code = Code::not_found, .message = "There is no such envelope in quarantine"};
  return http::row_response(shown(*held));
}

HandlerResult retry(const Office& office, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  return work(
      office, [&office, id](sqlite::Connection& db) { return office.applier.retry(db, id); },
      [](const Held& held) { return http::row_response(shown(held)); });
}

HandlerResult ignore(const Office& office, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(const Ignoring wanted, http::body<Ignoring>(request));
  return work(
      office, [&office, id, wanted](sqlite::Connection& db) { return office.applier.ignore(db, id, wanted.reason); },
      [](const Held& held) { return http::row_response(shown(held)); });
}

}  // namespace

Routes quarantine_routes(const Office& office) {
  const Schema* entry = answer_schema<ShownHeld>();
  // clang-format off
  return {
    route(Method::get, "/api/v1/sync/quarantine", Role::manager, Lane::slow, "sync.quarantine", "What could not be applied, newest first", with(office, list))
        .knows({"limit", "cursor", "fields", "all"}).gives(http::list_schema<ShownHeld>()),
    route(Method::get, "/api/v1/sync/quarantine/{id}", Role::manager, Lane::read, "sync.held", "One envelope, whole", with(office, get)).gives(entry),
    route(Method::post, "/api/v1/sync/quarantine/{id}/retry", Role::manager, Lane::write, "sync.retry",
          "Applies it again", with(office, retry)).gives(entry),
    route(Method::post, "/api/v1/sync/quarantine/{id}/ignore", Role::admin, Lane::write, "sync.ignore",
          "Books it and takes it back, so that node and headquarters have the same", with(office, ignore))
        .takes(creation_schema<Ignoring>()).gives(entry),
  };
  // clang-format on
}

}  // namespace till::hub::api
