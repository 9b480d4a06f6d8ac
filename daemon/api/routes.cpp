#include "api/routes.h"

#include <iterator>

namespace till::api {

Routes shop_routes(Shop& shop) {
  Routes all;
  for (Routes (*resource)(Shop&) : {product_routes, category_routes, inventory_routes, reservation_routes, cart_routes,
                                    order_routes, shipment_routes, notification_routes, journal_routes}) {
    Routes some = resource(shop);
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace till::api
