// The cart: what the caller, or whoever works at his till, means to buy.
#include "api/routes.h"

namespace till::api {
namespace {

using domain::Cart;

http::Finish cart_answer(Cart cart) {
  return answer([cart = std::move(cart)] { return http::row_response(cart); });
}

// What is left of a product and what it costs change without the cart's version.
HandlerResult get(Shop& shop, const Request& request) {
  TILL_TRY(const Cart cart, shop.carts.get(request.caller));
  Response response = http::row_response(cart);
  response.live = true;
  return response;
}

HandlerResult add(Shop& shop, const Request& request) {
  TILL_TRY(auto wanted, http::body<domain::CartAddition>(request));
  return http::Work([&shop, wanted = std::move(wanted), caller = request.caller]() -> Result<http::Finish> {
    TILL_TRY(Cart cart, shop.carts.add(wanted, caller));
    return cart_answer(std::move(cart));
  });
}

http::Work set_quantity(Shop& shop, const Request& request, const Uuid& product, int64_t quantity, int64_t version) {
  return [&shop, product, quantity, version, caller = request.caller]() -> Result<http::Finish> {
    TILL_TRY(Cart cart, shop.carts.set_quantity(product, quantity, version, caller));
    return cart_answer(std::move(cart));
  };
}

HandlerResult change(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid product, http::id_param(request, "product_id"));
  TILL_TRY(Json json, http::body_json(request));
  TILL_TRY(const auto in_body, http::take_version(json));
  TILL_TRY(const int64_t version, http::expected_version(request, in_body));
  TILL_TRY(const auto wanted, row_from_json<domain::CartQuantity>(json));
  return set_quantity(shop, request, product, wanted.quantity, version);
}

HandlerResult take_out(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid product, http::id_param(request, "product_id"));
  TILL_TRY(const int64_t version, http::expected_version(request, {}));
  return set_quantity(shop, request, product, 0, version);
}

HandlerResult clear(Shop& shop, const Request& request) {
  TILL_TRY(const int64_t version, http::expected_version(request, {}));
  return http::Work([&shop, version, caller = request.caller]() -> Result<http::Finish> {
    TILL_TRY(Cart cart, shop.carts.clear(version, caller));
    return cart_answer(std::move(cart));
  });
}

HandlerResult park(Shop& shop, const Request& request) {
  TILL_TRY(auto wanted, http::body<domain::CartName>(request));
  return http::Work([&shop, wanted = std::move(wanted), caller = request.caller]() -> Result<http::Finish> {
    TILL_TRY(Cart cart, shop.carts.park(wanted.name, caller));
    return cart_answer(std::move(cart));
  });
}

HandlerResult list_parked(Shop& shop, const Request& request) {
  TILL_TRY(const domain::Slice slice, slice_of(request));
  TILL_TRY(const auto parked, shop.carts.list_parked(request.caller, slice));
  return http::list_response(request, parked);
}

HandlerResult resume(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  return http::Work([&shop, id, caller = request.caller]() -> Result<http::Finish> {
    TILL_TRY(Cart cart, shop.carts.resume(id, caller));
    return cart_answer(std::move(cart));
  });
}

HandlerResult discard(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  return http::Work([&shop, id, caller = request.caller]() -> Result<http::Finish> {
    TILL_CHECK(shop.carts.discard(id, caller));
    return answer([] { return Response{.status = 204}; });
  });
}

}  // namespace

Routes cart_routes(Shop& shop) {
  auto with = [&shop](HandlerResult (*handler)(Shop&, const Request&)) {
    return [&shop, handler](Request& request) { return handler(shop, request); };
  };
  const Schema* row = answer_schema<Cart>();
  // clang-format off
  return {
    route(Method::get, "/api/v1/cart", Role::customer, Lane::slow, "cart.get", "The caller's cart, priced as of now", with(get)).gives(row).own(),
    route(Method::post, "/api/v1/cart/lines", Role::customer, Lane::write, "cart.add", "Puts more of a product in", with(add))
        .takes(creation_schema<domain::CartAddition>()).gives(row).keyed(Once::optional).own(),
    route(Method::patch, "/api/v1/cart/lines/{product_id}", Role::customer, Lane::write, "cart.set", "Sets how much of a product", with(change))
        .takes(creation_schema<domain::CartQuantity>()).gives(row).with_version().own(),
    route(Method::del, "/api/v1/cart/lines/{product_id}", Role::customer, Lane::write, "cart.take_out", "Takes a product out", with(take_out))
        .gives(row).with_version().own(),
    route(Method::del, "/api/v1/cart", Role::customer, Lane::write, "cart.clear", "Empties it", with(clear)).gives(row).with_version().own(),
    route(Method::post, "/api/v1/cart/park", Role::customer, Lane::write, "cart.park", "Puts it aside under a name; the next one is empty", with(park))
        .takes(creation_schema<domain::CartName>()).gives(row).own(),
    route(Method::get, "/api/v1/cart/parked", Role::customer, Lane::slow, "cart.parked",
          "Carts put aside: staff see those of the shop, a customer his own", with(list_parked))
        .knows({"limit", "cursor", "fields"}).gives(http::list_schema<Cart>()).own(),
    route(Method::post, "/api/v1/cart/parked/{id}/resume", Role::customer, Lane::write, "cart.resume", "Goes on with a parked cart", with(resume))
        .gives(row).own(),
    route(Method::del, "/api/v1/cart/parked/{id}", Role::customer, Lane::write, "cart.discard", "Throws a parked cart away", with(discard))
        .gives(nullptr, 204).own(),
  };
  // clang-format on
}

}  // namespace till::api
