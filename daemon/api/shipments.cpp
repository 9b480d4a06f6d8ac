// Deliveries: what has to go out, and how far it is.
#include "api/routes.h"

namespace till::api {
namespace {

using domain::Shipment;

HandlerResult list(Shop& shop, const Request& request) {
  TILL_TRY(const domain::Slice slice, slice_of(request));
  store::ShipmentFilter filter;
  TILL_TRY(filter.status, http::enum_query<domain::ShipmentStatus>(request, "status"));
  TILL_TRY(const auto found, shop.orders.list_shipments(filter, request.caller, slice));
  return http::list_response(request, found);
}

HandlerResult get(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(const Shipment shipment, shop.orders.get_shipment(id, request.caller));
  return http::row_response(shipment);
}

HandlerResult change(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(auto wanted, http::change<Shipment>(request));
  return http::Work([&shop, id, wanted = std::move(wanted), caller = request.caller]() -> Result<http::Finish> {
    TILL_TRY(Shipment changed, shop.orders.change_shipment(id, wanted.version, wanted.patch, caller));
    return answer([changed = std::move(changed)] { return http::row_response(changed); });
  });
}

}  // namespace

Routes shipment_routes(Shop& shop) {
  auto with = [&shop](HandlerResult (*handler)(Shop&, const Request&)) {
    return [&shop, handler](Request& request) { return handler(shop, request); };
  };
  const Schema* row = answer_schema<Shipment>();
  // clang-format off
  return {
    route(Method::get, "/api/v1/shipments", Role::customer, Lane::slow, "shipments.list", "Deliveries, newest first", with(list))
        .knows({"limit", "cursor", "fields", "status"}).gives(http::list_schema<Shipment>()).own(),
    route(Method::get, "/api/v1/shipments/{id}", Role::customer, Lane::read, "shipments.get", "One delivery", with(get)).gives(row).own(),
    route(Method::patch, "/api/v1/shipments/{id}", Role::cashier, Lane::write, "shipments.change",
          "Carrier, tracking number, and how far it is, which moves its order along", with(change))
        .takes(change_schema<Shipment>()).gives(row).with_version(),
  };
  // clang-format on
}

}  // namespace till::api
