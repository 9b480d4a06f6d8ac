// /api/v1/auth: log-in and out, registration, refresh, forgotten passwords, the own password, PIN and sessions (20-api,
// Resources).
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

Result<Outcome> log_in_by_pin(Sessions& sessions, const Request& request) {
  TILL_TRY(const auto typed, http::body<PinLogin>(request));
  TILL_TRY(http::Work work, sessions.log_in_by_pin(typed, till_token(request), request.address));
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

Result<Outcome> sign_up(Account& account, const Request& request) {
  TILL_TRY(SignUp wanted, http::body<SignUp>(request));
  TILL_TRY(http::Work work, account.sign_up(std::move(wanted), request.address));
  return work;
}

Result<Outcome> send_reset(Account& account, const Request& request) {
  TILL_TRY(const auto wish, http::body<ResetWish>(request));
  return account.send_reset(wish.email, request.address);
}

Result<Outcome> reset_password(Account& account, const Request& request) {
  TILL_TRY(const auto wanted, http::body<ResetRequest>(request));
  TILL_TRY(http::Work work, account.reset_password(wanted, request.address));
  return work;
}

Result<Outcome> me(Account& account, const Request& request) {
  TILL_TRY(const auto user, account.get(request.caller));
  return http::row_response(user);
}

Result<Outcome> change_password(Account& account, const Request& request) {
  TILL_TRY(const auto wanted, http::body<PasswordChange>(request));
  TILL_TRY(http::Work work, account.change_password(Actor::of(request), wanted));
  return work;
}

Result<Outcome> set_pin(Account& account, const Request& request) {
  TILL_TRY(const auto wanted, http::body<NewPin>(request));
  TILL_TRY(http::Work work, account.set_pin(Actor::of(request), wanted));
  return work;
}

Result<Outcome> remove_pin(Account& account, const Request& request) { return account.remove_pin(Actor::of(request)); }

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

http::Routes auth_routes(Sessions& sessions, Account& account) {
  const Schema* login = answer_schema<LoginAnswer>();
  const Schema* row = answer_schema<domain::User>();
  // clang-format off
  return {
    strict(route(Method::post, "/api/v1/auth/login", {}, Lane::slow, "auth.login",
        "Logs in with e-mail address and password", with(sessions, log_in))
        .takes(answer_schema<Credentials>()).gives(login)),
    route(Method::post, "/api/v1/auth/refresh", {}, Lane::write, "auth.refresh",
        "Changes a refresh token for new tokens; used twice, its session ends", with(sessions, refresh))
        .takes(answer_schema<RefreshRequest>()).gives(login),
    strict(route(Method::post, "/api/v1/auth/register", {}, Lane::slow, "auth.register",
        "Makes a customer's account and logs in", with(account, sign_up))
        .takes(creation_schema<SignUp>()).gives(login, 201)),
    strict(route(Method::post, "/api/v1/auth/forgot", {}, Lane::write, "auth.forgot",
        "Sends a token that sets a new password, good for an hour; the answer does not tell who has an account",
        with(account, send_reset))
        .takes(answer_schema<ResetWish>()).gives(answer_schema<ResetSent>(), 202)),
    strict(route(Method::post, "/api/v1/auth/reset", {}, Lane::slow, "auth.reset",
        "Sets a new password by the token that was sent; ends all sessions", with(account, reset_password))
        .takes(creation_schema<ResetRequest>()).gives(nullptr, 204)),
    strict(route(Method::post, "/api/v1/auth/pin", {}, Lane::slow, "auth.pin",
        "Logs staff in by PIN at a paired till, which shows its token in the header Till-Token",
        with(sessions, log_in_by_pin))
        .takes(answer_schema<PinLogin>()).gives(login).reads({"Till-Token"})),
    strict(route(Method::put, "/api/v1/auth/pin", Role::cashier, Lane::slow, "auth.set_pin",
        "Sets the own PIN, 4 to 8 digits", with(account, set_pin))
        .takes(answer_schema<NewPin>()).gives(nullptr, 204)),
    route(Method::del, "/api/v1/auth/pin", Role::cashier, Lane::write, "auth.remove_pin",
        "Removes the own PIN", with(account, remove_pin))
        .gives(nullptr, 204),
    open(route(Method::post, "/api/v1/auth/logout", Role::customer, Lane::write, "auth.logout",
        "Ends the session; its tokens are dead at once", with(sessions, log_out))
        .gives(nullptr, 204)),
    open(route(Method::get, "/api/v1/auth/me", Role::customer, Lane::read, "auth.me",
        "Who is logged in", with(account, me)).gives(row)),
    open(strict(route(Method::post, "/api/v1/auth/password", Role::customer, Lane::slow, "auth.password",
        "Changes the own password; ends all other own sessions", with(account, change_password))
        .takes(answer_schema<PasswordChange>()).gives(row))),
    route(Method::get, "/api/v1/auth/sessions", Role::customer, Lane::read, "auth.sessions",
        "The own sessions, oldest first", with(sessions, list_sessions))
        .gives(http::list_schema<Session>()),
    route(Method::del, "/api/v1/auth/sessions/{id}", Role::customer, Lane::write, "auth.end_session",
        "Ends one of the own sessions", with(sessions, end_session))
        .gives(nullptr, 204),
  };
  // clang-format on
}

}  // namespace till::access
