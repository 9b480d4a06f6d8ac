// What people are to hear of: kept for headquarters to mail.
#include "api/routes.h"

namespace till::api {
namespace {

HandlerResult list(Shop& shop, const Request& request) {
  TILL_TRY(const domain::Slice slice, slice_of(request));
  TILL_TRY(const auto kind, http::enum_query<domain::NoticeKind>(request, "kind"));
  TILL_TRY(const auto found, shop.notices.list(kind, slice));
  return http::list_response(request, found);
}

}  // namespace

Routes notification_routes(Shop& shop) {
  // clang-format off
  return {
    route(Method::get, "/api/v1/notifications", Role::manager, Lane::slow, "notifications.list", "What customers and managers are told, newest first",
          [&shop](Request& request) { return list(shop, request); })
        .knows({"limit", "cursor", "fields", "kind"}).gives(http::list_schema<domain::Notice>()),
  };
  // clang-format on
}

}  // namespace till::api
