// Orders of all stores as they were sold, and what each store has.
#include "sync/hub/orders.h"

#include "sync/hub/api/routes.h"

namespace till::hub::api {
namespace {

template <class Derived, class Base, class T>
constexpr Field<Derived, T> inherited(const Field<Base, T>& f) {
  return {f.name, f.member, f.bounds, f.edit, f.merge, f.must, f.column, f.help, f.unique};
}

/// The node's order, with where it comes from.
struct ShownOrder : domain::Order {
  std::string store, node;
  Link link = Link::unproven;

  static constexpr std::string_view kName = "StoreOrder";
  static constexpr auto fields() {
    return std::tuple_cat(
        std::apply([](const auto&... f) { return std::tuple(inherited<ShownOrder>(f)...); }, domain::Order::fields()),
        std::tuple(field("store", &ShownOrder::store).read_only(), field("node", &ShownOrder::node).read_only(),
                   field("journal", &ShownOrder::link)
                       .read_only()
                       .doc("its hash: follows the receipt before it; first of an epoch; unproven: that one is not "
                            "here; broken")));
  }
};

ShownOrder shown(StoreOrder found) {
  return {std::move(found.order), std::move(found.store), std::move(found.node), found.link};
}

std::optional<std::string> text_query(const Request& request, std::string_view name) {
  const std::string* text = request.query_value(name);
  return text ? std::optional(*text) : std::nullopt;
}

HandlerResult list(const Office& office, const Request& request) {
  TILL_TRY(const domain::Slice slice, slice_of(request));
  OrderQuery query{.store = text_query(request, "store"), .node = text_query(request, "node")};
  TILL_TRY(query.business_date, http::integer_query(request, "business_date"));
  query.receipt = text_query(request, "receipt_number");
  TILL_TRY(auto* db, office.read());
  TILL_TRY(auto page, list_orders(*db, query, slice));
  std::vector<ShownOrder> orders;
  for (StoreOrder& order : page.items) orders.push_back(shown(std::move(order)));
  return http::list_response(request, orders, page.next);
}

HandlerResult get(const Office& office, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(auto* db, office.read());
  TILL_TRY(StoreOrder found, get_order(*db, id));
  return http::row_response(shown(std::move(found)));
}

struct ShownStock {
  std::string store;
  Uuid product_id{};
  int64_t on_hand = 0;
  bool oversold = false;

  static constexpr std::string_view kName = "StoreStock";
  static constexpr auto fields() {
    return std::tuple(
        field("store", &ShownStock::store), field("product_id", &ShownStock::product_id),
        field("on_hand", &ShownStock::on_hand).doc("thousandths; below zero: more sold than booked in"),
        field("oversold", &ShownStock::oversold).doc("more was sold than was there, and the conflict is open"));
  }
};

HandlerResult stock(const Office& office, const Request& request, const std::optional<Uuid>& product) {
  TILL_TRY(const domain::Slice slice, slice_of(request));
  TILL_TRY(auto* db, office.read());
  TILL_TRY(const auto page, list_stock(*db, product, text_query(request, "store"), slice));
  std::vector<ShownStock> levels;
  for (const StockLevel& level : page.items)
    levels.push_back({level.store, level.product_id, level.on_hand, level.oversold});
  return http::list_response(request, levels, page.next);
}

HandlerResult all_stock(const Office& office, const Request& request) { return stock(office, request, {}); }

HandlerResult product_stock(const Office& office, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request, "product_id"));
  return stock(office, request, id);
}

}  // namespace

Routes order_routes(const Office& office) {
  // clang-format off
  return {
    route(Method::get, "/api/v1/orders", Role::manager, Lane::slow, "orders.list", "Orders of all stores, the newest to arrive first", with(office, list))
        .knows({"limit", "cursor", "fields", "store", "node", "business_date", "receipt_number"}).gives(http::list_schema<ShownOrder>()),
    route(Method::get, "/api/v1/orders/{id}", Role::manager, Lane::read, "orders.get", "One order as it was sold", with(office, get))
        .gives(answer_schema<ShownOrder>()),
    route(Method::get, "/api/v1/inventory", Role::inventory_manager, Lane::slow, "inventory.list", "What each store has of each product",
          with(office, all_stock)).knows({"limit", "cursor", "fields", "store"}).gives(http::list_schema<ShownStock>()),
    route(Method::get, "/api/v1/inventory/{product_id}", Role::inventory_manager, Lane::slow, "inventory.get", "What each store has of a product",
          with(office, product_stock)).knows({"limit", "cursor", "fields", "store"}).gives(http::list_schema<ShownStock>()),
  };
  // clang-format on
}

}  // namespace till::hub::api
