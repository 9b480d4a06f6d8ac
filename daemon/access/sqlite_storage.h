// The rows of access in SQLite (migrations/*.sql): the only file of access that knows SQL.
// One object per way to the database: over the readers it serves any thread, over the writer's connection its jobs.
#pragma once

#include <functional>

#include "access/storage.h"
#include "sqlite/rows.h"

namespace till::access {

class SqliteStorage final : public Storage {
 public:
  /// How a call comes by its connection: `readers.fresh()`, or always the writer's.
  using Source = std::function<Result<sqlite::Connection*>()>;

  explicit SqliteStorage(Source connection) : connection_(std::move(connection)) {}

  Result<std::optional<domain::User>> find_user(const Uuid& id) const override;
  Result<std::optional<domain::User>> find_user_by_row(int64_t row) const override;
  Result<std::optional<domain::User>> find_user_by_email(const std::string& email) const override;
  Result<domain::Page<domain::User>> list_users(const UserFilter& filter, domain::Slice slice) const override;
  Result<std::vector<domain::User>> list_active_admins() const override;
  Result<std::vector<domain::User>> list_pin_holders() const override;
  Status add_user(domain::User& user) override;
  Status change_user(const domain::User& user) override;
  Status forget_person(int64_t user) override;

  Result<std::optional<PasswordReset>> find_reset(const crypto::Digest& token_hash) const override;
  Status keep_reset(const PasswordReset& reset) override;
  Status forget_reset(int64_t user) override;
  Status forget_old_resets(Time expired_before, int64_t limit) override;

  Result<std::optional<Session>> find_session(const Uuid& id) const override;
  Result<std::vector<Session>> list_sessions(int64_t user) const override;
  Result<std::vector<LiveSession>> list_live_sessions() const override;
  Result<std::vector<Session>> list_expired_sessions(Time now, int64_t limit) const override;
  Status add_session(const Session& session) override;
  Status renew_session(const Session& session) override;
  Status end_session(int64_t row) override;
  Status end_sessions(int64_t user, const Uuid& kept) override;
  Status end_till_sessions(int64_t till) override;

  Result<Tries> find_tries(const TriesKey& key) const override;
  Status keep_tries(const TriesKey& key, const Tries& tries) override;
  Status forget_tries(const TriesKey& key) override;
  Status forget_old_tries(Time failed_before, int64_t limit) override;

  Result<std::optional<domain::Address>> find_address(const Uuid& id) const override;
  Result<std::vector<domain::Address>> list_addresses(int64_t customer) const override;
  Status add_address(domain::Address& address) override;
  Status change_address(const domain::Address& address) override;
  Status remove_address(int64_t row) override;

  Result<std::optional<domain::Till>> find_till(const Uuid& id) const override;
  Result<std::optional<domain::Till>> find_till_by_token(const std::string& token_hash) const override;
  Result<std::optional<domain::Till>> find_till_by_code(const std::string& code_hash) const override;
  Result<domain::Page<domain::Till>> list_tills(domain::Slice slice) const override;
  Status add_till(domain::Till& till) override;
  Status change_till(const domain::Till& till) override;

  Status append_audit(const AuditEvent& event) override;
  Result<domain::Page<AuditEntry>> list_audit(const AuditFilter& filter, domain::Slice slice) const override;
  Result<int64_t> verify_audit() const override;

  Result<std::optional<KeptAnswer>> find_answer(const http::OnceKey& key) const override;
  Status keep_answer(const http::OnceKey& key, const KeptAnswer& kept) override;
  Result<std::string> sweep_answers(const std::string& after_key, Time kept_before, int64_t limit) override;

 private:
  /// Runs a statement that gives no rows. `sql` must live as long as the connection.
  template <class... Args>
  Status run(const char* sql, const Args&... args) const {
    TILL_TRY(auto* db, connection_());
    return db->run(sql, args...);
  }
  /// All rows of a query, each read by `read(query)`; at most a list's worth: there is a limit in every such statement.
  template <class Read, class... Args>
  auto rows(Read read, const char* sql, const Args&... args) const -> Result<std::vector<sqlite::RowOf<Read>>> {
    TILL_TRY(auto* db, connection_());
    return sqlite::all_rows(db->query(sql, args...), read);
  }
  /// The first row, if there is one.
  template <class Read, class... Args>
  auto row(Read read, const char* sql, const Args&... args) const -> Result<std::optional<sqlite::RowOf<Read>>> {
    TILL_TRY(auto* db, connection_());
    return sqlite::first_row(db->query(sql, args...), read);
  }

  /// A described row with all its stored columns: added (its row is set), or written over.
  template <class Row>
  Status add_row(Row& row);
  template <class Row>
  Status change_row(const Row& row);

  Source connection_;
};

}  // namespace till::access
