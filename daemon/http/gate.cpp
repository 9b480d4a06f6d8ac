// The checks on a head (http/gate.h), in the order in which they are made.
#include "http/gate.h"

#include <algorithm>

#include "http/conditional.h"

namespace till::http {
namespace {

constexpr size_t kMaxOnceKey = 64;

std::optional<Limiter> limiter_of(const Quota& quota, Random& random) {
  if (quota.requests <= 0 || quota.window_s <= 0) return std::nullopt;
  return Limiter(quota, random);
}

Status check_rights(const Route& route, const Caller& caller) {
  if (route.needs != 0 && (caller.rights & route.needs) == 0) {
    if (caller.rights == 0) return Error{Code::unauthorized, "log in first", "login_required"};
    return Error{Code::forbidden, "this needs the role " + std::string(route.role), "role_required"};
  }
  if (caller.restricted && !route.open_to_restricted) {
    return Error{Code::forbidden, "change the password first", "password_change_required"};
  }
  return {};
}

/// Names every parameter that the route does not know, or that came twice: a filter that is silently ignored answers
/// another question than the one asked.
Status check_query(const Route& route, const Pairs& query) {
  if (route.dialect) return {};
  Error error{Code::invalid, "the query has parameters that this route does not know", "bad_query"};
  for (auto at = query.begin(); at != query.end(); ++at) {
    const std::string& name = at->first;
    const bool known = std::find(route.query.begin(), route.query.end(), name) != route.query.end();
    const bool again = std::any_of(query.begin(), at, [&](const auto& before) { return before.first == name; });
    if (!known) error.fields.push_back({"?" + name, "unknown", "not a parameter of this route"});
    if (known && again) error.fields.push_back({"?" + name, "repeated", "may come once"});
  }
  if (error.fields.empty()) return {};
  return error;
}

Status read_if_match(Request& request) {
  const std::string* header = request.header("if-match");
  if (!header) return {};
  TILL_TRY(request.if_match, parse_if_match(*header));
  return {};
}

Status read_once_key(const Route& route, Request& request) {
  if (route.once == Once::no) return {};
  const std::string* key = request.header("idempotency-key");
  if (!key) {
    if (route.once == Once::optional) return {};
    return Error{Code::invalid, "this needs an Idempotency-Key header", "idempotency_key_required"};
  }
  const bool printable = std::all_of(key->begin(), key->end(), [](char c) { return c > ' ' && c <= '~'; });
  if (key->empty() || key->size() > kMaxOnceKey || !printable) {
    return Error{Code::invalid, "Idempotency-Key is 1 to 64 printable ASCII characters", "bad_idempotency_key"};
  }
  std::string scope(to_string(request.method));
  request.once = OnceKey{request.caller.user, scope.append(" ").append(request.path), *key, 0};
  return {};
}

}  // namespace

std::string_view bearer_token(std::string_view header) {
  constexpr std::string_view kScheme = "bearer ";
  if (header.size() <= kScheme.size()) return {};
  for (size_t i = 0; i < kScheme.size(); ++i) {
    if (header[i] != kScheme[i] && header[i] + 32 != kScheme[i]) return {};
  }
  return header.substr(kScheme.size());
}

Gate::Gate(Authenticator& authenticator, Clock& clock, Random& random, GateSettings settings)
    : authenticator_(authenticator),
      clock_(clock),
      local_operator_(std::move(settings.local_operator)),
      room_for_bulk_(std::move(settings.room_for_bulk)),
      public_(limiter_of(settings.public_quota, random)),
      customers_(limiter_of(settings.customer_quota, random)),
      strict_(limiter_of(settings.strict_quota, random)) {}

Status Gate::admit(Exchange& exchange) {
  Request& request = exchange.request;
  const Route& route = *exchange.route;
  const Status known = authenticate(request);
  TILL_CHECK(count(exchange));
  TILL_CHECK(known);
  TILL_CHECK(check_rights(route, request.caller));
  TILL_CHECK(check_query(route, request.query));
  if (route.bulk && room_for_bulk_) TILL_CHECK(room_for_bulk_());
  TILL_CHECK(read_if_match(request));
  return read_once_key(route, request);
}

/// A token that does not hold is refused on public routes too: whoever sends one wants to be somebody.
Status Gate::authenticate(Request& request) {
  const std::string* header = request.header("authorization");
  if (!header) {
    if (request.address == "local") request.caller = local_operator_;
    return {};
  }
  const std::string_view token = bearer_token(*header);
  if (token.empty()) return Error{Code::unauthorized, "Authorization must be Bearer and a token", "bad_token"};
  TILL_TRY(request.caller, authenticator_.authenticate(token));
  return {};
}

Status Gate::count(Exchange& exchange) {
  const Request& request = exchange.request;
  const Caller& caller = request.caller;
  if (exchange.route->limit == Limit::never || request.address == "local") return {};
  if (exchange.route->limit == Limit::strict) return take(strict_, limit_key(request.address), exchange);
  if (!caller.limited) return {};
  if (caller.user != 0) return take(customers_, limit_key(caller.user), exchange);
  return take(public_, limit_key(request.address), exchange);
}

Status Gate::take(std::optional<Limiter>& limiter, uint64_t key, Exchange& exchange) {
  if (!limiter) return {};
  const Limiter::Verdict verdict = limiter->take(key, clock_.monotonic_us());
  exchange.answer_headers += rate_limit_headers(limiter->quota(), verdict);
  if (verdict.allowed) return {};
  Error error{Code::too_many, "too many requests, wait a moment", "rate_limited"};
  error.retry_after_s = static_cast<int>(verdict.retry_in_s);
  return error;
}

}  // namespace till::http
