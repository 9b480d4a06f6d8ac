// The routes of access, a table a file: the handlers above it parse, call one function of Sessions, Account, Users,
// Tills or Addresses, and shape the answer.
#pragma once

#include <optional>

#include "access/account.h"
#include "access/addresses.h"
#include "access/sessions.h"
#include "access/tills.h"
#include "access/users.h"
#include "domain/page.h"
#include "http/route.h"

namespace till::access {

/// A route's handler: a function of this object and the request.
template <class Object>
http::Handler with(Object& object, Result<http::Outcome> (*handler)(Object&, const http::Request&)) {
  return [&object, handler](http::Request& request) { return handler(object, request); };
}

/// The line of a route; no role: public. What is unusual about it follows: .takes(body) .gives(answer) …
http::Route route(http::Method method, std::string_view path, std::optional<domain::Role> role, http::Lane lane,
                  std::string_view name, std::string_view summary, http::Handler handler);

/// The part of a list that a request asks for.
Result<domain::Slice> slice_of(const http::Request& request);

/// The device's token, "" if it shows none.
std::string till_token(const http::Request& request);

http::Routes auth_routes(Sessions& sessions, Account& account);
http::Routes account_routes(Account& account);
http::Routes address_routes(Addresses& addresses, const Storage& reading);
http::Routes till_routes(Tills& tills, const Storage& reading);
http::Routes user_routes(Users& users, const Storage& reading);
http::Routes audit_routes(const Storage& reading);

}  // namespace till::access
