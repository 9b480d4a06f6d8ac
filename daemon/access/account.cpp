#include "access/account.h"

#include <algorithm>

#include "crypto/token.h"
#include "domain/refusal.h"

namespace till::access {
namespace {

using domain::Role;
using domain::User;
using http::Finish;
using http::Work;

Error invalid_reset_token() {
  return {Code::unauthorized, "This link is not good any more, please ask for another one", "invalid_reset_token"};
}

}  // namespace

Result<User> Account::get(const http::Caller& caller) const {
  TILL_TRY(auto user, ports_.reading.find_user_by_row(caller.user));
  if (!user) return no_such_user();
  return std::move(*user);
}

Result<Work> Account::sign_up(SignUp wanted, const std::string& address) {
  const Role highest = settings_.open_roles ? Role::admin : Role::customer;
  TILL_CHECK(check_role({.rights = domain::rights_of(highest)}, wanted.role));
  User user;
  user.email = lower_case(wanted.email);
  user.name = std::move(wanted.name);
  user.role = wanted.role;
  TILL_TRY(user.password_hash, passwords_.hash(wanted.password));
  return Work([this, user = std::move(user), address]() mutable -> Result<Finish> {
    TILL_CHECK(rows_.add(user));
    TILL_CHECK(note(ports_, {.caller = {.user = user.row}, .address = address}, Action::user_registered, user.row,
                    std::string(to_string(user.role))));
    return sessions_.begin(user, {.address = address, .status = 201});
  });
}

/// Whoever asks sees one answer after one commit, whether there is such a user or not.
Work Account::send_reset(const std::string& email, const std::string& address) {
  return Work([this, account = lower_case(email), address]() -> Result<Finish> {
    const TriesKey key = tries_key("reset\n" + account, address);
    TILL_CHECK(passwords_.check_wait(ports_.writing, key));
    TILL_CHECK(passwords_.count_failure(ports_.writing, key));
    TILL_TRY(const auto user, ports_.writing.find_user_by_email(account));
    TILL_CHECK(note(ports_, {.caller = {}, .address = address}, Action::reset_asked, user ? user->row : 0));
    const std::string token = crypto::make_opaque_token(ports_.random);
    const PasswordReset reset{.user = user ? user->row : 0,
                              .token_hash = crypto::hash_opaque_token(token),
                              .expires_at = {ports_.clock.now().ms + kResetToken_ms}};
    if (user && user->active) {
      TILL_CHECK(ports_.writing.keep_reset(reset));
      TILL_CHECK(ports_.notices.tell({domain::NoticeKind::password_reset, user->row, address, token}));
    }
    return Finish([] { return Result<http::Response>(http::row_response(ResetSent{}, 202)); });
  });
}

Result<Work> Account::reset_password(const ResetRequest& wanted, const std::string& address) {
  const crypto::Digest shown = crypto::hash_opaque_token(wanted.token);
  TILL_TRY(const User seen, owner(ports_.reading, shown, wanted.user_id));
  TILL_TRY(const std::string hash, passwords_.hash(wanted.new_password));
  return Work([this, shown, id = seen.id, hash, address]() -> Result<Finish> {
    TILL_TRY(User user, owner(ports_.writing, shown, id));  // of two who show one token the first has it
    TILL_CHECK(ports_.writing.forget_tries(tries_key(user.email, address)));
    const Actor actor{.caller = {.user = user.row}, .address = address};
    return rows_.set_password(actor, std::move(user), hash, Action::password_reset, answer_no_user);
  });
}

/// Whose token this is, while it is good. `id`: whose it has to be, if it was said.
Result<User> Account::owner(const Storage& storage, const crypto::Digest& token_hash,
                            const std::optional<Uuid>& id) const {
  TILL_TRY(const auto reset, storage.find_reset(token_hash));
  if (!reset || reset->expires_at <= ports_.clock.now()) return invalid_reset_token();
  TILL_TRY(auto user, storage.find_user_by_row(reset->user));
  if (!user || !user->active || user->id != id.value_or(user->id)) return invalid_reset_token();
  return std::move(*user);
}

Work Account::change(Actor actor, http::Change<Profile> change) {
  return Work([this, actor = std::move(actor), change = std::move(change)]() -> Result<Finish> {
    TILL_TRY(const auto before, ports_.writing.find_user_by_row(actor.caller.user));
    if (!before) return no_such_user();
    TILL_CHECK(domain::check_version(*before, change.version));
    Profile profile{.email = before->email, .name = before->name, .phone = before->phone};
    change.patch.apply(profile);
    User after = *before;
    after.email = lower_case(profile.email);
    after.name = profile.name;
    after.phone = profile.phone;
    TILL_CHECK(rows_.change(actor, *before, after));
    return answer_user(std::move(after));
  });
}

Result<Work> Account::change_password(Actor actor, const PasswordChange& wanted) {
  if (wanted.new_password == wanted.old_password)
    return invalid_field("/new_password", "same", "Must be another password than the old one");
  TILL_TRY(Proof proof, prove(std::move(actor), wanted.old_password));
  std::string hash;
  if (proof.holds) {
    TILL_TRY(hash, passwords_.hash(wanted.new_password));
  }
  return once_proven(std::move(proof), "/old_password", [this, hash](const Actor& owner, User user) {
    return rows_.set_password(owner, std::move(user), hash, Action::password_changed);
  });
}

Result<Work> Account::set_pin(Actor actor, const NewPin& wanted) {
  if (!std::all_of(wanted.pin.begin(), wanted.pin.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return invalid_field("/pin", "digits", "Must be digits");
  TILL_TRY(Proof proof, prove(std::move(actor), wanted.password));
  std::string hash;
  if (proof.holds) {
    TILL_TRY(hash, passwords_.hash(wanted.pin));
  }
  return once_proven(std::move(proof), "/password", [this, hash](const Actor& owner, User user) -> Result<Finish> {
    const User before = user;
    user.pin_hash = hash;
    TILL_CHECK(rows_.change(owner, before, user, Action::pin_set));
    return answer_nothing();
  });
}

Work Account::remove_pin(Actor actor) {
  return Work([this, actor = std::move(actor)]() -> Result<Finish> {
    TILL_TRY(const auto before, ports_.writing.find_user_by_row(actor.caller.user));
    if (!before) return no_such_user();
    User after = *before;
    after.pin_hash.clear();
    TILL_CHECK(rows_.change(actor, *before, after, Action::pin_removed));
    return answer_nothing();
  });
}

Result<Work> Account::erase(Actor actor, const std::string& password, int64_t version) {
  TILL_TRY(Proof proof, prove(std::move(actor), password));
  TILL_CHECK(domain::check_version(proof.seen, version));
  return once_proven(std::move(proof), "/password", [this, version](const Actor& owner, User user) -> Result<Finish> {
    TILL_CHECK(domain::check_version(user, version));
    return forget_person(owner, user);
  });
}

Result<Finish> Account::forget_person(const Actor& actor, const User& user) {
  TILL_CHECK(settings_.before_erasing(user.row));
  User erased = user;
  erased.email = "erased-" + std::to_string(user.row) + "@erased.invalid";  // RFC 2606: nobody's, now and ever
  erased.name = "Erased";
  erased.phone.clear();
  erased.password_hash.clear();
  erased.pin_hash.clear();
  erased.active = false;
  TILL_CHECK(rows_.change(actor, user, erased, Action::user_erased));
  TILL_CHECK(ports_.writing.forget_person(user.row));
  return answer_nothing();
}

Result<Account::Proof> Account::prove(Actor actor, const std::string& typed) {
  TILL_TRY(User seen, get(actor.caller));
  const TriesKey key = tries_key(seen.email, actor.address);
  TILL_CHECK(passwords_.check_wait(ports_.reading, key));
  const bool holds = passwords_.match(typed, seen.password_hash);
  return Proof{std::move(actor), std::move(seen), key, holds};
}

/// The second half, in the writer's order: other tries and another password may have come in between. `pointer`: where
/// the request has the password.
Work Account::once_proven(Proof proof, const char* pointer, Act act) {
  return Work([this, proof = std::move(proof), pointer, act = std::move(act)]() mutable -> Result<Finish> {
    TILL_CHECK(passwords_.check_wait(ports_.writing, proof.key));
    TILL_TRY(auto user, ports_.writing.find_user_by_row(proof.seen.row));
    if (!proof.holds || !user || user->password_hash != proof.seen.password_hash) {
      TILL_CHECK(passwords_.count_failure(ports_.writing, proof.key));
      TILL_CHECK(note(ports_, proof.actor, Action::login_failed, proof.seen.row, "own password"));
      return answer_refusal(invalid_field(pointer, "wrong", "Is not the password"));
    }
    TILL_CHECK(ports_.writing.forget_tries(proof.key));
    return act(proof.actor, std::move(*user));
  });
}

}  // namespace till::access
