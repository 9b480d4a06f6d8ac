// Users: who there is, what they may do, and their passwords. What changes a user changes his sessions in the same
// breath: another role shows on the next request, a deactivated user and an old password have no session left.
// Functions that return Work may be called on any thread; the Work is the writer's.
// Refuses to let anybody touch or hand out a role above his own, and to leave the shop without an active admin.
#pragma once

#include <functional>

#include "access/bodies.h"
#include "access/passwords.h"
#include "access/ports.h"
#include "http/handler.h"

namespace till::access {

inline constexpr const char* kFirstAdmin = "admin@shop.local";

struct UserSettings {
  int64_t version_base = 1;  // versions are never below this (31-sync-review, D9)
  /// Called behind the commit once the one-time password is no longer good.
  std::function<void()> first_password_spent = [] {};
};

class Users {
 public:
  Users(Ports ports, UserSettings settings, LiveSessions& live, Passwords& passwords)
      : ports_(ports), settings_(std::move(settings)), live_(live), passwords_(passwords) {}

  [[nodiscard]] Result<domain::User> get(const Uuid& id) const;
  [[nodiscard]] Result<domain::User> get_by_row(int64_t row) const;

  /// Hashes: worker pool. Ends with the user, 201. Errors: invalid, forbidden, conflict ("email_taken").
  Result<http::Work> add(Actor actor, NewUser wanted);
  /// Ends with the user. Errors as add, and not_found, stale, conflict ("last_admin").
  http::Work change(Actor actor, const Uuid& id, http::Change<domain::User> change);
  /// Ends with 204; the row stays, orders point at it. Errors as change.
  http::Work deactivate(Actor actor, const Uuid& id, int64_t version);

  /// Somebody else's password: ends all his sessions. Hashes: worker pool. Ends with the user.
  Result<http::Work> set_password(Actor actor, const Uuid& id, const std::string& password);
  /// The caller's own: ends his other sessions. Hashes: worker pool. Ends with the user. Errors: invalid (the old one
  /// is wrong, or the new one is the old one), too_many ("too_many_tries").
  Result<http::Work> change_own_password(Actor actor, const PasswordChange& wanted);

  /// If no admin has ever chosen a password: makes the first one, or gives him another password if the former is not
  /// kept any more. Returns the password, which must be changed at the first log-in; nullopt if there is nothing to
  /// do. In a job of the writer, at start: hashes.
  Result<std::optional<std::string>> ensure_admin(bool former_is_kept);

 private:
  Result<domain::User> existing(const Uuid& id, const http::Caller& caller);
  Status check_email(const domain::User& user) const;
  Status keep_an_admin(const domain::User& before, const domain::User& after) const;
  Result<http::Finish> apply(const Actor& actor, const domain::User& before, domain::User after);
  Result<http::Finish> store_password(const Actor& actor, domain::User user, std::string hash, Action action);
  Status note(const Actor& actor, Action action, int64_t subject, std::string detail);
  void touch(domain::User& user) const;

  const Ports ports_;
  const UserSettings settings_;
  LiveSessions& live_;
  Passwords& passwords_;
};

}  // namespace till::access
