#include "api/imports.h"

#include "api/routes.h"

namespace till::api {
namespace {

using domain::Import;
using domain::ImportRow;
using services::Imports;

HandlerResult create(Imports& imports, const Request& request) {
  TILL_TRY(const auto create_only, http::bool_query(request, "create_only"));
  if (request.body_file.empty()) return invalid_field("", "empty", "The body must be a CSV file");
  TILL_TRY(auto file, imports.keep_file(request.body_file));
  return http::Work([&imports, file = std::move(file), create_only = create_only.value_or(false),
                     caller = request.caller]() mutable -> Result<http::Finish> {
    TILL_TRY(Import job, imports.add_import(file, create_only, caller));
    return answer([&imports, job = std::move(job)] {
      imports.start();
      return http::row_response(job, 202).add("Location", "/api/v1/products/imports/" + to_string(job.id));
    });
  });
}

HandlerResult get(Imports& imports, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(const Import job, imports.get_import(id));
  return http::row_response(job);
}

HandlerResult list(Imports& imports, const Request& request) {
  TILL_TRY(const domain::Slice slice, slice_of(request));
  TILL_TRY(const auto jobs, imports.list_imports(slice));
  return http::list_response(request, jobs);
}

HandlerResult list_rows(Imports& imports, const Request& request) {
  TILL_TRY(const Uuid id, http::id_param(request));
  TILL_TRY(const domain::Slice slice, slice_of(request));
  TILL_TRY(const auto result, http::enum_query<domain::RowResult>(request, "result"));
  TILL_TRY(const auto rows, imports.list_rows(id, result, slice));
  return http::list_response(request, rows);
}

HandlerResult export_products(Imports& imports, const Request&) {
  TILL_TRY(std::string csv, imports.export_products());
  Response response{.body = std::move(csv), .content_type = "text/csv; charset=utf-8"};
  return response.add("Content-Disposition", "attachment; filename=\"products.csv\"");
}

}  // namespace

Routes import_routes(Imports& imports) {
  auto with = [&imports](HandlerResult (*handler)(Imports&, const Request&)) {
    return [&imports, handler](Request& request) { return handler(imports, request); };
  };
  const Schema* job = answer_schema<Import>();
  // clang-format off
  return {
    route(Method::post, "/api/v1/products/imports", Role::manager, Lane::slow, "imports.create",
          "Imports products from a CSV file, by SKU, as a job", with(create))
        .uploads("text/csv", services::kMaxImportBytes).knows({"create_only"}).gives(job, 202),
    route(Method::get, "/api/v1/products/imports", Role::manager, Lane::slow, "imports.list", "Import jobs, newest first", with(list))
        .knows(http::list_query()).gives(http::list_schema<Import>()),
    route(Method::get, "/api/v1/products/imports/{id}", Role::manager, Lane::read, "imports.get", "How far an import is", with(get)).gives(job),
    route(Method::get, "/api/v1/products/imports/{id}/rows", Role::manager, Lane::slow, "imports.rows",
          "What became of each row of the file", with(list_rows))
        .knows(http::list_query({"result"})).gives(http::list_schema<ImportRow>()),
    route(Method::get, "/api/v1/products/export", Role::manager, Lane::slow, "products.export",
          "All products as a CSV file that can be imported", with(export_products)),
  };
  // clang-format on
}

}  // namespace till::api
