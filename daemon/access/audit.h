// The audit log: who did what, to whom, from where. Rows are only ever appended, each chained by SHA-256 to the one
// before it, so that a change or a gap shows. It names users by row and never holds what somebody typed: no name, no
// e-mail address, no password, no token.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/fields.h"
#include "crypto/hash.h"

namespace till::access {

// Stored as its number: append only.
enum class Action : uint8_t {
  login,
  login_failed,  // also a wrong old password at a change
  logout,
  session_ended,
  token_reused,      // an old refresh token came back, and its session was ended
  password_changed,  // by its owner
  password_set,      // by somebody else
  user_added,
  user_changed,
  user_registered,
  reset_asked,     // somebody forgot the password of this user, or of nobody that is known
  password_reset,  // by the token that was sent
  pin_set,
  pin_removed,
  user_erased,
  till_added,  // of a till the detail says which
  till_code,   // another pairing code was made
  till_paired,
  till_changed,
  till_revoked,
};

/// What is written.
struct AuditEvent {
  Time at{};
  Action action{};
  int64_t user = 0;     // row of who did it; 0: nobody known, or the operator
  int64_t subject = 0;  // row of the user it was done to; 0: none
  std::string address{};
  std::string detail{};
};

/// The chain's next link: SHA-256 over the former link and the event.
crypto::Digest chained(const crypto::Digest& former, const AuditEvent& event);

}  // namespace till::access

template <>
struct till::EnumNames<till::access::Action> {
  static constexpr std::array<std::string_view, 20> names{
      "login",        "login_failed", "logout",       "session_ended",   "token_reused", "password_changed",
      "password_set", "user_added",   "user_changed", "user_registered", "reset_asked",  "password_reset",
      "pin_set",      "pin_removed",  "user_erased",  "till_added",      "till_code",    "till_paired",
      "till_changed", "till_revoked"};
};

namespace till::access {

/// What is shown.
struct AuditEntry {
  int64_t row = 0;
  Time at{};
  Action action{};
  std::optional<Uuid> user_id{};
  std::optional<Uuid> subject_id{};
  std::string address;
  std::string detail;

  static constexpr std::string_view kName = "AuditEntry";
  static constexpr auto fields() {
    return std::tuple(field("number", &AuditEntry::row).read_only().doc("place in the log, from 1"),
                      field("at", &AuditEntry::at).read_only(), field("action", &AuditEntry::action).read_only(),
                      field("user_id", &AuditEntry::user_id).read_only().doc("who did it; null: unknown or operator"),
                      field("subject_id", &AuditEntry::subject_id).read_only().doc("the user it was done to"),
                      field("address", &AuditEntry::address).read_only(),
                      field("detail", &AuditEntry::detail).read_only());
  }
};

struct AuditFilter {
  std::optional<Uuid> user_id{};
  std::optional<Uuid> subject_id{};
  std::optional<Action> action{};
};

}  // namespace till::access
