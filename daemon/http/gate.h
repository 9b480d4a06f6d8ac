// Everything that is decided on a request's head once its route is known: who asks, how often, whether they may, and
// whether the headers that steer the work are well formed. Called by the pipeline on the door's thread.
// The order is the argument: the caller is counted before anything is refused, so that guessing tokens costs tokens;
// rights come before syntax, so that a stranger learns nothing about a route's parameters.
#pragma once

#include <functional>
#include <optional>

#include "base/clock.h"
#include "http/dispatcher.h"
#include "http/limiter.h"
#include "http/ports.h"

namespace till::http {

/// A quota of 0 requests limits nobody.
struct GateSettings {
  Quota public_quota{"public", 20, 2};      // nobody in particular, by address: 10/s, bursts of 20
  Quota customer_quota{"customer", 40, 2};  // logged in and limited, by user: 20/s, bursts of 40
  Quota strict_quota{"strict", 10, 60};     // routes of Limit::strict, by address, whoever asks
  Caller local_operator{};                  // who speaks through the control socket (address "local") without a token
  std::function<Status()> room_for_bulk{};  // asked on routes of bulk work; absent: there is always room
};

/// The token of "Bearer <token>"; the scheme's case does not matter (RFC 9110 §11.1). Empty if it is another scheme.
std::string_view bearer_token(std::string_view header);

class Gate {
 public:
  Gate(Authenticator& authenticator, Clock& clock, Random& random, GateSettings settings);

  /// Sets request.caller, if_match and once (without its hash: the body is not here yet), and puts the RateLimit lines
  /// into exchange.answer_headers. Errors: unauthorized, forbidden, too_many, invalid, full.
  Status admit(Exchange& exchange);

 private:
  Status authenticate(Request& request);
  Status count(Exchange& exchange);
  Status take(std::optional<Limiter>& limiter, uint64_t key, Exchange& exchange);

  Authenticator& authenticator_;
  Clock& clock_;
  Caller local_operator_;
  std::function<Status()> room_for_bulk_;
  std::optional<Limiter> public_;
  std::optional<Limiter> customers_;
  std::optional<Limiter> strict_;
};

}  // namespace till::http
