// Rules of the route table (http/route_check.h).
#include "http/route_check.h"

#include <unordered_set>

namespace till::http {
namespace {

/// What is wrong with a route by itself; empty if nothing is.
std::string_view fault(const Route& route) {
  const bool one_bit_or_none = (route.needs & (route.needs - 1)) == 0;
  if (!route.handler) return "has no handler";
  if (route.name.empty() || route.summary.empty() || route.role.empty()) return "needs a name, a summary and a role";
  if (!one_bit_or_none) return "needs one right, not several";
  if (route.once == Once::no) return {};
  if (route.lane == Lane::read) return "reads, so an idempotency key means nothing";
  if (route.needs == 0) return "is public, so nobody owns its idempotency key";
  if (!route.upload.empty()) return "is an upload, so its body cannot be bound to an idempotency key";
  return {};
}

}  // namespace

Status check_routes(const Routes& routes) {
  std::unordered_set<std::string_view> names;
  for (const Route& route : routes) {
    std::string_view wrong = fault(route);
    if (wrong.empty() && !names.insert(route.name).second) wrong = "has the name of another route";
    if (wrong.empty()) continue;
    std::string message = "route ";
    message.append(to_string(route.method)).append(" ").append(route.path).append(" ").append(wrong);
    return Error{Code::invalid, std::move(message), "bad_route"};
  }
  return {};
}

}  // namespace till::http
