#include "access/users.h"

#include <algorithm>

#include "access/answers.h"
#include "domain/refusal.h"

namespace till::access {
namespace {

using domain::Role;
using domain::User;
using http::Finish;
using http::Work;

Status check_role(const http::Caller& caller, Role role) {
  if (role == Role::operator_)
    return invalid_field("/role", "value", "Nobody is given this role: the operator is whoever sits at the machine");
  if (!domain::may(caller.rights, role))
    return Error{Code::forbidden, "This is for somebody with at least the role " + std::string(to_string(role)),
                 "role_above_own"};
  return {};
}

/// What changed, for the audit log: values only of what says nothing about the person.
std::string differences(const User& before, const User& after) {
  std::string words;
  auto add = [&words](const std::string& word) { words += (words.empty() ? "" : ", ") + word; };
  if (before.email != after.email) add("email");
  if (before.name != after.name) add("name");
  if (before.role != after.role)
    add("role " + std::string(to_string(before.role)) + " to " + std::string(to_string(after.role)));
  if (before.active != after.active) add(after.active ? "activated" : "deactivated");
  return words;
}

Error no_such_user() { return {.code = Code::not_found, .message = "There is no such user"}; }

}  // namespace

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return text;
}

Result<User> Users::get(const Uuid& id) const {
  TILL_TRY(auto user, ports_.reading.find_user(id));
  if (!user) return no_such_user();
  return std::move(*user);
}

Result<User> Users::get_by_row(int64_t row) const {
  TILL_TRY(auto user, ports_.reading.find_user_by_row(row));
  if (!user) return no_such_user();
  return std::move(*user);
}

Result<Work> Users::add(Actor actor, NewUser wanted) {
  TILL_CHECK(check_role(actor.caller, wanted.role));
  TILL_TRY(std::string hash, passwords_.hash(wanted.password));
  User user;
  user.email = lower_case(wanted.email);
  user.name = std::move(wanted.name);
  user.role = wanted.role;
  user.password_hash = std::move(hash);
  return Work([this, actor = std::move(actor), user = std::move(user)]() mutable -> Result<Finish> {
    TILL_CHECK(check_email(user));
    user.id = ports_.ids.next();
    touch(user);
    user.created_at = user.updated_at;
    TILL_CHECK(ports_.writing.add_user(user));
    TILL_CHECK(note(actor, Action::user_added, user.row, std::string(to_string(user.role))));
    return answer_row(std::move(user), 201);
  });
}

Work Users::change(Actor actor, const Uuid& id, http::Change<User> change) {
  return Work([this, actor = std::move(actor), id, change = std::move(change)]() -> Result<Finish> {
    TILL_TRY(const User before, existing(id, actor.caller));
    TILL_CHECK(domain::check_version(before, change.version));
    User after = before;
    change.patch.apply(after);
    after.email = lower_case(after.email);
    TILL_CHECK(check_role(actor.caller, after.role));
    if (after.email != before.email) TILL_CHECK(check_email(after));
    return apply(actor, before, std::move(after));
  });
}

Work Users::deactivate(Actor actor, const Uuid& id, int64_t version) {
  return Work([this, actor = std::move(actor), id, version]() -> Result<Finish> {
    TILL_TRY(const User before, existing(id, actor.caller));
    TILL_CHECK(domain::check_version(before, version));
    User after = before;
    after.active = false;
    TILL_TRY(Finish changed, apply(actor, before, std::move(after)));
    return answer_nothing();
  });
}

/// A user that the caller may touch: one who is not above him.
Result<User> Users::existing(const Uuid& id, const http::Caller& caller) {
  TILL_TRY(auto user, ports_.writing.find_user(id));
  if (!user) return no_such_user();
  TILL_CHECK(check_role(caller, user->role));
  return std::move(*user);
}

Result<Finish> Users::apply(const Actor& actor, const User& before, User after) {
  const std::string changes = differences(before, after);
  if (changes.empty()) return answer_row(before);
  TILL_CHECK(keep_an_admin(before, after));
  touch(after);
  TILL_CHECK(ports_.writing.change_user(after));
  TILL_CHECK(note(actor, Action::user_changed, after.row, changes));
  if (after.active) {
    live_.change(after);
  } else {
    TILL_CHECK(ports_.writing.end_sessions(after.row, {}));
    live_.end_all(after.row);
  }
  return answer_row(std::move(after));
}

