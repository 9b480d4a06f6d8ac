// Products: the catalogue's rows, by id, slug, SKU and barcode, with their history.
#include "api/routes.h"

namespace till::api {
namespace {

using domain::Product;
using ProductByText = Result<Product> (services::Catalogue::*)(const std::string&) const;

HandlerResult list(Shop& shop, const Request& request) {
  TILL_TRY(const domain::Slice slice, slice_of(request));
  domain::ProductFilter filter;
  if (const std::string* text = request.query_value("q")) filter.text = *text;
  TILL_TRY(filter.category_id, http::id_query(request, "category_id"));
  TILL_TRY(filter.available, http::bool_query(request, "available"));
  TILL_TRY(filter.active, http::bool_query(request, "active"));
  TILL_TRY(filter.price_min, http::integer_query(request, "price[gte]"));
  TILL_TRY(filter.price_max, http::integer_query(request, "price[lte]"));
  // What is not sold any more is the staff's business.
  if (!domain::may(request.caller.rights, Role::cashier) &&
      !domain::may(request.caller.rights, Role::inventory_manager))
    filter.active = true;
  TILL_TRY(const auto found, shop.catalogue.list_products(filter, slice));
  return http::list_response(request, found.items, found.next);
}

// What is left of it changes with every sale, its version does not.
Response shown(const Product& product) {
  Response response = http::row_response(product);
  response.live = true;
  return response;
}

HandlerResult get(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(const Product product, shop.catalogue.get_product(id));
  return shown(product);
}

// By one of the names that are not ids.
HandlerResult get_by(Shop& shop, const Request& request, const char* param, ProductByText get) {
  TILL_TRY(const Product product, (shop.catalogue.*get)(request.param(param)));
  return shown(product);
}

HandlerResult create(Shop& shop, const Request& request) {
  TILL_TRY(Product product, http::body<Product>(request));
  return http::Work([&shop, product = std::move(product), caller = request.caller]() mutable -> Result<http::Finish> {
    TILL_TRY(Product made, shop.catalogue.add_product(std::move(product), caller));
    return answer([made = std::move(made)] {
      return http::row_response(made, 201).add("Location", "/api/v1/products/" + to_string(made.id));
    });
  });
}

HandlerResult change(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(auto wanted, http::change<Product>(request));
  return http::Work([&shop, id, wanted = std::move(wanted), caller = request.caller]() -> Result<http::Finish> {
    TILL_TRY(Product changed, shop.catalogue.change_product(id, wanted.version, wanted.patch, caller));
    return answer([changed = std::move(changed)] { return http::row_response(changed); });
  });
}

HandlerResult remove(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(const int64_t version, http::expected_version(request, {}));
  return http::Work([&shop, id, version, caller = request.caller]() -> Result<http::Finish> {
    TILL_CHECK(shop.catalogue.remove_product(id, version, caller));
    return answer([] { return Response{.status = 204}; });
  });
}

HandlerResult history(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(const domain::Slice slice, slice_of(request));
  TILL_TRY(const auto entries, shop.catalogue.product_history(id, slice));
  return http::list_response(request, entries.items, entries.next);
}

}  // namespace

Routes product_routes(Shop& shop) {
  auto with = [&shop](HandlerResult (*handler)(Shop&, const Request&)) {
    return [&shop, handler](Request& request) { return handler(shop, request); };
  };
  auto by = [&shop](const char* param, ProductByText get) {
    return [&shop, param, get](Request& request) { return get_by(shop, request, param, get); };
  };
  const Schema* row = answer_schema<Product>();
  // clang-format off
  return {
    route(Method::get, "/api/v1/products", kPublic, Lane::slow, "products.list", "Products in order of their making, filtered", with(list))
        .knows({"limit", "cursor", "q", "category_id", "available", "active", "price[gte]", "price[lte]"}).gives(http::list_schema<Product>()),
    route(Method::post, "/api/v1/products", Role::manager, Lane::write, "products.create", "Adds a product", with(create))
        .takes(creation_schema<Product>()).gives(row, 201).keyed(Once::optional),
    route(Method::get, "/api/v1/products/{id}", kPublic, Lane::read, "products.get", "One product with what is left of it", with(get)).gives(row),
    route(Method::get, "/api/v1/products/by-barcode/{code}", kPublic, Lane::read, "products.by_barcode",
          "The product a scanned code belongs to", by("code", &services::Catalogue::get_product_by_barcode)).gives(row),
    route(Method::get, "/api/v1/products/by-sku/{sku}", kPublic, Lane::read, "products.by_sku",
          "The product with this SKU", by("sku", &services::Catalogue::get_product_by_sku)).gives(row),
    route(Method::get, "/api/v1/products/by-slug/{slug}", kPublic, Lane::read, "products.by_slug",
          "The product with this slug", by("slug", &services::Catalogue::get_product_by_slug)).gives(row),
    route(Method::patch, "/api/v1/products/{id}", Role::manager, Lane::write, "products.change",
          "Changes some fields of the version you saw", with(change))
        .takes(change_schema<Product>()).gives(row).with_version(),
    route(Method::del, "/api/v1/products/{id}", Role::manager, Lane::write, "products.remove",
          "Removes the version you saw; what was sold of it stays", with(remove))
        .gives(nullptr, 204).with_version(),
    route(Method::get, "/api/v1/products/{id}/history", Role::manager, Lane::read, "products.history",
          "Who changed what, newest first", with(history))
        .knows({"limit", "cursor"}).gives(http::list_schema<domain::HistoryEntry>()),
  };
  // clang-format on
}

}  // namespace till::api
