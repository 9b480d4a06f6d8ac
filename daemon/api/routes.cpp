#include "api/routes.h"

#include <iterator>

namespace till::api {

Result<domain::Slice> slice_of(const Request& request) {
  TILL_TRY(const http::PageQuery page, http::page_query(request));
  return domain::Slice{.cursor = page.cursor, .limit = page.limit};
}

Routes shop_routes(Shop& shop) {
  Routes all;
  for (Routes (*resource)(Shop&) : {product_routes, category_routes, inventory_routes, order_routes, journal_routes}) {
    Routes some = resource(shop);
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace till::api