Status Users::check_email(const User& user) const {
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

Status Users::keep_an_admin(const User& before, const User& after) const {
  auto counts = [](const User& user) { return user.active && user.role == Role::admin; };
  if (!counts(before) || counts(after)) return {};
  TILL_TRY(const auto admins, ports_.writing.list_active_admins());
  if (admins.size() > 1) return {};
  return Error{Code::conflict, "This is the last active admin", "last_admin"};
}

Result<Work> Users::set_password(Actor actor, const Uuid& id, const std::string& password) {
  TILL_TRY(const std::string hash, passwords_.hash(password));
  return Work([this, actor = std::move(actor), id, hash]() -> Result<Finish> {
    TILL_TRY(User user, existing(id, actor.caller));
    return store_password(actor, std::move(user), hash, Action::password_set);
  });
}

Result<Work> Users::change_own_password(Actor actor, const PasswordChange& wanted) {
  TILL_TRY(const User seen, get_by_row(actor.caller.user));
  const TriesKey key = tries_key(seen.email, actor.address);
  TILL_CHECK(passwords_.check_wait(ports_.reading, key));
  if (wanted.new_password == wanted.old_password)
    return invalid_field("/new_password", "same", "Must be another password than the old one");
  std::string hash;
  if (passwords_.match(wanted.old_password, seen)) {
    TILL_TRY(hash, passwords_.hash(wanted.new_password));
  }
  return Work([this, actor = std::move(actor), key, seen, hash]() -> Result<Finish> {
    TILL_CHECK(passwords_.check_wait(ports_.writing, key));
    TILL_TRY(auto user, ports_.writing.find_user_by_row(seen.row));
    if (hash.empty() || !user || user->password_hash != seen.password_hash) {
      TILL_CHECK(passwords_.count_failure(ports_.writing, key));
      TILL_CHECK(note(actor, Action::login_failed, seen.row, "old password"));
      return answer_refusal(invalid_field("/old_password", "wrong", "Is not the password"));
    }
    TILL_CHECK(ports_.writing.forget_tries(key));
    return store_password(actor, std::move(*user), hash, Action::password_changed);
  });
}

/// Ends all sessions of the user but the actor's own: whoever knew the old password is out.
Result<Finish> Users::store_password(const Actor& actor, User user, std::string hash, Action action) {
  const bool was_first = user.must_change_password;
  user.password_hash = std::move(hash);
  user.must_change_password = false;
  touch(user);
  TILL_CHECK(ports_.writing.change_user(user));
  TILL_CHECK(ports_.writing.end_sessions(user.row, actor.caller.session));
  TILL_CHECK(note(actor, action, user.row, ""));
  live_.end_all(user.row, actor.caller.session);
  live_.change(user);
  return Finish([this, user = std::move(user), was_first] {
    if (was_first) settings_.first_password_spent();
    return Result<http::Response>(http::row_response(user));
  });
}

Result<std::optional<std::string>> Users::ensure_admin(bool former_is_kept) {
  TILL_TRY(const auto admins, ports_.writing.list_active_admins());
  const bool chosen = std::any_of(admins.begin(), admins.end(), [](const User& u) { return !u.must_change_password; });
  if (chosen || (!admins.empty() && former_is_kept)) return std::optional<std::string>();

  std::string password = make_readable_password(ports_.random);
  TILL_TRY(auto former, ports_.writing.find_user_by_email(kFirstAdmin));
  User admin = former.value_or(User{});
  admin.email = kFirstAdmin;
  if (!former) admin.name = "First admin";
  admin.role = Role::admin;
  admin.active = admin.must_change_password = true;
  TILL_TRY(admin.password_hash, passwords_.hash(password));
  touch(admin);
  if (former) {
    TILL_CHECK(ports_.writing.change_user(admin));
  } else {
    admin.id = ports_.ids.next();
    admin.created_at = admin.updated_at;
    TILL_CHECK(ports_.writing.add_user(admin));
  }
  TILL_CHECK(note({.caller = {}, .address = "local"}, former ? Action::user_changed : Action::user_added, admin.row,
                  "one-time admin"));
  return std::optional(std::move(password));
}

Status Users::note(const Actor& actor, Action action, int64_t subject, std::string detail) {
  return ports_.writing.append_audit({.at = ports_.clock.now(),
                                      .action = action,
                                      .user = actor.caller.user,
                                      .subject = subject,
                                      .address = actor.address,
                                      .detail = std::move(detail)});
}

void Users::touch(User& user) const {
  user.version = std::max(user.version + 1, settings_.version_base);
  user.updated_at = ports_.clock.now();
}

}  // namespace till::access
