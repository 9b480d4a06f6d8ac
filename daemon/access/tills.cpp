#include "access/tills.h"

#include "access/answers.h"
#include "crypto/token.h"
#include "domain/refusal.h"

namespace till::access {
namespace {

using domain::Till;
using domain::TillState;
using http::Finish;
using http::Work;

constexpr size_t kCodeLetters = 8;  // 40 bits for ten minutes, and five tries of an address

std::string hash_in_hex(const std::string& secret) { return to_hex(crypto::hash_opaque_token(secret)); }

}  // namespace

Result<Till> till_of(const Storage& storage, const std::string& token) {
  TILL_TRY(auto till, storage.find_till_by_token(hash_in_hex(token)));
  if (!till) return Error{Code::unauthorized, "This device is not paired as a till", "invalid_till_token"};
  return std::move(*till);
}

bool is_till_staff(const domain::User& user) {
  return user.active && domain::may(domain::rights_of(user.role), domain::Role::cashier);
}

Work Tills::add(Actor actor, Till wanted) {
  return Work([this, actor = std::move(actor), till = std::move(wanted)]() mutable -> Result<Finish> {
    begin(till, ports_, settings_.version_base);
    std::string code = renew_code(till);
    TILL_CHECK(ports_.writing.add_till(till));
    TILL_CHECK(note(ports_, actor, Action::till_added, 0, to_string(till.id)));
    return answer_row(PairingCode{till, std::move(code), till.code_until}, 201);
  });
}

Work Tills::make_code(Actor actor, const Uuid& id) {
  return Work([this, actor = std::move(actor), id]() -> Result<Finish> {
    TILL_TRY(Till till, existing(id, std::nullopt));
    std::string code = renew_code(till);
    TILL_CHECK(write(actor, till, Action::till_code));
    return answer_row(PairingCode{till, std::move(code), till.code_until});
  });
}

Work Tills::change(Actor actor, const Uuid& id, http::Change<Till> change) {
  return Work([this, actor = std::move(actor), id, change = std::move(change)]() -> Result<Finish> {
    TILL_TRY(Till till, existing(id, change.version));
    change.patch.apply(till);
    TILL_CHECK(write(actor, till, Action::till_changed));
    return answer_row(std::move(till));
  });
}

Work Tills::revoke(Actor actor, const Uuid& id, int64_t version) {
  return Work([this, actor = std::move(actor), id, version]() -> Result<Finish> {
    TILL_TRY(Till till, existing(id, version));
    till.state = TillState::revoked;
    till.code_hash.clear();
    till.token_hash.clear();
    TILL_CHECK(write(actor, till, Action::till_revoked));
    TILL_CHECK(end_sessions(till));
    return answer_nothing();
  });
}

Work Tills::pair(const std::string& code, const std::string& address) {
  return Work([this, hash = hash_in_hex(lower_case(code)), address]() -> Result<Finish> {
    const Actor device{.caller = {}, .address = address};
    const TriesKey key = tries_key("pair\n", address);
    TILL_CHECK(passwords_.check_wait(ports_.writing, key));
    TILL_TRY(auto till, ports_.writing.find_till_by_code(hash));
    if (!till || till->code_until <= ports_.clock.now()) {
      TILL_CHECK(passwords_.count_failure(ports_.writing, key));
      TILL_CHECK(note(ports_, device, Action::login_failed, 0, "pairing code"));
      return answer_refusal({Code::unauthorized, "The code is wrong or too old", "invalid_pairing_code"});
    }
    TILL_CHECK(ports_.writing.forget_tries(key));
    std::string token = crypto::make_opaque_token(ports_.random);
    till->state = TillState::paired;
    till->paired_at = ports_.clock.now();
    till->code_hash.clear();
    till->token_hash = hash_in_hex(token);
    TILL_CHECK(write(device, *till, Action::till_paired));
    TILL_CHECK(end_sessions(*till));  // those of the device that was the till before
    return answer_row(PairedTill{std::move(*till), std::move(token)}, 201);
  });
}

Result<TillPlace> Tills::place(const std::string& token) const {
  TillPlace place;
  TILL_TRY(place.till, till_of(ports_.reading, token));
  TILL_TRY(const auto holders, ports_.reading.list_pin_holders());
  for (const domain::User& user : holders)
    if (is_till_staff(user)) place.staff.push_back({user.id, user.name});
  return place;
}

/// A till that is not revoked, of the version that the caller saw if he has to name it.
Result<Till> Tills::existing(const Uuid& id, std::optional<int64_t> version) const {
  TILL_TRY(auto till, ports_.writing.find_till(id));
  if (!till) return Error{.code = Code::not_found, .message = "There is no such till"};
  if (version) TILL_CHECK(domain::check_version(*till, *version));
  if (till->state == TillState::revoked)
    return Error{Code::conflict, "This till was revoked, add another one", "till_revoked"};
  return std::move(*till);
}

std::string Tills::renew_code(Till& till) const {
  std::string code = make_readable(ports_.random, kCodeLetters);
  till.code_hash = hash_in_hex(code);
  till.code_until = {ports_.clock.now().ms + kPairingCode_ms};
  return code;
}

Status Tills::write(const Actor& actor, Till& till, Action action) {
  touch(till, ports_, settings_.version_base);
  TILL_CHECK(ports_.writing.change_till(till));
  return note(ports_, actor, action, 0, to_string(till.id));
}

Status Tills::end_sessions(const Till& till) {
  TILL_CHECK(ports_.writing.end_till_sessions(till.row));
  live_.end_till(till.row);
  return {};
}

}  // namespace till::access
