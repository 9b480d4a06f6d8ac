#include "access/access_tokens.h"

namespace till::access {

AccessTokens::AccessTokens(const crypto::TokenSigner::Key& key, const LiveSessions& live, Clock& clock, IdSource& ids)
    : signer_(key, "tilld", "till-api"), live_(live), clock_(clock), ids_(ids) {}

std::string AccessTokens::issue(const domain::User& user, const Uuid& session) {
  const Time now = clock_.now();
  return signer_.sign({.user = user.id,
                       .session = session,
                       .id = ids_.next(),
                       .rights = domain::rights_of(user.role),
                       .issued = now,
                       .expires = {now.ms + kAccessToken_s * 1000}});
}

Result<http::Caller> AccessTokens::authenticate(std::string_view bearer_token) {
  TILL_TRY(const Verified token, verify(bearer_token));
  auto caller = live_.find(token.session);
  if (!caller) return Error{Code::unauthorized, "This session has ended, log in again", "session_ended"};
  return std::move(*caller);
}

Result<AccessTokens::Verified> AccessTokens::verify(std::string_view token) {
  const Time now = clock_.now();
  if (const auto known = verified_.find(token); known != verified_.end()) {
    if (now < known->second.expires) return known->second;
    verified_.erase(known);
  }
  TILL_TRY(const crypto::Claims claims, signer_.verify(token, now));
  // Starting over costs each client one verification; keeping order to evict the oldest would cost every request.
  if (verified_.size() >= kMostVerified) verified_.clear();
  return verified_.emplace(token, Verified{claims.session, claims.expires}).first->second;
}

}  // namespace till::access
