// Stock: what is there, what happened to it, and the ways to book what is no sale (D10).
#include "api/routes.h"

namespace till::api {
namespace {

using domain::StockEntryKind;

HandlerResult list(Shop& shop, const Request& request) {
  TILL_TRY(const domain::Slice slice, slice_of(request));
  TILL_TRY(const auto low, http::bool_query(request, "low"));
  TILL_TRY(const auto found, shop.inventory.list_stock(low.value_or(false), slice));
  return http::list_response(request, found);
}

HandlerResult get(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request, "product_id"));
  TILL_TRY(const domain::Stock stock, shop.inventory.get_stock(id));
  return http::row_response(stock);
}

HandlerResult movements(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request, "product_id"));
  TILL_TRY(const domain::Slice slice, slice_of(request));
  TILL_TRY(const auto ledger, shop.inventory.list_movements(id, slice));
  return http::list_response(request, ledger);
}

HandlerResult book(Shop& shop, const Request& request, StockEntryKind kind) {
  TILL_TRY(const Uuid id, http::id_param(request, "product_id"));
  TILL_TRY(auto change, http::body<domain::StockChange>(request));
  return http::Work([&shop, id, kind, change = std::move(change), caller = request.caller]() -> Result<http::Finish> {
    TILL_TRY(domain::Stock stock, shop.inventory.book(id, kind, change, caller));
    return answer([stock] { return http::row_response(stock); });
  });
}

}  // namespace

Routes inventory_routes(Shop& shop) {
  auto with = [&shop](HandlerResult (*handler)(Shop&, const Request&)) {
    return [&shop, handler](Request& request) { return handler(shop, request); };
  };
  auto booking = [&shop](std::string_view path, StockEntryKind kind, std::string_view name, std::string_view summary) {
    return route(Method::post, path, Role::inventory_manager, Lane::write, name, summary,
                 [&shop, kind](Request& request) { return book(shop, request, kind); })
        .takes(creation_schema<domain::StockChange>())
        .gives(answer_schema<domain::Stock>())
        .keyed(Once::required);
  };
  // clang-format off
  return {
    route(Method::get, "/api/v1/inventory", Role::inventory_manager, Lane::slow, "inventory.list",
          "Stock of all products, or of those that run low", with(list))
        .knows(http::list_query({"low"})).gives(http::list_schema<domain::Stock>()),
    route(Method::get, "/api/v1/inventory/{product_id}", Role::customer, Lane::read, "inventory.get",
          "What there is of a product", with(get)).gives(answer_schema<domain::Stock>()),
    route(Method::get, "/api/v1/inventory/{product_id}/movements", Role::inventory_manager, Lane::read, "inventory.movements",
          "The product's ledger, newest first", with(movements))
        .knows({"limit", "cursor", "fields"}).gives(http::list_schema<domain::Movement>()),
    booking("/api/v1/inventory/{product_id}/receive", StockEntryKind::receive, "inventory.receive", "Goods came in"),
    booking("/api/v1/inventory/{product_id}/issue",   StockEntryKind::issue,   "inventory.issue",   "Goods went out without a sale"),
    booking("/api/v1/inventory/{product_id}/adjust",  StockEntryKind::adjust,  "inventory.adjust",  "A correction by a difference"),
    booking("/api/v1/inventory/{product_id}/count",   StockEntryKind::count,   "inventory.count",   "What was counted; the difference is booked"),
    booking("/api/v1/inventory/{product_id}/transfer-out", StockEntryKind::transfer_out, "inventory.transfer_out", "Goods left for another store"),
    booking("/api/v1/inventory/{product_id}/transfer-in",  StockEntryKind::transfer_in,  "inventory.transfer_in",  "Goods came from another store"),
  };
  // clang-format on
}

}  // namespace till::api
