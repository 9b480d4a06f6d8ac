// /api/v1/users and /api/v1/audit (20-api, Resources).
#include "access/routes.h"

namespace till::access {
namespace {

using domain::Role;
using domain::User;
using http::Lane;
using http::Method;
using http::Outcome;
using http::Request;

Result<Outcome> list(const Storage& reading, const Request& request) {
  TILL_TRY(const domain::Slice slice, slice_of(request));
  UserFilter filter;
  TILL_TRY(filter.role, http::enum_query<Role>(request, "role"));
  TILL_TRY(filter.active, http::bool_query(request, "active"));
  if (const std::string* words = request.query_value("q")) filter.words = lower_case(*words);
  TILL_TRY(const auto page, reading.list_users(filter, slice));
  return http::list_response(request, page);
}

Result<Outcome> list_audit(const Storage& reading, const Request& request) {
  TILL_TRY(const domain::Slice slice, slice_of(request));
  AuditFilter filter;
  TILL_TRY(filter.user_id, http::id_query(request, "user_id"));
  TILL_TRY(filter.subject_id, http::id_query(request, "subject_id"));
  TILL_TRY(filter.action, http::enum_query<Action>(request, "action"));
  TILL_TRY(const auto page, reading.list_audit(filter, slice));
  return http::list_response(request, page);
}

Result<Outcome> get(Users& users, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(const User user, users.get(id));
  return http::row_response(user);
}

Result<Outcome> add(Users& users, const Request& request) {
  TILL_TRY(NewUser wanted, http::body<NewUser>(request));
  TILL_TRY(http::Work work, users.add(Actor::of(request), std::move(wanted)));
  return work;
}

Result<Outcome> change(Users& users, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(auto wanted, http::change<User>(request));
  return users.change(Actor::of(request), id, std::move(wanted));
}

Result<Outcome> deactivate(Users& users, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(const int64_t version, http::expected_version(request, {}));
  return users.deactivate(Actor::of(request), id, version);
}

Result<Outcome> set_password(Users& users, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(const auto wanted, http::body<NewPassword>(request));
  TILL_TRY(http::Work work, users.set_password(Actor::of(request), id, wanted.password));
  return work;
}

}  // namespace

http::Route route(Method method, std::string_view path, std::optional<Role> role, Lane lane, std::string_view name,
                  std::string_view summary, http::Handler handler) {
  return {.method = method,
          .path = path,
          .role = role ? to_string(*role) : "public",
          .needs = role ? domain::right(*role) : 0,
          .lane = lane,
          .name = name,
          .summary = summary,
          .handler = std::move(handler)};
}

Result<domain::Slice> slice_of(const Request& request) {
  TILL_TRY(http::PageQuery page, http::page_query(request));
  return domain::Slice{.cursor = page.cursor, .limit = page.limit, .total = page.total, .after = std::move(page.after)};
}

/// The list is on the slow lane: parts of names have no index.
http::Routes user_routes(Users& users, const Storage& reading) {
  const Schema* row = answer_schema<User>();
  // clang-format off
  return {
    route(Method::get, "/api/v1/users", Role::manager, Lane::slow, "users.list",
        "Users in the order of their making; `q`: a part of name, e-mail address or phone",
        [&reading](Request& request) { return list(reading, request); })
        .knows(http::list_query({"role", "active", "q"})).gives(http::list_schema<User>()),
    route(Method::post, "/api/v1/users", Role::admin, Lane::slow, "users.create", "Adds a user", with(users, add))
        .takes(answer_schema<NewUser>()).gives(row, 201),
    route(Method::get, "/api/v1/users/{id}", Role::cashier, Lane::read, "users.get", "One user", with(users, get)).gives(row),
    route(Method::patch, "/api/v1/users/{id}", Role::admin, Lane::write, "users.change",
        "Changes some fields of the version you saw; the user's sessions follow at once", with(users, change))
        .takes(change_schema<User>()).gives(row).with_version(),
    route(Method::del, "/api/v1/users/{id}", Role::admin, Lane::write, "users.deactivate",
        "Deactivates the version you saw and ends the user's sessions", with(users, deactivate))
        .gives(nullptr, 204).with_version(),
    route(Method::post, "/api/v1/users/{id}/password", Role::admin, Lane::slow, "users.set_password",
        "Gives a user a new password and ends the user's sessions", with(users, set_password))
        .takes(answer_schema<NewPassword>()).gives(row),
  };
  // clang-format on
}

/// On the slow lane: the log has no indexes but its order.
http::Routes audit_routes(const Storage& reading) {
  // clang-format off
  return {
    route(Method::get, "/api/v1/audit", Role::manager, Lane::slow, "audit.list",
        "Who did what, newest first", [&reading](Request& request) { return list_audit(reading, request); })
        .knows(http::list_query({"user_id", "subject_id", "action"})).gives(http::list_schema<AuditEntry>()),
  };
  // clang-format on
}

}  // namespace till::access
