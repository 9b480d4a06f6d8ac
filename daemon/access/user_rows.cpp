#include "access/user_rows.h"

namespace till::access {
namespace {

using domain::Role;
using domain::User;
using http::Finish;

/// What changed, for the audit log: values only of what says nothing about the person.
std::string differences(const User& before, const User& after) {
  std::string words;
  auto add = [&words](const std::string& word) { words += (words.empty() ? "" : ", ") + word; };
  if (before.email != after.email) add("email");
  if (before.name != after.name) add("name");
  if (before.phone != after.phone) add("phone");
  if (before.role != after.role)
    add("role " + std::string(to_string(before.role)) + " to " + std::string(to_string(after.role)));
  if (before.active != after.active) add(after.active ? "activated" : "deactivated");
  if (before.pin_hash != after.pin_hash) add(after.pin_hash.empty() ? "PIN removed" : "PIN");
  return words;
}

}  // namespace

Error no_such_user() { return {.code = Code::not_found, .message = "There is no such user"}; }

Status UserRows::add(User& user) {
  TILL_CHECK(check_email(user));
  begin(user, ports_, settings_.version_base);
  return ports_.writing.add_user(user);
}

Status UserRows::rewrite(User& user) {
  touch(user, ports_, settings_.version_base);
  return ports_.writing.change_user(user);
}

Status UserRows::change(const Actor& actor, const User& before, User& after, Action action) {
  const std::string changes = differences(before, after);
  if (changes.empty()) return {};
  if (after.email != before.email) {
    TILL_CHECK(check_email(after));
    TILL_CHECK(ports_.writing.forget_reset(after.row));  // it was sent to the old address
  }
  TILL_CHECK(keep_an_admin(before, after));
  TILL_CHECK(rewrite(after));
  TILL_CHECK(note(ports_, actor, action, after.row, changes));
  if (after.active) {
    live_.change(after);
  } else {
    TILL_CHECK(ports_.writing.end_sessions(after.row, {}));
    live_.end_all(after.row);
  }
  return {};
}

Result<Finish> UserRows::set_password(const Actor& actor, User user, std::string hash, Action action,
                                      Finish (*answer)(User)) {
  const bool was_first = user.must_change_password;
  user.password_hash = std::move(hash);
  user.must_change_password = false;
  TILL_CHECK(rewrite(user));
  TILL_CHECK(ports_.writing.forget_reset(user.row));
  TILL_CHECK(ports_.writing.end_sessions(user.row, actor.caller.session));
  TILL_CHECK(note(ports_, actor, action, user.row));
  live_.end_all(user.row, actor.caller.session);
  live_.change(user);
  return Finish([this, was_first, finish = answer(std::move(user))]() mutable {
    if (was_first) settings_.first_password_spent();
    return finish();
  });
}

Status UserRows::check_email(const User& user) const {
  const size_t at = user.email.find('@');
  const bool whole = at != std::string::npos && at > 0 && at + 1 < user.email.size() &&
                     user.email.find('@', at + 1) == std::string::npos && user.email.find(' ') == std::string::npos;
  if (!whole) return invalid_field("/email", "email", "Must be an e-mail address");
  TILL_TRY(const auto holder, ports_.writing.find_user_by_email(user.email));
  if (!holder || holder->row == user.row) return {};
  Error taken{Code::conflict, "Another user has this e-mail address", "email_taken"};
  taken.fields.push_back({"/email", "taken", taken.message});
  return taken;
}

Status UserRows::keep_an_admin(const User& before, const User& after) const {
  auto counts = [](const User& user) { return user.active && user.role == Role::admin; };
  if (!counts(before) || counts(after)) return {};
  TILL_TRY(const auto admins, ports_.writing.list_active_admins());
  if (admins.size() > 1) return {};
  return Error{Code::conflict, "This is the last active admin", "last_admin"};
}

}  // namespace till::access
