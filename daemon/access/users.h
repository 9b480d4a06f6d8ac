// Users: who there is and what they may do, as seen by those who manage them. What somebody does to his own account is
// in access/account.h. Functions that return Work may be called on any thread; the Work is the writer's. Refuses to let
// anybody touch or hand out a role above his own, and what UserRows refuses.
#pragma once

#include "access/bodies.h"
#include "access/passwords.h"
#include "access/user_rows.h"
#include "http/handler.h"

namespace till::access {

inline constexpr const char* kFirstAdmin = "admin@shop.local";

/// Refuses to give a role above the caller's own ("role_above_own"), and the operator's to anybody.
Status check_role(const http::Caller& caller, domain::Role role);

class Users {
 public:
  Users(Ports ports, UserRows& rows, Passwords& passwords) : ports_(ports), rows_(rows), passwords_(passwords) {}

  [[nodiscard]] Result<domain::User> get(const Uuid& id) const;

  /// Hashes: worker pool. Ends with the user, 201. Errors: invalid, forbidden, conflict ("email_taken").
  Result<http::Work> add(Actor actor, NewUser wanted);
  /// Ends with the user. Errors as add, and not_found, stale, conflict ("last_admin").
  http::Work change(Actor actor, const Uuid& id, http::Change<domain::User> change);
  /// Ends with 204; the row stays, orders point at it. Errors as change.
  http::Work deactivate(Actor actor, const Uuid& id, int64_t version);
  /// Somebody else's password: ends all his sessions. Hashes: worker pool. Ends with the user.
  Result<http::Work> set_password(Actor actor, const Uuid& id, const std::string& password);

  /// If no admin has ever chosen a password: makes the first one, or gives him another password if the former is not
  /// kept any more. Returns the password, which must be changed at the first log-in; nullopt if there is nothing to
  /// do. In a job of the writer, at start: hashes.
  Result<std::optional<std::string>> ensure_admin(bool former_is_kept);

 private:
  Result<domain::User> existing(const Uuid& id, const http::Caller& caller);

  const Ports ports_;
  UserRows& rows_;
  Passwords& passwords_;
};

}  // namespace till::access
