#include "access/users.h"

#include <algorithm>

#include "domain/refusal.h"

namespace till::access {

using domain::Role;
using domain::User;
using http::Finish;
using http::Work;

constexpr size_t kFirstPasswordLetters = 20;  // 100 bits

Status check_role(const http::Caller& caller, Role role) {
  if (role == Role::operator_)
    return invalid_field("/role", "value", "Nobody is given this role: the operator is whoever sits at the machine");
  if (!domain::may(caller.rights, role))
    return Error{Code::forbidden, "This is for somebody with at least the role " + std::string(to_string(role)),
                 "role_above_own"};
  return {};
}

Result<User> Users::get(const Uuid& id) const {
  TILL_TRY(auto user, ports_.reading.find_user(id));
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
    TILL_CHECK(rows_.add(user));
    TILL_CHECK(note(ports_, actor, Action::user_added, user.row, std::string(to_string(user.role))));
    return answer_created(std::move(user), "/api/v1/users");
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
    TILL_CHECK(rows_.change(actor, before, after));
    return answer_user(std::move(after));
  });
}

Work Users::deactivate(Actor actor, const Uuid& id, int64_t version) {
  return Work([this, actor = std::move(actor), id, version]() -> Result<Finish> {
    TILL_TRY(const User before, existing(id, actor.caller));
    TILL_CHECK(domain::check_version(before, version));
    User after = before;
    after.active = false;
    TILL_CHECK(rows_.change(actor, before, after));
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

Result<Work> Users::set_password(Actor actor, const Uuid& id, const std::string& password) {
  TILL_TRY(const std::string hash, passwords_.hash(password));
  return Work([this, actor = std::move(actor), id, hash]() -> Result<Finish> {
    TILL_TRY(User user, existing(id, actor.caller));
    return rows_.set_password(actor, std::move(user), hash, Action::password_set);
  });
}

Result<std::optional<std::string>> Users::ensure_admin(bool former_is_kept) {
  TILL_TRY(const auto admins, ports_.writing.list_active_admins());
  const bool chosen = std::any_of(admins.begin(), admins.end(), [](const User& u) { return !u.must_change_password; });
  if (chosen || (!admins.empty() && former_is_kept)) return std::optional<std::string>();

  std::string password = make_readable(ports_.random, kFirstPasswordLetters);
  TILL_TRY(auto former, ports_.writing.find_user_by_email(kFirstAdmin));
  User admin = former.value_or(User{});
  admin.email = kFirstAdmin;
  if (!former) admin.name = "First admin";
  admin.role = Role::admin;
  admin.active = admin.must_change_password = true;
  TILL_TRY(admin.password_hash, passwords_.hash(password));
  if (former) {
    TILL_CHECK(rows_.rewrite(admin));
  } else {
    TILL_CHECK(rows_.add(admin));
  }
  TILL_CHECK(note(ports_, {.caller = {}, .address = "local"}, former ? Action::user_changed : Action::user_added,
                  admin.row, "one-time admin"));
  return std::optional(std::move(password));
}

}  // namespace till::access
