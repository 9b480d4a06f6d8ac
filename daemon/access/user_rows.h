// How a user's row is written, inside a Work on the writer's thread: every change moves its version, is noted in the
// audit log and shows in his sessions in the same breath: another role on the next request; a deactivated user and an
// old password have no session left.
// Refuses an e-mail address that another user has, and to leave the shop without an active admin.
#pragma once

#include "access/answers.h"
#include "access/live_sessions.h"
#include "access/ports.h"

namespace till::access {

Error no_such_user();

inline http::Finish answer_user(domain::User user) { return answer_row(std::move(user)); }
inline http::Finish answer_no_user(domain::User) { return answer_nothing(); }

class UserRows {
 public:
  UserRows(Ports ports, const UserSettings& settings, LiveSessions& live)
      : ports_(ports), settings_(settings), live_(live) {}

  /// Sets his id, row and version. Errors: invalid, conflict ("email_taken").
  Status add(domain::User& user);
  /// Writes `after`, unless nothing in it is new. Errors as add, and conflict ("last_admin").
  Status change(const Actor& actor, const domain::User& before, domain::User& after,
                Action action = Action::user_changed);
  /// Writes the row as it is, with another version: what it means for sessions and the log is the caller's business.
  Status rewrite(domain::User& user);
  /// Ends all sessions of the user but the actor's own: whoever knew the old password is out. Ends with `answer`.
  Result<http::Finish> set_password(const Actor& actor, domain::User user, std::string hash, Action action,
                                    http::Finish (*answer)(domain::User) = answer_user);

 private:
  Status check_email(const domain::User& user) const;
  Status keep_an_admin(const domain::User& before, const domain::User& after) const;

  const Ports ports_;
  const UserSettings& settings_;
  LiveSessions& live_;
};

}  // namespace till::access
