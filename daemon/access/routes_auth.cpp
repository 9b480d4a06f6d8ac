// /api/v1/auth: log-in and out, refresh, the own password, the own sessions (20-api, Resources).
#include "access/routes.h"

namespace till::access {
namespace {

using domain::Role;
using http::Lane;
using http::Method;
using http::Outcome;
using http::Request;
using http::Route;

Result<Outcome> log_in(Sessions& sessions, const Request& request) {
  TILL_TRY(const auto typed, http::body<Credentials>(request));
  TILL_TRY(http::Work work, sessions.log_in(typed, request.address));
  return work;
}

Result<Outcome> refresh(Sessions& sessions, const Request& request) {
  TILL_TRY(const auto wanted, http::body<RefreshRequest>(request));
  return sessions.refresh(wanted.refresh_token, request.address);
}

Result<Outcome> log_out(Sessions& sessions, const Request& request) { return sessions.log_out(Actor::of(request)); }

Result<Outcome> list_sessions(Sessions& sessions, const Request& request) {
  TILL_TRY(const auto own, sessions.list(request.caller));
  return http::list_response(request, own, 0);
}

Result<Outcome> end_session(Sessions& sessions, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  return sessions.end(Actor::of(request), id);
}

Result<Outcome> me(Users& users, const Request& request) {
  TILL_TRY(const auto user, users.get_by_row(request.caller.user));
  return http::row_response(user);
}

Result<Outcome> change_password(Users& users, const Request& request) {
  TILL_TRY(const auto wanted, http::body<PasswordChange>(request));
  TILL_TRY(http::Work work, users.change_own_password(Actor::of(request), wanted));
  return work;
}

/// A few a minute by address: here passwords are guessed.
Route strict(Route route) {
  route.limit = http::Limit::strict;
  return route;
}

/// Also for who must change his password first.
Route open(Route route) {
  route.open_to_restricted = true;
  return route;
}

}  // namespace

http::Routes auth_routes(Sessions& sessions, Users& users) {
  auto session = [&sessions](Result<Outcome> (*handler)(Sessions&, const Request&)) {
    return [&sessions, handler](Request& request) { return handler(sessions, request); };
  };
  auto user = [&users](Result<Outcome> (*handler)(Users&, const Request&)) {
    return [&users, handler](Request& request) { return handler(users, request); };
  };
  const Schema* login = answer_schema<LoginAnswer>();
  const Schema* row = answer_schema<domain::User>();
  // clang-format off
  return {
    strict(route(Method::post, "/api/v1/auth/login", {}, Lane::slow, "auth.login",
        "Logs in with e-mail address and password", session(log_in))
        .takes(answer_schema<Credentials>()).gives(login)),
    route(Method::post, "/api/v1/auth/refresh", {}, Lane::write, "auth.refresh",
        "Changes a refresh token for new tokens; used twice, its session ends", session(refresh))
        .takes(answer_schema<RefreshRequest>()).gives(login),
    open(route(Method::post, "/api/v1/auth/logout", Role::customer, Lane::write, "auth.logout",
        "Ends the session; its tokens are dead at once", session(log_out))
        .gives(nullptr, 204)),
    open(route(Method::get, "/api/v1/auth/me", Role::customer, Lane::read, "auth.me",
        "Who is logged in", user(me)).gives(row)),
    open(strict(route(Method::post, "/api/v1/auth/password", Role::customer, Lane::slow, "auth.password",
        "Changes the own password; ends all other own sessions", user(change_password))
        .takes(answer_schema<PasswordChange>()).gives(row))),
    route(Method::get, "/api/v1/auth/sessions", Role::customer, Lane::read, "auth.sessions",
        "The own sessions, oldest first", session(list_sessions))
        .gives(http::list_schema<Session>()),
    route(Method::del, "/api/v1/auth/sessions/{id}", Role::customer, Lane::write, "auth.end_session",
        "Ends one of the own sessions", session(end_session))
        .gives(nullptr, 204),
  };
  // clang-format on
}

}  // namespace till::access
