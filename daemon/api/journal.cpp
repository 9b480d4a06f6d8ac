// The journal: the chain of receipts, to look at and to check (D18).
#include "api/routes.h"

namespace till::api {
namespace {

HandlerResult list(Shop& shop, const Request& request) {
  TILL_TRY(const domain::Slice slice, slice_of(request));
  TILL_TRY(const auto entries, shop.journal.list(slice));
  return http::list_response(request, entries);
}

HandlerResult verify(Shop& shop, const Request&) {
  TILL_TRY(const auto report, shop.journal.verify());
  return http::row_response(report);
}

}  // namespace

Routes journal_routes(Shop& shop) {
  auto with = [&shop](HandlerResult (*handler)(Shop&, const Request&)) {
    return [&shop, handler](Request& request) { return handler(shop, request); };
  };
  // clang-format off
  return {
    route(Method::get, "/api/v1/journal", Role::manager, Lane::slow, "journal.list", "Receipts with their hashes, newest first", with(list))
        .knows({"limit", "cursor", "fields"}).gives(http::list_schema<services::JournalEntry>()),
    route(Method::get, "/api/v1/journal/verify", Role::manager, Lane::slow, "journal.verify", "Computes the whole chain again", with(verify))
        .gives(answer_schema<services::JournalReport>()),
  };
  // clang-format on
}

}  // namespace till::api
