#include "access/sessions.h"

#include <algorithm>

#include "access/answers.h"
#include "access/tills.h"

namespace till::access {
namespace {

using domain::User;
using http::Finish;
using http::Work;

constexpr int64_t kForgottenAtOnce = 100;

Error wrong_credentials() {
  return {Code::unauthorized, "The e-mail address or the password is wrong", "wrong_credentials"};
}

Error wrong_pin() { return {Code::unauthorized, "The PIN is wrong", "wrong_pin"}; }

Error invalid_refresh_token() { return {Code::unauthorized, "Please log in again", "invalid_refresh_token"}; }

}  // namespace

Result<Work> Sessions::log_in(const Credentials& typed, const std::string& address) {
  const std::string account = lower_case(typed.email);
  const TriesKey key = tries_key(account, address);
  TILL_CHECK(passwords_.check_wait(ports_.reading, key));
  TILL_TRY(const auto seen, ports_.reading.find_user_by_email(account));
  const bool matches = passwords_.match(typed.password, seen ? seen->password_hash : "");
  std::string newer_hash;
  if (matches && passwords_.is_dated(seen->password_hash)) {
    TILL_TRY(newer_hash, passwords_.hash(typed.password));
  }
  // Other tries and other changes may come in between: what counts is decided again, in the writer's order.
  return Work([this, account, address, key, seen, matches, newer_hash]() -> Result<Finish> {
    TILL_CHECK(passwords_.check_wait(ports_.writing, key));
    TILL_TRY(auto user, ports_.writing.find_user_by_email(account));
    const bool known = matches && user && user->active && user->password_hash == seen->password_hash;
    if (!known) return refuse(user, key, address, wrong_credentials());
    TILL_CHECK(ports_.writing.forget_tries(key));
    if (!newer_hash.empty()) {
      user->password_hash = newer_hash;
      TILL_CHECK(ports_.writing.change_user(*user));
    }
    return begin(*user, {.address = address});
  });
}

Result<Work> Sessions::log_in_by_pin(const PinLogin& typed, const std::string& till_token, const std::string& address) {
  TILL_TRY(const domain::Till till, till_of(ports_.reading, till_token));
  const TriesKey key = tries_key("pin\n" + to_string(typed.user_id), to_string(till.id));
  TILL_CHECK(passwords_.check_wait(ports_.reading, key));
  TILL_TRY(const auto seen, ports_.reading.find_user(typed.user_id));
  const bool matches = passwords_.match(typed.pin, seen ? seen->pin_hash : "");
  return Work([this, id = typed.user_id, till_token, address, key, seen, matches]() -> Result<Finish> {
    TILL_TRY(const domain::Till now, till_of(ports_.writing, till_token));
    TILL_CHECK(passwords_.check_wait(ports_.writing, key));
    TILL_TRY(const auto user, ports_.writing.find_user(id));
    const bool known = matches && user && is_till_staff(*user) && user->pin_hash == seen->pin_hash;
    if (!known) return refuse(user, key, address, wrong_pin());
    TILL_CHECK(ports_.writing.forget_tries(key));
    return begin(*user, {.address = address, .till = now.row});
  });
}

Result<Finish> Sessions::refuse(const std::optional<User>& user, const TriesKey& key, const std::string& address,
                                Error error) {
  TILL_CHECK(passwords_.count_failure(ports_.writing, key));
  TILL_CHECK(note(ports_, {.caller = {}, .address = address}, Action::login_failed, user ? user->row : 0));
  return answer_refusal(std::move(error));
}

Result<Finish> Sessions::begin(const User& user, const Beginning& how) {
  TILL_TRY(const auto others, ports_.writing.list_sessions(user.row));
  const bool is_strange = how.till == 0 && !others.empty() &&
                          std::none_of(others.begin(), others.end(),
                                       [&](const Session& session) { return session.address == how.address; });
  TILL_CHECK(make_room(others));
  const Time now = ports_.clock.now();
  const Uuid id = ports_.ids.next();
  const RefreshToken token = RefreshToken::first(id, ports_.random);
  TILL_CHECK(ports_.writing.add_session({.user = user.row,
                                         .id = id,
                                         .created_at = now,
                                         .used_at = now,
                                         .expires_at = {now.ms + kSession_ms},
                                         .address = how.address,
                                         .refresh = token.hashes(),
                                         .till = how.till}));
  TILL_CHECK(note(ports_, {.caller = {.user = user.row}, .address = how.address}, Action::login, user.row,
                  how.till == 0 ? "" : "PIN"));
  if (is_strange)
    TILL_CHECK(
        ports_.notices.tell({.kind = domain::NoticeKind::login_alert, .user = user.row, .address = how.address}));
  live_.add(id, user, how.till);
  return answer(user, id, token, how.status);
}

Status Sessions::make_room(const std::vector<Session>& sessions) {
  return sessions.size() < kMostSessions ? Status() : end_session(sessions.front());
}

Finish Sessions::answer(const User& user, const Uuid& session, const RefreshToken& refresh, int status) {
  return Finish([this, user, session, refresh, status] {
    return Result<http::Response>(http::row_response(
        LoginAnswer{.access_token = tokens_.issue(user, session), .refresh_token = refresh.text(), .user = user},
        status));
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
  live_.add(session.id, *user, session.till);
  return answer(*user, session.id, next);
}

/// Whoever shows a spent token, thief or owner: one of the two has the session that goes on, so it must not.
Result<Finish> Sessions::end_reused(const Session& session, const std::string& address) {
  TILL_CHECK(note(ports_, {.caller = {}, .address = address}, Action::token_reused, session.user));
  TILL_CHECK(end_session(session));
  return answer_refusal(
      {Code::unauthorized, "This log-in was used twice, please log in again", "refresh_token_reused"});
}

Work Sessions::log_out(Actor actor) {
  return Work([this, actor = std::move(actor)]() -> Result<Finish> {
    TILL_TRY(const auto session, ports_.writing.find_session(actor.caller.session));
    if (!session) return answer_nothing();
    TILL_CHECK(note(ports_, actor, Action::logout, actor.caller.user));
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
    TILL_CHECK(note(ports_, actor, Action::session_ended, session->user));
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
