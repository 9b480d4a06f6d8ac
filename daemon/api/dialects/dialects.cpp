#include "api/dialects/dialects.h"

#include <algorithm>

#include "api/dialects/interpreter.h"
#include "domain/decimal.h"

namespace till::dialects {
namespace {

const http::Route* find(const http::Routes& routes, std::string_view name) {
  const auto found = std::find_if(routes.begin(), routes.end(), [&](const auto& route) { return route.name == name; });
  return found == routes.end() ? nullptr : &*found;
}

/// Whoever may ask `first` may ask `second`.
bool covers(const http::Route& first, const http::Route& second) {
  if (second.needs == 0) return true;
  const auto role = parse_enum<domain::Role>(first.role);
  return role && (domain::rights_of(*role) & second.needs) != 0;
}

Error misfit(const Line& line, std::string_view what) {
  std::string message = "the dialect's route ";
  message.append(to_string(line.method)).append(" ").append(line.path).append(" ").append(what);
  return {Code::invalid, std::move(message), "bad_route"};
}

Status add(http::Routes& made, Lines lines, const http::Routes& canonical, const Manner& manner) {
  for (Line& line : lines) {
    const http::Route* route = find(canonical, line.canonical);
    if (!route) return misfit(line, "stands for one that is not there");
    std::optional<http::Route> beside;
    if (const http::Route* second = find(canonical, line.beside)) beside = *second;
    if (!line.beside.empty() && !beside) return misfit(line, "uses one that is not there");
    if (beside && !covers(*route, *beside)) return misfit(line, "uses one that needs a higher role");
    made.push_back(Interpreter::route(std::make_shared<const Interpreter>(std::move(line), *route, beside, manner)));
  }
  return {};
}

}  // namespace

Result<http::Routes> routes(const http::Routes& canonical, const Settings& settings, IdSource& ids) {
  http::Routes made;
  const Manner classic{
      .currency_digits = domain::currency_digits(settings.currency), .takes_cards = settings.test_cards, .ids = &ids};
  Manner v1 = classic;
  v1.is_v1 = true;
  if (settings.classic) TILL_CHECK(add(made, classic_lines(), canonical, classic));
  if (settings.v1) TILL_CHECK(add(made, v1_lines(), canonical, v1));
  return made;
}

}  // namespace till::dialects
