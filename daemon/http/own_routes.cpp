// OpenAPI, /docs, health and metrics (http/own_routes.h).
#include "http/own_routes.h"

#include "http/docs.h"
#include "http/openapi.h"

namespace till::http {
namespace {

Response text(std::string body, std::string_view content_type) {
  Response response;
  response.body = std::move(body);
  response.content_type = content_type;
  return response;
}

/// Nothing but the page's own style: no script, no frame, no other origin.
Response page(std::string html) {
  Response response = text(std::move(html), "text/html; charset=utf-8");
  response.add(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  response.add("Cache-Control", "no-cache");
  response.add("Referrer-Policy", "no-referrer");
  return response;
}

bool is_this_machine(std::string_view address) {
  return address == "local" || address == "::1" || address.substr(0, 4) == "127.";
}

}  // namespace

Routes own_routes(const Site& site, const Routes& all, Registry& metrics) {
  auto openapi = [&site, &all](Request&) -> Result<Outcome> {
    return text(openapi_document(all, site.title, site.version), "application/json");
  };
  auto postman = [&site, &all](Request&) -> Result<Outcome> {
    return text(postman_collection(all, site.title, site.samples), "application/json");
  };
  auto docs = [&site, &all](Request&) -> Result<Outcome> { return page(docs_page(all, site.title, site.version)); };
  auto alive = [](Request&) -> Result<Outcome> { return text("{\"status\":\"alive\"}", "application/json"); };
  auto ready = [&site](Request&) -> Result<Outcome> {
    std::string_view word = "ready";
    if (site.ready) {
      TILL_TRY(word, site.ready());
    }
    return text("{\"status\":\"" + std::string(word) + "\"}", "application/json");
  };
  auto numbers = [&site, &metrics](Request& request) -> Result<Outcome> {
    if (!is_this_machine(request.address) && (request.caller.rights & site.metrics_right) == 0) {
      return Error{Code::forbidden, "metrics are for this machine, or for a manager", "role_required"};
    }
    return text(metrics.render(), "text/plain; version=0.0.4; charset=utf-8");
  };
  // clang-format off
  return {
      {Method::get, "/api/v1/openapi.json", "public", 0, Lane::slow, "docs.openapi", "This API as an OpenAPI 3.1 document", openapi},
      {Method::get, "/api/v1/postman.json", "public", 0, Lane::slow, "docs.postman", "This API as a Postman collection",    postman},
      Route{Method::get, "/docs",           "public", 0, Lane::slow, "docs.page",    "This API as a page to read",          docs}
          .gives_text("text/html"),
      {Method::get, "/healthz",             "public", 0, Lane::read, "ops.alive",    "The process answers",                 alive, Limit::never},
      {Method::get, "/readyz",              "public", 0, Lane::read, "ops.ready",    "The till can sell",                   ready, Limit::never},
      Route{Method::get, "/metrics",        "public", 0, Lane::slow, "ops.metrics",  "Numbers for Prometheus",               numbers, Limit::never}
          .gives_text("text/plain"),
  };
  // clang-format on
}

}  // namespace till::http
