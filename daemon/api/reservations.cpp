// Goods held back, for orders and by hand.
#include "api/routes.h"

namespace till::api {
namespace {

using domain::Reservation;

HandlerResult reserve(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request, "product_id"));
  TILL_TRY(auto draft, http::body<domain::ReservationDraft>(request));
  return http::Work([&shop, id, draft = std::move(draft), caller = request.caller]() -> Result<http::Finish> {
    TILL_TRY(Reservation made, shop.reservations.reserve(id, draft, caller));
    return answer([made = std::move(made)] { return http::row_response(made, 201); });
  });
}

HandlerResult release(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request, "product_id"));
  TILL_TRY(const auto wanted, http::body<domain::ReservationRelease>(request));
  return http::Work([&shop, id, wanted]() -> Result<http::Finish> {
    TILL_TRY(const domain::Stock stock, shop.reservations.release_quantity(id, wanted.quantity));
    return answer([stock] { return http::row_response(stock); });
  });
}

HandlerResult list(Shop& shop, const Request& request) {
  TILL_TRY(const domain::Slice slice, slice_of(request));
  TILL_TRY(const auto found, shop.reservations.list(slice));
  return http::list_response(request, found);
}

HandlerResult remove(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  return http::Work([&shop, id]() -> Result<http::Finish> {
    TILL_CHECK(shop.reservations.release_one(id));
    return answer([] { return Response{.status = 204}; });
  });
}

}  // namespace

Routes reservation_routes(Shop& shop) {
  auto with = [&shop](HandlerResult (*handler)(Shop&, const Request&)) {
    return [&shop, handler](Request& request) { return handler(shop, request); };
  };
  // clang-format off
  return {
    route(Method::post, "/api/v1/inventory/{product_id}/reserve", Role::inventory_manager, Lane::write, "reservations.create",
          "Holds some of a product back", with(reserve))
        .takes(creation_schema<domain::ReservationDraft>()).gives(answer_schema<Reservation>(), 201).keyed(Once::required),
    route(Method::post, "/api/v1/inventory/{product_id}/release", Role::inventory_manager, Lane::write, "reservations.release",
          "Lets go of what was held back by hand, the oldest first", with(release))
        .takes(creation_schema<domain::ReservationRelease>()).gives(answer_schema<domain::Stock>()).keyed(Once::required),
    route(Method::get, "/api/v1/inventory/reservations", Role::inventory_manager, Lane::slow, "reservations.list",
          "All that is held back, the oldest first", with(list))
        .knows({"limit", "cursor", "fields"}).gives(http::list_schema<Reservation>()),
    route(Method::del, "/api/v1/inventory/reservations/{id}", Role::inventory_manager, Lane::write, "reservations.remove",
          "Lets go of one that was made by hand", with(remove)).gives(nullptr, 204),
  };
  // clang-format on
}

}  // namespace till::api
