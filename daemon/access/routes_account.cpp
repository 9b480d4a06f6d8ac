// /api/v1/users/me: the own account (20-api, Resources).
#include "access/routes.h"

namespace till::access {
namespace {

using domain::Role;
using http::Lane;
using http::Method;
using http::Outcome;
using http::Request;

Result<Outcome> get(Account& account, const Request& request) {
  TILL_TRY(const auto user, account.get(request.caller));
  return http::row_response(user);
}

Result<Outcome> change(Account& account, const Request& request) {
  TILL_TRY(auto wanted, http::change<Profile>(request));
  return account.change(Actor::of(request), std::move(wanted));
}

Result<Outcome> erase(Account& account, const Request& request) {
  TILL_TRY(const int64_t version, http::expected_version(request, {}));
  TILL_TRY(const auto typed, http::body<OwnPassword>(request));
  TILL_TRY(http::Work work, account.erase(Actor::of(request), typed.password, version));
  return work;
}

}  // namespace

http::Routes account_routes(Account& account) {
  const Schema* row = answer_schema<domain::User>();
  // clang-format off
  http::Routes routes = {
    route(Method::get, "/api/v1/users/me", Role::customer, Lane::read, "users.get_own",
        "The own account", with(account, get)).gives(row),
    route(Method::patch, "/api/v1/users/me", Role::customer, Lane::write, "users.change_own",
        "Changes one's own name, e-mail address and phone number", with(account, change))
        .takes(change_schema<Profile>()).gives(row).with_version(),
    route(Method::del, "/api/v1/users/me", Role::customer, Lane::slow, "users.erase_own",
        "Ends the own account: what says who it was goes for good, orders stay", with(account, erase))
        .takes(answer_schema<OwnPassword>()).gives(nullptr, 204).with_version(),
  };
  // clang-format on
  routes.back().limit = http::Limit::strict;  // a password is asked for
  return routes;
}

}  // namespace till::access
