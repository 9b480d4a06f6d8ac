// Access tokens: made at log-in and refresh, believed for 15 minutes as long as their session lives.
// authenticate() runs on the door's thread only and keeps what it has verified, because a signature costs microseconds
// and a client shows the same token for 15 minutes; issue() may be called on any thread.
#pragma once

#include <string>
#include <unordered_map>

#include "access/live_sessions.h"
#include "crypto/token.h"

namespace till::access {

inline constexpr int64_t kAccessToken_s = 15 * 60;

class AccessTokens final : public http::Authenticator {
 public:
  AccessTokens(const crypto::TokenSigner::Key& key, const LiveSessions& live, Clock& clock, IdSource& ids);

  [[nodiscard]] std::string issue(const domain::User& user, const Uuid& session);

  /// Who shows the token. Errors: unauthorized: "invalid_token", "token_expired", "session_ended".
  Result<http::Caller> authenticate(std::string_view bearer_token) override;

 private:
  struct Verified {
    Uuid session{};
    Time expires{};
  };
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  static constexpr size_t kMostVerified = 1024;  // about 500 bytes each

  Result<Verified> verify(std::string_view token);

  const crypto::TokenSigner signer_;
  const LiveSessions& live_;
  Clock& clock_;
  IdSource& ids_;
  std::unordered_map<std::string, Verified, TextHash, std::equal_to<>> verified_;
};

}  // namespace till::access
