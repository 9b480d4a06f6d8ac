// The routes of access: auth, users, audit. Each table comes first in its file, the handlers below it parse, call one
// function of Sessions or Users, and shape the answer.
#pragma once

#include <optional>

#include "access/sessions.h"
#include "access/users.h"
#include "http/route.h"

namespace till::access {

/// The line of a route; no role: public. What is unusual about it follows: .takes(body) .gives(answer) …
http::Route route(http::Method method, std::string_view path, std::optional<domain::Role> role, http::Lane lane,
                  std::string_view name, std::string_view summary, http::Handler handler);

http::Routes auth_routes(Sessions& sessions, Users& users);
http::Routes user_routes(Users& users, const Storage& reading);
http::Routes audit_routes(const Storage& reading);

}  // namespace till::access
