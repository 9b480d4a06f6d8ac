// Categories: the tree that products stand in.
#include "api/routes.h"

namespace till::api {
namespace {

using domain::Category;

HandlerResult list(Shop& shop, const Request& request) {
  TILL_TRY(const domain::Slice slice, slice_of(request));
  TILL_TRY(const auto found, shop.catalogue.list_categories(slice));
  return http::list_response(request, found);
}

HandlerResult get(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(const Category category, shop.catalogue.get_category(id));
  return http::row_response(category);
}

HandlerResult get_by_slug(Shop& shop, const Request& request) {
  TILL_TRY(const Category category, shop.catalogue.get_category_by_slug(request.param("slug")));
  return http::row_response(category);
}

void write_nodes(JsonWriter& out, const std::vector<domain::CategoryNode>& nodes) {
  out.begin_array();
  for (const domain::CategoryNode& node : nodes) {
    out.begin_object().member("id", node.id).member("name", node.name).member("slug", node.slug).key("children");
    write_nodes(out, node.children);
    out.end_object();
  }
  out.end_array();
}

HandlerResult tree(Shop& shop, const Request&) {
  TILL_TRY(const auto nodes, shop.catalogue.category_tree());
  Response response;
  JsonWriter out(response.body);
  out.begin_object().key("items");
  write_nodes(out, nodes);
  out.end_object();
  return response;
}

const Schema* tree_schema() {
  static const Schema schema{
      "CategoryTree", [](JsonWriter& out) {
        out.raw(R"({"type":"object","additionalProperties":false,"required":["items"],"properties":{"items":{)"
                R"("type":"array","items":{"$ref":"#/components/schemas/CategoryTree/$defs/node"}}},"$defs":{)"
                R"("node":{"type":"object","additionalProperties":false,"required":["id","name","slug","children"],)"
                R"("properties":{"id":{"type":"string","format":"uuid"},"name":{"type":"string"},)"
                R"("slug":{"type":"string"},"children":{"type":"array",)"
                R"("items":{"$ref":"#/components/schemas/CategoryTree/$defs/node"}}}}}})");
      }};
  return &schema;
}

HandlerResult create(Shop& shop, const Request& request) {
  TILL_TRY(Category category, http::body<Category>(request));
  return http::Work([&shop, category = std::move(category), caller = request.caller]() mutable -> Result<http::Finish> {
    TILL_TRY(Category made, shop.catalogue.add_category(std::move(category), caller));
    return answer([made = std::move(made)] {
      return http::row_response(made, 201).add("Location", "/api/v1/categories/" + to_string(made.id));
    });
  });
}

HandlerResult change(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(auto wanted, http::change<Category>(request));
  return http::Work([&shop, id, wanted = std::move(wanted), caller = request.caller]() -> Result<http::Finish> {
    TILL_TRY(Category changed, shop.catalogue.change_category(id, wanted.version, wanted.patch, caller));
    return answer([changed = std::move(changed)] { return http::row_response(changed); });
  });
}

HandlerResult remove(Shop& shop, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(const int64_t version, http::expected_version(request, {}));
  return http::Work([&shop, id, version, caller = request.caller]() -> Result<http::Finish> {
    TILL_CHECK(shop.catalogue.remove_category(id, version, caller));
    return answer([] { return Response{.status = 204}; });
  });
}

}  // namespace

Routes category_routes(Shop& shop) {
  auto with = [&shop](HandlerResult (*handler)(Shop&, const Request&)) {
    return [&shop, handler](Request& request) { return handler(shop, request); };
  };
  const Schema* row = answer_schema<Category>();
  // clang-format off
  return {
    route(Method::get, "/api/v1/categories", kPublic, Lane::slow, "categories.list", "All categories in the order of their making", with(list))
        .knows(http::list_query()).gives(http::list_schema<Category>()),
    route(Method::get, "/api/v1/categories/tree", kPublic, Lane::slow, "categories.tree", "All categories as a tree", with(tree))
        .gives(tree_schema()),
    route(Method::post, "/api/v1/categories", Role::manager, Lane::write, "categories.create", "Adds a category", with(create))
        .takes(creation_schema<Category>()).gives(row, 201).keyed(Once::optional),
    route(Method::get, "/api/v1/categories/{id}", kPublic, Lane::read, "categories.get", "One category", with(get)).gives(row),
    route(Method::get, "/api/v1/categories/by-slug/{slug}", kPublic, Lane::read, "categories.by_slug",
          "The category with this slug", with(get_by_slug)).gives(row),
    route(Method::patch, "/api/v1/categories/{id}", Role::manager, Lane::write, "categories.change",
          "Changes some fields of the version you saw", with(change))
        .takes(change_schema<Category>()).gives(row).with_version(),
    route(Method::del, "/api/v1/categories/{id}", Role::manager, Lane::write, "categories.remove", "Removes an empty category", with(remove))
        .gives(nullptr, 204).with_version(),
  };
  // clang-format on
}

}  // namespace till::api
