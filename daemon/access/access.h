// Access as a whole: what the composition root builds once and plugs into http.
//
//   SqliteStorage reading([&] { return readers.fresh(); });
//   SqliteStorage writing([&]() -> Result<sqlite::Connection*> { return &writer.connection(); });
//   Access access({reading, writing, clock, random, ids, notices}, {.token_key = key});
//   writer.on_lost([&](auto&) { return access.load(); });  // and access.load() at start
//   pipeline: access.authenticator(), access.once(), access.routes()
#pragma once

#include "access/once_answers.h"
#include "access/routes.h"

namespace till::access {

struct Settings {
  crypto::TokenSigner::Key token_key{};  // 32 random bytes, kept from start to start: a new one ends all access tokens
  int password_cost = 5;                 // yescrypt's (crypto/password.h)
  int64_t once_days = 30;
  UserSettings users{};
};

class Access {
 public:
  Access(Ports ports, Settings settings);

  /// Learns the live sessions. At start and when the writer lost a commit; on the writer's thread or before it starts.
  Status load();
  /// Forgets some of what is out of date: sessions, tries, reset tokens, kept answers. In a job of the writer, about
  /// once a minute.
  Status tidy();
  /// See Users::ensure_admin.
  Result<std::optional<std::string>> ensure_admin(bool former_is_kept) { return users_.ensure_admin(former_is_kept); }

  /// For orders that are sent somewhere.
  [[nodiscard]] const Addresses& addresses() const { return addresses_; }

  http::Authenticator& authenticator() { return tokens_; }
  http::OnceStore& once() { return once_; }
  http::Routes routes();

 private:
  const Ports ports_;
  const UserSettings user_settings_;
  Passwords passwords_;
  LiveSessions live_;
  AccessTokens tokens_;
  UserRows rows_;
  Sessions sessions_;
  Users users_;
  Account account_;
  Tills tills_;
  Addresses addresses_;
  OnceAnswers once_;
};

}  // namespace till::access
