// One line of a dialect's table: a route of an older shop system, and the canonical route it stands for. Role, lane,
// limit and everything that is done come from there; the line says what is called differently.
#pragma once

#include "api/dialects/keys.h"
#include "domain/role.h"
#include "http/route.h"

namespace till::dialects {

class Interpreter;
struct Speech;

/// A line's own way of asking the canonical route (special.h).
using Ask = Result<http::Outcome> (*)(const Interpreter&, Speech&);

struct Line {
  http::Method method;
  std::string_view path;       // v1: below /v1. A parameter that the canonical path has not is a query of its name
  std::string_view canonical;  // the name of the route it stands for
  Keys takes;
  Keys gives;
  std::string_view message;  // v1 puts it beside every answer, classic in the place of one that is empty
  bool is_list = false;
  http::Pairs query{};          // of the canonical request
  http::Pairs given{};          // members of the canonical body, where the client did not give them
  std::string_view numbered{};  // a member of the canonical body that is a new id then
  Ask ask = nullptr;
  std::string_view beside{};           // a second canonical route that `ask` uses
  std::optional<domain::Role> role{};  // a higher one than the canonical route's

  Line list(http::Pairs fixed = {}) && { return is_list = true, query = std::move(fixed), std::move(*this); }
  Line with(const char* member, const char* text) && { return given.emplace_back(member, text), std::move(*this); }
  Line numbers(std::string_view member) && { return numbered = member, std::move(*this); }
  Line by(Ask own, std::string_view second) && { return ask = own, beside = second, std::move(*this); }
  Line from(domain::Role lowest) && { return role = lowest, std::move(*this); }
};
using Lines = std::vector<Line>;

}  // namespace till::dialects
