// Orders: sales at once or placed and paid later, their steps, returns and voids. The key of a POST that makes an order
// is kept in the order it made (D19).
#include <charconv>

#include "api/routes.h"
#include "http/once.h"

namespace till::api {
namespace {

using domain::Order;

http::Finish sold_answer(services::Sold sold) {
  if (sold.declined) {
    return [refusal = std::move(*sold.declined)]() -> Result<Response> { return refusal; };
  }
  return answer([sold = std::move(sold)] {
    Response response = http::row_response(sold.order, 201);
    response.add("Location", "/api/v1/orders/" + to_string(sold.order.id));
    if (sold.replayed) response.add("Idempotent-Replayed", "true");
    return response;
  });
}

HandlerResult sell(Shop& shop, const Request& request) {
  TILL_TRY(auto draft, http::body<domain::OrderDraft>(request));
  return http::Work(
      [&shop, draft = std::move(draft), caller = request.caller, once = request.once]() -> Result<http::Finish> {
        TILL_TRY(auto sold, shop.selling.sell(draft, caller, once));
        return sold_answer(std::move(sold));
      });
}

HandlerResult pay(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(auto draft, http::body<domain::OrderPayment>(request));
  return http::Work(
      [&shop, id, draft = std::move(draft), caller = request.caller, once = request.once]() -> Result<http::Finish> {
        TILL_TRY(auto sold, shop.selling.pay(id, draft.payments, caller, once));
        return sold_answer(std::move(sold));
      });
}

HandlerResult change_status(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(Json json, http::body_json(request));
  TILL_TRY(const auto in_body, http::take_version(json));
  TILL_TRY(const int64_t version, http::expected_version(request, in_body));
  TILL_TRY(auto change, row_from_json<domain::StatusChange>(json));
  return http::Work(
      [&shop, id, version, change = std::move(change), caller = request.caller]() -> Result<http::Finish> {
        TILL_TRY(Order order, shop.orders.change_status(id, version, change, caller));
        return answer([order = std::move(order)] { return http::row_response(order); });
      });
}

HandlerResult cancel(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(auto draft, http::body<domain::Cancellation>(request));
  return http::Work([&shop, id, draft = std::move(draft), caller = request.caller]() -> Result<http::Finish> {
    TILL_TRY(Order order, shop.orders.cancel(id, draft.reason, caller));
    return answer([order = std::move(order)] { return http::row_response(order); });
  });
}

HandlerResult take_back(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(auto draft, http::body<domain::ReturnDraft>(request));
  return http::Work(
      [&shop, id, draft = std::move(draft), caller = request.caller, once = request.once]() -> Result<http::Finish> {
        TILL_TRY(auto sold, shop.returns.take_back(id, draft, caller, once));
        return sold_answer(std::move(sold));
      });
}

HandlerResult take_back_blind(Shop& shop, const Request& request) {
  TILL_TRY(auto draft, http::body<domain::BlindReturnDraft>(request));
  return http::Work(
      [&shop, draft = std::move(draft), caller = request.caller, once = request.once]() -> Result<http::Finish> {
        TILL_TRY(auto sold, shop.returns.take_back_blind(draft, caller, once));
        return sold_answer(std::move(sold));
      });
}

HandlerResult void_sale(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(auto draft, http::body<domain::VoidDraft>(request));
  return http::Work(
      [&shop, id, draft = std::move(draft), caller = request.caller, once = request.once]() -> Result<http::Finish> {
        TILL_TRY(auto sold, shop.returns.void_sale(id, draft, caller, once));
        return sold_answer(std::move(sold));
      });
}

HandlerResult get(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(const Order order, shop.orders.get(id, request.caller));
  return http::row_response(order);
}

// "A1-K7QD-12": what is looked for is the number behind the last dash, what is compared is all of it.
Status read_receipt_number(const std::string& text, domain::OrderFilter& filter) {
  const size_t dash = text.rfind('-');
  const char* const end = text.data() + text.size();
  int64_t n = 0;
  const bool read = text.find('-') != dash &&
                    std::from_chars(text.data() + dash + 1, end, n) == std::from_chars_result{end, std::errc{}};
  if (!read) return invalid_field("?receipt_number", "value", "is no receipt number");
  filter.receipt_number = text;
  filter.receipt_n = n;
  return {};
}

HandlerResult list(Shop& shop, const Request& request) {
  TILL_TRY(const domain::Slice slice, slice_of(request));
  domain::OrderFilter filter;
  TILL_TRY(filter.business_date, http::integer_query(request, "business_date"));
  TILL_TRY(filter.kind, http::enum_query<domain::OrderKind>(request, "kind"));
  TILL_TRY(filter.status, http::enum_query<domain::OrderStatus>(request, "status"));
  if (const std::string* number = request.query_value("receipt_number"))
    TILL_CHECK(read_receipt_number(*number, filter));
  TILL_TRY(filter.fulfilment, http::enum_query<domain::Fulfilment>(request, "fulfilment"));
  TILL_TRY(const auto mine, http::bool_query(request, "mine"));
  if (mine.value_or(false)) filter.customer_row = request.caller.user;
  TILL_TRY(filter.customer_id, http::id_query(request, "customer_id"));
  TILL_TRY(const auto found, shop.orders.list(filter, request.caller, slice));
  return http::list_response(request, found);
}

}  // namespace

Routes order_routes(Shop& shop) {
  auto with = [&shop](HandlerResult (*handler)(Shop&, const Request&)) {
    return [&shop, handler](Request& request) { return handler(shop, request); };
  };
  const Schema* row = answer_schema<Order>();
  // clang-format off
  return {
    route(Method::post, "/api/v1/orders", Role::customer, Lane::write, "orders.create",
          "A counter sale in one, or an order for pickup or delivery; from lines or from the cart", with(sell))
        .takes(creation_schema<domain::OrderDraft>()).gives(row, 201).keyed(Once::by_effect).own(),
    route(Method::get, "/api/v1/orders", Role::customer, Lane::slow, "orders.list", "Orders, newest first", with(list))
        .knows(http::list_query({"business_date", "kind", "status", "receipt_number", "fulfilment", "customer_id", "mine"}))
        .gives(http::list_schema<Order>()).own(),
    route(Method::get, "/api/v1/orders/{id}", Role::customer, Lane::read, "orders.get", "One order with its lines and payments", with(get))
        .gives(row).own(),
    route(Method::post, "/api/v1/orders/{id}/payments", Role::customer, Lane::write, "orders.pay",
          "Pays a placed order; it gets its receipt number", with(pay))
        .takes(creation_schema<domain::OrderPayment>()).gives(row, 201).keyed(Once::by_effect).own(),
    route(Method::patch, "/api/v1/orders/{id}/status", Role::cashier, Lane::write, "orders.step",
          "The next step: COMPLETED, SHIPPED, DELIVERED, CANCELLED", with(change_status))
        .takes(creation_schema<domain::StatusChange>()).gives(row).with_version(),
    route(Method::post, "/api/v1/orders/{id}/cancel", Role::customer, Lane::write, "orders.cancel",
          "Cancels an order that has not left; what was paid goes back", with(cancel))
        .takes(creation_schema<domain::Cancellation>()).gives(row).keyed(Once::required).own(),
    route(Method::post, "/api/v1/orders/{id}/returns", Role::cashier, Lane::write, "orders.return", "Goods of this sale come back", with(take_back))
        .takes(creation_schema<domain::ReturnDraft>()).gives(row, 201).keyed(Once::by_effect),
    route(Method::post, "/api/v1/orders/{id}/void", Role::manager, Lane::write, "orders.void",
          "Undoes a sale of today: goods and money back", with(void_sale))
        .takes(creation_schema<domain::VoidDraft>()).gives(row, 201).keyed(Once::by_effect),
    route(Method::post, "/api/v1/returns", Role::manager, Lane::write, "returns.blind",
          "Goods come back whose sale is not known here", with(take_back_blind))
        .takes(creation_schema<domain::BlindReturnDraft>()).gives(row, 201).keyed(Once::by_effect),
  };
  // clang-format on
}

}  // namespace till::api
