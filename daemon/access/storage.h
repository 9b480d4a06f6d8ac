// Where access keeps its rows, in shop words: the port behind which stand SQLite (access/sqlite_storage.h) and, on the
// hub, PostgreSQL. What reads is const. There are two storages of one database: a `const Storage&` that reads for
// any thread, and a `Storage&` on the writer's connection, which is used inside a Work (http/message.h) and nowhere
// else: it sees and joins the transaction of that moment.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "access/audit.h"
#include "access/session.h"
#include "access/tries.h"
#include "domain/address.h"
#include "domain/page.h"
#include "domain/till.h"
#include "domain/user.h"
#include "http/ports.h"

namespace till::access {

struct LiveSession {
  Uuid id{};
  domain::User user;
  int64_t till = 0;
};

struct UserFilter {
  std::optional<domain::Role> role{};
  std::optional<bool> active{};
  std::string words{};  // part of the name, e-mail address or phone number, in lower case; "": any
};

/// A way to a new password, kept until it is used, another one is asked for or time ends it.
struct PasswordReset {
  int64_t user = 0;
  crypto::Digest token_hash{};
  Time expires_at{};
};

struct KeptAnswer {
  uint64_t body_hash = 0;
  Time at{};
  http::Response answer;
};

class Storage {
 public:
  virtual ~Storage() = default;

  virtual Result<std::optional<domain::User>> find_user(const Uuid& id) const = 0;
  virtual Result<std::optional<domain::User>> find_user_by_row(int64_t row) const = 0;
  /// `email` in lower case. Of several (the hub may write a second one) the oldest.
  virtual Result<std::optional<domain::User>> find_user_by_email(const std::string& email) const = 0;
  virtual Result<domain::Page<domain::User>> list_users(const UserFilter& filter, domain::Slice slice) const = 0;
  virtual Result<std::vector<domain::User>> list_active_admins() const = 0;
  /// Who has a PIN, by name; inactive ones are not among them.
  virtual Result<std::vector<domain::User>> list_pin_holders() const = 0;
  /// Sets the user's row.
  virtual Status add_user(domain::User& user) = 0;
  virtual Status change_user(const domain::User& user) = 0;
  /// All that is kept about the user's person elsewhere in access: addresses, sessions, the way to a new password, kept
  /// answers.
  virtual Status forget_person(int64_t user) = 0;

  virtual Result<std::optional<PasswordReset>> find_reset(const crypto::Digest& token_hash) const = 0;
  /// Takes the place of the user's former one.
  virtual Status keep_reset(const PasswordReset& reset) = 0;
  virtual Status forget_reset(int64_t user) = 0;
  virtual Status forget_old_resets(Time expired_before, int64_t limit) = 0;

  virtual Result<std::optional<Session>> find_session(const Uuid& id) const = 0;
  /// Oldest first.
  virtual Result<std::vector<Session>> list_sessions(int64_t user) const = 0;
  virtual Result<std::vector<LiveSession>> list_live_sessions() const = 0;
  virtual Result<std::vector<Session>> list_expired_sessions(Time now, int64_t limit) const = 0;
  virtual Status add_session(const Session& session) = 0;
  /// Writes what a refresh changes: used_at, expires_at, address and the token's hash.
  virtual Status renew_session(const Session& session) = 0;
  virtual Status end_session(int64_t row) = 0;
  /// All of a user's but `kept` (nil: all).
  virtual Status end_sessions(int64_t user, const Uuid& kept) = 0;
  /// All that began at a till.
  virtual Status end_till_sessions(int64_t till) = 0;

  /// No failures if there is no row.
  virtual Result<Tries> find_tries(const TriesKey& key) const = 0;
  virtual Status keep_tries(const TriesKey& key, const Tries& tries) = 0;
  virtual Status forget_tries(const TriesKey& key) = 0;
  virtual Status forget_old_tries(Time failed_before, int64_t limit) = 0;

  virtual Result<std::optional<domain::Address>> find_address(const Uuid& id) const = 0;
  /// A customer's, oldest first.
  virtual Result<std::vector<domain::Address>> list_addresses(int64_t customer) const = 0;
  /// Sets the address's row.
  virtual Status add_address(domain::Address& address) = 0;
  virtual Status change_address(const domain::Address& address) = 0;
  virtual Status remove_address(int64_t row) = 0;

  virtual Result<std::optional<domain::Till>> find_till(const Uuid& id) const = 0;
  /// The hash in hexadecimal, as domain::Till has it.
  virtual Result<std::optional<domain::Till>> find_till_by_token(const std::string& token_hash) const = 0;
  virtual Result<std::optional<domain::Till>> find_till_by_code(const std::string& code_hash) const = 0;
  virtual Result<domain::Page<domain::Till>> list_tills(domain::Slice slice) const = 0;
  /// Sets the till's row.
  virtual Status add_till(domain::Till& till) = 0;
  virtual Status change_till(const domain::Till& till) = 0;

  virtual Status append_audit(const AuditEvent& event) = 0;
  /// Newest first.
  virtual Result<domain::Page<AuditEntry>> list_audit(const AuditFilter& filter, domain::Slice slice) const = 0;
  /// How many rows hold; conflict, naming the first row that does not follow from the one before it.
  virtual Result<int64_t> verify_audit() const = 0;

  virtual Result<std::optional<KeptAnswer>> find_answer(const http::OnceKey& key) const = 0;
  virtual Status keep_answer(const http::OnceKey& key, const KeptAnswer& kept) = 0;
  /// Looks at the `limit` keys behind `after_key`, forgets their answers if they were kept before `kept_before`, and
  /// returns the last key it looked at, "" after the end.
  virtual Result<std::string> sweep_answers(const std::string& after_key, Time kept_before, int64_t limit) = 0;
};

}  // namespace till::access
