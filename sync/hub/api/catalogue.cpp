// Products and categories: the same handlers for both, by their field lists.
#include "sync/hub/api/routes.h"

namespace till::hub::api {
namespace {

using domain::Category;
using domain::Product;

template <class Row>
Response shown(const Row& row, int status = 200) {
  Response response = http::row_response(row, status);
  response.live = true;  // what the stores have of it changes without its version
  return response;
}

template <class Row>
HandlerResult list(const Office& office, const Request& request) {
  TILL_TRY(const domain::Slice slice, slice_of(request));
  TILL_TRY(auto* db, office.read());
  TILL_TRY(const auto page, list_rows<Row>(*db, slice));
  return http::list_response(request, page);
}

template <class Row>
HandlerResult get(const Office& office, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(auto* db, office.read());
  TILL_TRY(const Row row, get_row<Row>(*db, id));
  return shown(row);
}

// `param` is the name of the path's last part.
HandlerResult get_by(const Office& office, const Request& request, const char* field, const char* param) {
  TILL_TRY(auto* db, office.read());
  TILL_TRY(const Product product, get_row_by_key<Product>(*db, field, request.param(param)));
  return shown(product);
}

template <class Row>
HandlerResult create(const Office& office, const Request& request) {
  TILL_TRY(Row row, http::body<Row>(request));
  return work(
      office,
      [&office, row = std::move(row), user = request.caller.id](sqlite::Connection& db) {
        return office.catalogue.add(db, row, user);
      },
      [path = request.path](const Row& made) {
        return shown(made, 201).add("Location", path + "/" + to_string(made.id));
      });
}

template <class Row>
HandlerResult change(const Office& office, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(auto wanted, http::change<Row>(request));
  return work(
      office,
      [&office, id, wanted = std::move(wanted), user = request.caller.id](sqlite::Connection& db) {
        return office.catalogue.change(db, id, wanted.version, wanted.patch, user);
      },
      [](const Row& changed) { return shown(changed); });
}

template <class Row>
HandlerResult remove(const Office& office, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(const int64_t version, http::expected_version(request, {}));
  return work(
      office,
      [&office, id, version, user = request.caller.id](sqlite::Connection& db) -> Result<bool> {
        TILL_CHECK(office.catalogue.remove<Row>(db, id, version, user));
        return true;
      },
      [](bool) { return Response{.status = 204}; });
}

}  // namespace

Routes catalogue_routes(const Office& office) {
  auto by = [&office](const char* field, const char* param) {
    return [&office, field, param](Request& request) { return get_by(office, request, field, param); };
  };
  const Schema* product = answer_schema<Product>();
  const Schema* category = answer_schema<Category>();
  // clang-format off
  return {
    route(Method::get, "/api/v1/products", Role::cashier, Lane::slow, "products.list", "Products in order of their making", with(office, list<Product>))
        .knows({"limit", "cursor", "fields"}).gives(http::list_schema<Product>()),
    route(Method::post, "/api/v1/products", Role::manager, Lane::write, "products.create", "Adds a product for all stores", with(office, create<Product>))
        .takes(creation_schema<Product>()).gives(product, 201).keyed(Once::optional),
    route(Method::get, "/api/v1/products/{id}", Role::cashier, Lane::read, "products.get",
          "One product with what all stores have of it", with(office, get<Product>)).gives(product),
    route(Method::get, "/api/v1/products/by-barcode/{code}", Role::cashier, Lane::read, "products.by_barcode",
          "The product a scanned code belongs to", by("barcodes", "code")).gives(product),
    route(Method::get, "/api/v1/products/by-sku/{sku}", Role::cashier, Lane::read, "products.by_sku",
          "The product with this SKU", by("sku", "sku")).gives(product),
    route(Method::get, "/api/v1/products/by-slug/{slug}", Role::cashier, Lane::read, "products.by_slug",
          "The product with this slug", by("slug", "slug")).gives(product),
    route(Method::patch, "/api/v1/products/{id}", Role::manager, Lane::write, "products.change",
          "Changes some fields of the version you saw", with(office, change<Product>))
        .takes(change_schema<Product>()).gives(product).with_version(),
    route(Method::del, "/api/v1/products/{id}", Role::manager, Lane::write, "products.remove",
          "Removes the version you saw; what was sold of it stays", with(office, remove<Product>))
        .gives(nullptr, 204).with_version(),
    route(Method::get, "/api/v1/categories", Role::cashier, Lane::slow, "categories.list", "Categories in order of their making", with(office, list<Category>))
        .knows({"limit", "cursor", "fields"}).gives(http::list_schema<Category>()),
    route(Method::post, "/api/v1/categories", Role::manager, Lane::write, "categories.create", "Adds a category for all stores", with(office, create<Category>))
        .takes(creation_schema<Category>()).gives(category, 201).keyed(Once::optional),
    route(Method::get, "/api/v1/categories/{id}", Role::cashier, Lane::read, "categories.get", "One category", with(office, get<Category>)).gives(category),
    route(Method::patch, "/api/v1/categories/{id}", Role::manager, Lane::write, "categories.change",
          "Changes some fields of the version you saw", with(office, change<Category>))
        .takes(change_schema<Category>()).gives(category).with_version(),
    route(Method::del, "/api/v1/categories/{id}", Role::manager, Lane::write, "categories.remove",
          "Removes the version you saw; products that stand in it stay", with(office, remove<Category>))
        .gives(nullptr, 204).with_version(),
  };
  // clang-format on
}

}  // namespace till::hub::api
