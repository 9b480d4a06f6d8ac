// /api/v1/addresses: what customers keep for their orders (20-api, Resources). Staff may look, only the owner changes.
#include "access/routes.h"

namespace till::access {
namespace {

using domain::Address;
using domain::Role;
using http::Lane;
using http::Method;
using http::Outcome;
using http::Request;
using http::Route;

bool is_staff(const http::Caller& caller) { return domain::may(caller.rights, Role::cashier); }

/// Whose addresses are asked for: the caller's own, or for staff those of `customer_id`.
Result<int64_t> customer_of(const Storage& reading, const Request& request) {
  TILL_TRY(const auto id, http::id_query(request, "customer_id"));
  if (!id || *id == request.caller.id) return request.caller.user;
  if (!is_staff(request.caller))
    return Error{Code::forbidden, "Addresses of others are for the staff", "role_required"};
  TILL_TRY(const auto customer, reading.find_user(*id));
  if (!customer) return no_such_user();
  return customer->row;
}

Result<Outcome> list(const Addresses& addresses, const Storage& reading, const Request& request) {
  TILL_TRY(const int64_t customer, customer_of(reading, request));
  TILL_TRY(const auto found, addresses.list(customer));
  return http::list_response(request, found, 0);
}

Result<Outcome> get(Addresses& addresses, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  const http::Caller& caller = request.caller;
  TILL_TRY(const Address address, addresses.get(is_staff(caller) ? std::nullopt : std::optional(caller.user), id));
  return http::row_response(address);
}

Result<Outcome> add(Addresses& addresses, const Request& request) {
  TILL_TRY(Address wanted, http::body<Address>(request));
  return addresses.add(Actor::of(request), std::move(wanted));
}

Result<Outcome> change(Addresses& addresses, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(auto wanted, http::change<Address>(request));
  return addresses.change(Actor::of(request), id, std::move(wanted));
}

Result<Outcome> remove(Addresses& addresses, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(const int64_t version, http::expected_version(request, {}));
  return addresses.remove(Actor::of(request), id, version);
}

}  // namespace

http::Routes address_routes(Addresses& addresses, const Storage& reading) {
  const Schema* row = answer_schema<Address>();
  // clang-format off
  http::Routes routes = {
    route(Method::get, "/api/v1/addresses", Role::customer, Lane::read, "addresses.list",
        "The own addresses, oldest first; for staff those of a customer",
        [&addresses, &reading](Request& request) { return list(addresses, reading, request); })
        .knows({"customer_id"}).gives(http::list_schema<Address>()),
    route(Method::post, "/api/v1/addresses", Role::customer, Lane::write, "addresses.create",
        "Adds an address; the first one is the default", with(addresses, add))
        .takes(creation_schema<Address>()).gives(row, 201),
    route(Method::get, "/api/v1/addresses/{id}", Role::customer, Lane::read, "addresses.get",
        "One address", with(addresses, get)).gives(row),
    route(Method::patch, "/api/v1/addresses/{id}", Role::customer, Lane::write, "addresses.change",
        "Changes an address of one's own; made the default, the former one is not it any more",
        with(addresses, change))
        .takes(change_schema<Address>()).gives(row).with_version(),
    route(Method::del, "/api/v1/addresses/{id}", Role::customer, Lane::write, "addresses.remove",
        "Removes an address of one's own; after the default one the newest other is it", with(addresses, remove))
        .gives(nullptr, 204).with_version(),
  };
  // clang-format on
  for (Route& route : routes) route.own_rows = true;
  return routes;
}

}  // namespace till::access
