// The shop's routes, one file per resource; each line of a table is one route (D6). Handlers parse, call one service
// and shape the answer; no shop rule lives here.
#pragma once

#include <optional>

#include "access/routes.h"
#include "domain/role.h"
#include "http/handler.h"
#include "http/route.h"
#include "services/shop.h"

namespace till::api {

using access::route;
using access::slice_of;
using domain::Role;
using http::Lane;
using http::Method;
using http::Once;
using http::Request;
using http::Response;
using http::Route;
using http::Routes;
using services::Shop;
using HandlerResult = Result<http::Outcome>;

/// Nobody has to be logged in.
inline constexpr std::optional<Role> kPublic{};

/// A Finish for an answer that is formatted after the commit.
template <class F>
http::Finish answer(F&& format) {
  return http::Finish([format = std::forward<F>(format)]() mutable -> Result<Response> { return format(); });
}

Routes product_routes(Shop& shop);
Routes category_routes(Shop& shop);
Routes inventory_routes(Shop& shop);
Routes reservation_routes(Shop& shop);
Routes cart_routes(Shop& shop);
Routes order_routes(Shop& shop);
Routes shipment_routes(Shop& shop);
Routes notification_routes(Shop& shop);
Routes journal_routes(Shop& shop);

/// Every route of the shop, in the order of the documents.
Routes shop_routes(Shop& shop);

}  // namespace till::api
