#include "access/sessions.h"

#include <algorithm>

#include "access/answers.h"

namespace till::access {
namespace {

using domain::User;
using http::Finish;
using http::Work;

constexpr int64_t kForgottenAtOnce = 100;

Error wrong_credentials() {
  return {Code::unauthorized, "The e-mail address or the password is wrong", "wrong_credentials"};
}

Error invalid_refresh_token() { return {Code::unauthorized, "Please log in again", "invalid_refresh_token"}; }

}  // namespace

Result<Work> Sessions::log_in(const Credentials& typed, const std::string& address) {
  const std::string account = lower_case(typed.email);
  const TriesKey key = tries_key(account, address);
  TILL_CHECK(passwords_.check_wait(ports_.reading, key));
  TILL_TRY(const auto seen, ports_.reading.find_user_by_email(account));
  const bool matches = passwords_.match(typed.password, seen);
  std::string newer_hash;
  if (matches && passwords_.is_dated(seen->password_hash)) {
    TILL_TRY(newer_hash, passwords_.hash(typed.password));
  }
  // Other tries and other changes may come in between: what counts is decided again, in the writer's order.
  return Work([this, account, address, key, seen, matches, newer_hash]() -> Result<Finish> {
    TILL_CHECK(passwords_.check_wait(ports_.writing, key));
    TILL_TRY(auto user, ports_.writing.find_user_by_email(account));
    const bool known = matches && user && user->active && user->password_hash == seen->password_hash;
    if (!known) return refuse_log_in(user, key, address);
    TILL_CHECK(ports_.writing.forget_tries(key));
    if (!newer_hash.empty()) {
      user->password_hash = newer_hash;
      TILL_CHECK(ports_.writing.change_user(*user));
    }
    return begin(*user, address);
  });
}

Result<Finish> Sessions::refuse_log_in(const std::optional<User>& user, const TriesKey& key,
                                       const std::string& address) {
  TILL_CHECK(passwords_.count_failure(ports_.writing, key));
  TILL_CHECK(ports_.writing.append_audit(
      {.at = ports_.clock.now(), .action = Action::login_failed, .subject = user ? user->row : 0, .address = address}));
  return answer_refusal(wrong_credentials());
}

Result<Finish> Sessions::begin(const User& user, const std::string& address) {
  TILL_CHECK(make_room(user.row));
  const Time now = ports_.clock.now();
  const Uuid id = ports_.ids.next();
  const RefreshToken token = RefreshToken::first(id, ports_.random);
  TILL_CHECK(ports_.writing.add_session({.user = user.row,
                                         .id = id,
                                         .created_at = now,
                                         .used_at = now,
                                         .expires_at = {now.ms + kSession_ms},
                                         .address = address,
                                         .refresh = token.hashes()}));
  TILL_CHECK(ports_.writing.append_audit(
      {.at = now, .action = Action::login, .user = user.row, .subject = user.row, .address = address}));
  live_.add(id, user);
  return answer(user, id, token);
}

Status Sessions::make_room(int64_t user_row) {
  TILL_TRY(const auto sessions, ports_.writing.list_sessions(user_row));
  if (sessions.size() < kMostSessions) return {};
  return end_session(sessions.front());
}

Finish Sessions::answer(const User& user, const Uuid& session, const RefreshToken& refresh) {
  return Finish([this, user, session, refresh] {
    return Result<http::Response>(http::row_response(
        LoginAnswer{.access_token = tokens_.issue(user, session), .refresh_token = refresh.text(), .user = user}));
  });
}

Work Sessions::refresh(const std::string& refresh_token, const std::string& address) {
  return Work([this, token = RefreshToken::parse(refresh_token), address]() -> Result<Finish> {
    if (!token) return invalid_refresh_token();
    TILL_TRY(auto session, ports_.writing.find_session(token->session()));
    const RefreshHashes shown = token->hashes();
    if (!session || shown.family != session->refresh.family) return invalid_refresh_token();
    if (shown.token != session->refresh.token) return end_reused(*session, address);
    if (session->expires_at <= ports_.clock.now()) return invalid_refresh_token();
    return renew(std::move(*session), *token, address);
  });
}

Result<Finish> Sessions::renew(Session session, const RefreshToken& token, const std::string& address) {
  TILL_TRY(const auto user, ports_.writing.find_user_by_row(session.user));
  if (!user || !user->active) return invalid_refresh_token();
  const RefreshToken next = token.next(ports_.random);
  session.used_at = ports_.clock.now();
  session.expires_at = {session.used_at.ms + kSession_ms};
  session.address = address;
  session.refresh = next.hashes();
  TILL_CHECK(ports_.writing.renew_session(session));
  live_.add(session.id, *user);
  return answer(*user, session.id, next);
}

/// Whoever shows a spent token, thief or owner: one of the two has the session that goes on, so it must not.
Result<Finish> Sessions::end_reused(const Session& session, const std::string& address) {
  TILL_CHECK(ports_.writing.append_audit(
      {.at = ports_.clock.now(), .action = Action::token_reused, .subject = session.user, .address = address}));
  TILL_CHECK(end_session(session));
  return answer_refusal(
      {Code::unauthorized, "This log-in was used twice, please log in again", "refresh_token_reused"});
}

Work Sessions::log_out(Actor actor) {
  return Work([this, actor = std::move(actor)]() -> Result<Finish> {
    const http::Caller& caller = actor.caller;
    TILL_TRY(const auto session, ports_.writing.find_session(caller.session));
    if (!session) return answer_nothing();
    TILL_CHECK(ports_.writing.append_audit({.at = ports_.clock.now(),
                                            .action = Action::logout,
                                            .user = caller.user,
                                            .subject = caller.user,
                                            .address = actor.address}));
    TILL_CHECK(end_session(*session));
    return answer_nothing();
  });
}

Result<std::vector<Session>> Sessions::list(const http::Caller& caller) const {
  TILL_TRY(auto sessions, ports_.reading.list_sessions(caller.user));
  for (Session& session : sessions) session.current = session.id == caller.session;
  return sessions;
}

Work Sessions::end(Actor actor, const Uuid& id) {
  return Work([this, actor = std::move(actor), id]() -> Result<Finish> {
    TILL_TRY(const auto session, ports_.writing.find_session(id));
    if (!session || session->user != actor.caller.user)
      return Error{.code = Code::not_found, .message = "There is no such session"};
    TILL_CHECK(ports_.writing.append_audit({.at = ports_.clock.now(),
                                            .action = Action::session_ended,
                                            .user = actor.caller.user,
                                            .subject = session->user,
                                            .address = actor.address}));
    TILL_CHECK(end_session(*session));
    return answer_nothing();
  });
}

Status Sessions::forget_expired() {
  TILL_TRY(const auto expired, ports_.writing.list_expired_sessions(ports_.clock.now(), kForgottenAtOnce));
  for (const Session& session : expired) TILL_CHECK(end_session(session));
  return {};
}

Status Sessions::end_session(const Session& session) {
  TILL_CHECK(ports_.writing.end_session(session.row));
  live_.end(session.id);
  return {};
}

}  // namespace till::access
