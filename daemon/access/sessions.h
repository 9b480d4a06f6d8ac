// Sessions: they begin with a password, or at a paired till with a PIN, are renewed by their refresh token, and end by
// log-out, by their owner, by reuse of a spent token, or by time. Functions that return Work may be called on any
// thread; the Work is the writer's. Refuses the same way whether an account is unknown, inactive or has another
// password.
#pragma once

#include "access/access_tokens.h"
#include "access/bodies.h"
#include "access/passwords.h"
#include "access/ports.h"

namespace till::access {

inline constexpr int64_t kSession_ms = int64_t{30} * 24 * 3'600'000;  // without a refresh
inline constexpr size_t kMostSessions = 100;                          // of one user; one more ends his oldest

/// How a session begins.
struct Beginning {
  std::string address;
  int64_t till = 0;  // row of the till at which, 0: none
  int status = 200;  // of the answer
};

class Sessions {
 public:
  Sessions(Ports ports, LiveSessions& live, Passwords& passwords, AccessTokens& tokens)
      : ports_(ports), live_(live), passwords_(passwords), tokens_(tokens) {}

  /// Takes tens of milliseconds: worker pool. Ends with a LoginAnswer. Errors: unauthorized ("wrong_credentials"),
  /// too_many ("too_many_tries").
  Result<http::Work> log_in(const Credentials& typed, const std::string& address);
  /// At a till: tries are counted for it and the user, so that nobody elsewhere can lock him out. Likewise slow. Ends
  /// with a LoginAnswer. Errors: unauthorized ("invalid_till_token", "wrong_pin"), too_many ("too_many_tries").
  Result<http::Work> log_in_by_pin(const PinLogin& typed, const std::string& till_token, const std::string& address);
  /// Inside a Work: for who has proven who he is. Ends with a LoginAnswer. Tells the user of it if he has sessions, but
  /// none from this address (without one there is nothing to compare with); not at a till, which is known.
  Result<http::Finish> begin(const domain::User& user, const Beginning& how);
  /// Ends with a LoginAnswer whose refresh token replaces the given one. Errors: unauthorized
  /// ("invalid_refresh_token"); "refresh_token_reused" if it was replaced before, and then the session ends.
  http::Work refresh(const std::string& refresh_token, const std::string& address);
  /// Ends the caller's session; one that has ended already is fine.
  http::Work log_out(Actor actor);

  /// The caller's own, oldest first.
  Result<std::vector<Session>> list(const http::Caller& caller) const;
  /// Ends one of the caller's own. Errors: not_found.
  http::Work end(Actor actor, const Uuid& id);

  /// Forgets sessions that time has ended, a few at a time. Writer's thread.
  Status forget_expired();

 private:
  Result<http::Finish> refuse(const std::optional<domain::User>& user, const TriesKey& key, const std::string& address,
                              Error error);
  Result<http::Finish> renew(Session session, const RefreshToken& token, const std::string& address);
  Result<http::Finish> end_reused(const Session& session, const std::string& address);
  Status make_room(const std::vector<Session>& sessions);
  Status end_session(const Session& session);
  http::Finish answer(const domain::User& user, const Uuid& session, const RefreshToken& refresh, int status = 200);

  const Ports ports_;
  LiveSessions& live_;
  Passwords& passwords_;
  AccessTokens& tokens_;
};

}  // namespace till::access
