#include "api/routes.h"

#include <iterator>

namespace till::api {

Route route(Method method, std::string_view path, std::optional<Role> role, Lane lane, std::string_view name,
            std::string_view summary, http::Handler handler) {
  return {.method = method,
          .path = path,
          .role = role ? to_string(*role) : "public",
          .needs = role ? domain::right(*role) : 0,
          .lane = lane,
          .name = name,
          .summary = summary,
          .handler = std::move(handler)};
}

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
