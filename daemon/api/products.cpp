// Products: the catalogue's rows, by id, slug, SKU and barcode, with their history.
#include "api/routes.h"

namespace till::api {
namespace {

using domain::Product;

std::optional<std::string> text_query(const Request& request, std::string_view name) {
  const std::string* text = request.query_value(name);
  return text ? std::optional(*text) : std::nullopt;
}

Result<domain::ProductOrder> order_of(const Request& request) {
  TILL_TRY(const auto order, http::enum_query<domain::ProductOrder>(request, "sort"));
  return order.value_or(domain::ProductOrder::best);
}

// By id, or by slug: a slug that no category has is a category without products, as an id is that no category has.
Result<std::optional<Uuid>> category_of(Shop& shop, const Request& request) {
  TILL_TRY(const auto id, http::id_query(request, "category_id"));
  const std::string* slug = request.query_value("category");
  if (!slug) return id;
  if (id) return invalid_field("?category", "twice", "the category is given by its id already");
  auto category = shop.catalogue.get_category_by_slug(*slug);
  if (category.ok()) return std::optional(category->id);
  if (category.error().code != Code::not_found) return std::move(category).error();
  return std::optional(Uuid{});
}

Result<bool> is_expanded(const Request& request) {
  const std::string* what = request.query_value("expand");
  if (what && *what != "categories") return invalid_field("?expand", "value", "can only be categories");
  return what != nullptr;
}

HandlerResult list(Shop& shop, const Request& request) {
  TILL_TRY(const domain::Slice slice, slice_of(request));
  domain::ProductFilter filter;
  if (const std::string* text = request.query_value("q")) filter.text = *text;
  filter.brand = text_query(request, "brand");
  filter.sku = text_query(request, "sku");
  filter.barcode = text_query(request, "barcode");
  TILL_TRY(filter.order, order_of(request));
  TILL_TRY(filter.category_id, category_of(shop, request));
  TILL_TRY(filter.available, http::bool_query(request, "available"));
  TILL_TRY(filter.active, http::bool_query(request, "active"));
  TILL_TRY(filter.price_min, http::integer_query(request, "price[gte]"));
  TILL_TRY(filter.price_max, http::integer_query(request, "price[lte]"));
  // What is not sold any more is the staff's business.
  if (!domain::may(request.caller.rights, Role::cashier) &&
      !domain::may(request.caller.rights, Role::inventory_manager))
    filter.active = true;
  TILL_TRY(const bool expanded, is_expanded(request));
  TILL_TRY(auto found, shop.catalogue.list_products(filter, slice));
  if (!expanded) return http::list_response(request, found);
  TILL_TRY(const auto rows, shop.catalogue.expand(std::move(found.items)));
  return http::list_response(request, rows, {found.next, found.after, found.total});
}

// What is left of it changes with every sale, its version does not.
template <class Row>
Response shown(const Row& product) {
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
template <auto get>
HandlerResult get_by(Shop& shop, const Request& request, const char* param) {
  TILL_TRY(const auto product, (shop.catalogue.*get)(request.param(param)));
  return shown(product);
}

HandlerResult create(Shop& shop, const Request& request) {
  TILL_TRY(Product product, http::body<Product>(request));
  return http::Work([&shop, product = std::move(product), caller = request.caller]() mutable -> Result<http::Finish> {
    TILL_TRY(Product made, shop.catalogue.add_product(std::move(product), caller));
    return answer([made = std::move(made)] {
      return http::row_response(domain::with_warnings(made), 201)
          .add("Location", "/api/v1/products/" + to_string(made.id));
    });
  });
}

HandlerResult change(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(auto wanted, http::change<Product>(request));
  return http::Work([&shop, id, wanted = std::move(wanted), caller = request.caller]() -> Result<http::Finish> {
    TILL_TRY(Product changed, shop.catalogue.change_product(id, wanted.version, wanted.patch, caller));
    return answer([changed = std::move(changed)] { return http::row_response(domain::with_warnings(changed)); });
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
  return http::list_response(request, entries);
}

}  // namespace

Routes product_routes(Shop& shop) {
  auto with = [&shop](HandlerResult (*handler)(Shop&, const Request&)) {
    return [&shop, handler](Request& request) { return handler(shop, request); };
  };
  using Handle = HandlerResult (*)(Shop&, const Request&, const char*);
  auto by = [&shop](const char* param, Handle get) {
    return [&shop, param, get](Request& request) { return get(shop, request, param); };
  };
  using services::Catalogue;
  const Schema* row = answer_schema<Product>();
  const Schema* written = answer_schema<domain::WrittenProduct>();
  // clang-format off
  return {
    route(Method::get, "/api/v1/products", kPublic, Lane::slow, "products.list", "Products, filtered, searched and sorted", with(list))
        .knows(http::list_query({"sort", "q", "category_id", "category", "barcode", "sku", "brand", "available", "active",
                                 "price[gte]", "price[lte]", "expand"}))
        .gives(http::list_schema<domain::ExpandedProduct>()),
    route(Method::post, "/api/v1/products", Role::manager, Lane::write, "products.create", "Adds a product", with(create))
        .takes(creation_schema<Product>()).gives(written, 201).keyed(Once::optional),
    route(Method::get, "/api/v1/products/{id}", kPublic, Lane::read, "products.get", "One product with what is left of it", with(get)).gives(row),
    route(Method::get, "/api/v1/products/by-barcode/{code}", kPublic, Lane::read, "products.by_barcode",
          "The product a scanned code belongs to", by("code", &get_by<&Catalogue::get_product_by_barcode>))
        .gives(answer_schema<domain::ScannedProduct>()),
    route(Method::get, "/api/v1/products/by-sku/{sku}", kPublic, Lane::read, "products.by_sku",
          "The product with this SKU", by("sku", &get_by<&Catalogue::get_product_by_sku>)).gives(row),
    route(Method::get, "/api/v1/products/by-slug/{slug}", kPublic, Lane::read, "products.by_slug",
          "The product with this slug", by("slug", &get_by<&Catalogue::get_product_by_slug>)).gives(row),
    route(Method::patch, "/api/v1/products/{id}", Role::manager, Lane::write, "products.change",
          "Changes some fields of the version you saw", with(change))
        .takes(change_schema<Product>()).gives(written).with_version(),
    route(Method::del, "/api/v1/products/{id}", Role::manager, Lane::write, "products.remove",
          "Removes the version you saw; what was sold of it stays", with(remove))
        .gives(nullptr, 204).with_version(),
    route(Method::get, "/api/v1/products/{id}/history", Role::manager, Lane::read, "products.history",
          "Who changed what, newest first", with(history))
        .knows(http::list_query()).gives(http::list_schema<domain::HistoryEntry>()),
  };
  // clang-format on
}

}  // namespace till::api
