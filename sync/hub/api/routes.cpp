#include "sync/hub/api/routes.h"

#include <iterator>

namespace till::hub::api {

Routes hub_routes(const Office& office) {
  Routes all;
  for (Routes (*part)(const Office&) :
       {catalogue_routes, order_routes, node_routes, status_routes, conflict_routes, quarantine_routes}) {
    Routes some = part(office);
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace till::hub::api
