#include "access/access.h"

#include <iterator>

namespace till::access {

constexpr int64_t kForgottenAtOnce = 200;

Access::Access(Ports ports, Settings settings)
    : ports_(ports),
      user_settings_(std::move(settings.users)),
      passwords_(ports.random, ports.clock, settings.password_cost),
      tokens_(settings.token_key, live_, ports.clock, ports.ids),
      rows_(ports, user_settings_, live_),
      sessions_(ports, live_, passwords_, tokens_),
      users_(ports, rows_, passwords_),
      account_(ports, user_settings_, rows_, passwords_, sessions_),
      tills_(ports, user_settings_, live_, passwords_),
      addresses_(ports, user_settings_),
      once_(ports, settings.once_days) {}

Status Access::load() {
  TILL_TRY(const auto live, ports_.writing.list_live_sessions());
  live_.load(live);
  return {};
}

Status Access::tidy() {
  TILL_CHECK(sessions_.forget_expired());
  TILL_CHECK(ports_.writing.forget_old_tries({ports_.clock.now().ms - kForgetTries_ms}, kForgottenAtOnce));
  TILL_CHECK(ports_.writing.forget_old_resets(ports_.clock.now(), kForgottenAtOnce));
  return once_.sweep();
}

http::Routes Access::routes() {
  http::Routes all = auth_routes(sessions_, account_);
  for (http::Routes more :
       {account_routes(account_), user_routes(users_, ports_.reading), address_routes(addresses_, ports_.reading),
        till_routes(tills_, ports_.reading), audit_routes(ports_.reading)})
    std::move(more.begin(), more.end(), std::back_inserter(all));
  return all;
}

}  // namespace till::access
