// /api/v1/tills: adding, pairing and revoking the places where staff log in by PIN (20-api, Resources).
#include "access/routes.h"

namespace till::access {
namespace {

using domain::Role;
using domain::Till;
using http::Lane;
using http::Method;
using http::Outcome;
using http::Request;

Result<Outcome> list(const Storage& reading, const Request& request) {
  TILL_TRY(const domain::Slice slice, slice_of(request));
  TILL_TRY(const auto page, reading.list_tills(slice));
  return http::list_response(request, page);
}

Result<Outcome> add(Tills& tills, const Request& request) {
  TILL_TRY(Till wanted, http::body<Till>(request));
  return tills.add(Actor::of(request), std::move(wanted));
}

Result<Outcome> make_code(Tills& tills, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  return tills.make_code(Actor::of(request), id);
}

Result<Outcome> change(Tills& tills, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(auto wanted, http::change<Till>(request));
  return tills.change(Actor::of(request), id, std::move(wanted));
}

Result<Outcome> revoke(Tills& tills, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(const int64_t version, http::expected_version(request, {}));
  return tills.revoke(Actor::of(request), id, version);
}

Result<Outcome> pair(Tills& tills, const Request& request) {
  TILL_TRY(const auto wanted, http::body<PairRequest>(request));
  return tills.pair(wanted.code, request.address);
}

Result<Outcome> current(Tills& tills, const Request& request) {
  TILL_TRY(const TillPlace place, tills.place(till_token(request)));
  return http::row_response(place);
}

}  // namespace

std::string till_token(const Request& request) {
  const std::string* token = request.header("till-token");
  return token ? *token : std::string();
}

http::Routes till_routes(Tills& tills, const Storage& reading) {
  const Schema* row = answer_schema<Till>();
  const Schema* code = answer_schema<PairingCode>();
  // clang-format off
  http::Routes routes = {
    route(Method::get, "/api/v1/tills", Role::manager, Lane::read, "tills.list",
        "Tills in the order of their making", [&reading](Request& request) { return list(reading, request); })
        .knows(http::list_query()).gives(http::list_schema<Till>()),
    route(Method::post, "/api/v1/tills", Role::manager, Lane::write, "tills.create",
        "Adds a till, with the code that pairs its device, good for ten minutes", with(tills, add))
        .takes(creation_schema<Till>()).gives(code, 201),
    route(Method::post, "/api/v1/tills/{id}/code", Role::manager, Lane::write, "tills.code",
        "Makes another pairing code, for the first device or another one", with(tills, make_code)).gives(code),
    route(Method::patch, "/api/v1/tills/{id}", Role::manager, Lane::write, "tills.change",
        "Renames a till", with(tills, change))
        .takes(change_schema<Till>()).gives(row).with_version(),
    route(Method::del, "/api/v1/tills/{id}", Role::manager, Lane::write, "tills.revoke",
        "Revokes a till: its device's token and the sessions that began at it are dead at once", with(tills, revoke))
        .gives(nullptr, 204).with_version(),
    route(Method::get, "/api/v1/tills/current", {}, Lane::read, "tills.current",
        "The till of the device that shows the header Till-Token, and who may log in at it", with(tills, current))
        .gives(answer_schema<TillPlace>()).reads({"Till-Token"}),
    route(Method::post, "/api/v1/tills/pair", {}, Lane::write, "tills.pair",
        "Makes the device that shows the code the till", with(tills, pair))
        .takes(answer_schema<PairRequest>()).gives(answer_schema<PairedTill>(), 201),
  };
  // clang-format on
  routes.back().limit = http::Limit::strict;  // codes are guessed here
  return routes;
}

}  // namespace till::access
