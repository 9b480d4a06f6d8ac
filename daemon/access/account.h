// What somebody does to his own account: makes it, changes it, proves by his password that it is his, comes back to it
// with a new password when he forgot the old one, and ends it. Functions that return Work may be called on any thread,
// those that hash on the worker pool only; the Work is the writer's.
// Refuses a role that nobody gave, and to tell strangers who has an account.
#pragma once

#include "access/sessions.h"
#include "access/users.h"

namespace till::access {

inline constexpr int64_t kResetToken_ms = 3'600'000;

class Account {
 public:
  Account(Ports ports, const UserSettings& settings, UserRows& rows, Passwords& passwords, Sessions& sessions)
      : ports_(ports), settings_(settings), rows_(rows), passwords_(passwords), sessions_(sessions) {}

  [[nodiscard]] Result<domain::User> get(const http::Caller& caller) const;

  /// Hashes. Ends with a LoginAnswer, 201. Errors: invalid, forbidden ("role_above_own"), conflict ("email_taken").
  Result<http::Work> sign_up(SignUp wanted, const std::string& address);
  /// Makes a token that sets a new password and has it sent, if the account exists and is active. Ends with the same
  /// 202 if not. Errors: too_many, counted for the account and the address alike.
  http::Work send_reset(const std::string& email, const std::string& address);
  /// Hashes. Ends with 204, and all of the user's sessions with it. Errors: unauthorized ("invalid_reset_token").
  Result<http::Work> reset_password(const ResetRequest& wanted, const std::string& address);

  /// Ends with the user. Errors: stale, invalid, conflict ("email_taken").
  http::Work change(Actor actor, http::Change<Profile> change);
  /// Hashes. Ends his other sessions, and with the user. Errors: invalid (the old password is wrong, or the new one is
  /// the old one), too_many ("too_many_tries").
  Result<http::Work> change_password(Actor actor, const PasswordChange& wanted);
  /// Hashes. Ends with 204. Errors: invalid (wrong password, no digits), too_many.
  Result<http::Work> set_pin(Actor actor, const NewPin& wanted);
  /// Ends with 204, also if there was none.
  http::Work remove_pin(Actor actor);
  /// Hashes. What says who he was goes for good; the row stays, orders point at it. Ends with 204. Errors: stale,
  /// invalid (wrong password), too_many, conflict ("last_admin", and what UserSettings::before_erasing says).
  Result<http::Work> erase(Actor actor, const std::string& password, int64_t version);

 private:
  /// What the caller typed as his password, compared: the first half of an act that asks for it once more.
  struct Proof {
    Actor actor;
    domain::User seen;
    TriesKey key;
    bool holds;
  };
  using Act = Task<Result<http::Finish>(const Actor&, domain::User)>;

  Result<Proof> prove(Actor actor, const std::string& typed);
  http::Work once_proven(Proof proof, const char* pointer, Act act);
  Result<domain::User> owner(const Storage& storage, const crypto::Digest& token_hash,
                             const std::optional<Uuid>& id) const;
  Result<http::Finish> forget_person(const Actor& actor, const domain::User& user);

  const Ports ports_;
  const UserSettings& settings_;
  UserRows& rows_;
  Passwords& passwords_;
  Sessions& sessions_;
};

}  // namespace till::access
