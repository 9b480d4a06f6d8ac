// The trie: which route a path finds, which tables it refuses.
#include "http/router.h"

#include <doctest/doctest.h>

namespace till::http {
namespace {

Route line(Method method, std::string_view path) {
  return {method,     path, "public",  0,
          Lane::read, path, "a route", [](Request&) -> Result<Outcome> { return Response{}; }};
}

const Routes kTable = {
    line(Method::get, "/"),
    line(Method::get, "/products"),
    line(Method::post, "/products"),
    line(Method::get, "/products/{id}"),
    line(Method::patch, "/products/{id}"),
    line(Method::del, "/products/{id}"),
    line(Method::get, "/products/by-barcode/{code}"),
    line(Method::post, "/products/search"),
    line(Method::get, "/products/{id}/history"),
    line(Method::get, "/orders/{id}/lines/{line}"),
};

std::string shown(const Pairs& params) {
  std::string out;
  for (const auto& [name, value] : params) out += (out.empty() ? "" : " ") + name + "=" + value;
  return out;
}

TEST_CASE("a path finds the most literal route") {
  struct Row {
    Method method;
    const char* path;
    const char* route;  // "" : none
    const char* params;
    const char* allow;
  };
  const Row rows[] = {
      {Method::get, "/", "/", "", "GET, HEAD, OPTIONS"},
      {Method::get, "/products", "/products", "", "GET, HEAD, POST, OPTIONS"},
      {Method::head, "/products", "/products", "", "GET, HEAD, POST, OPTIONS"},
      {Method::get, "/products/7", "/products/{id}", "id=7", "GET, HEAD, PATCH, DELETE, OPTIONS"},
      {Method::get, "/products/by-barcode/7", "/products/by-barcode/{code}", "code=7", "GET, HEAD, OPTIONS"},
      {Method::get, "/products/by-barcode/history", "/products/by-barcode/{code}", "code=history",
       "GET, HEAD, OPTIONS"},
      {Method::get, "/products/by-barcode", "/products/{id}", "id=by-barcode", "GET, HEAD, PATCH, DELETE, OPTIONS"},
      {Method::get, "/products/search/history", "/products/{id}/history", "id=search", "GET, HEAD, OPTIONS"},
      {Method::get, "/orders/1/lines/2", "/orders/{id}/lines/{line}", "id=1 line=2", "GET, HEAD, OPTIONS"},
      {Method::get, "/products/{id}", "/products/{id}", "id={id}", "GET, HEAD, PATCH, DELETE, OPTIONS"},
      // known path, other method: the most literal path decides
      {Method::get, "/products/search", "", "", "POST, OPTIONS"},
      {Method::put, "/products", "", "", "GET, HEAD, POST, OPTIONS"},
      {Method::options, "/products", "", "", "GET, HEAD, POST, OPTIONS"},
      {Method::head, "/products/search", "", "", "POST, OPTIONS"},
      // unknown path
      {Method::get, "", "", "", ""},
      {Method::get, "products", "", "", ""},
      {Method::get, "/product", "", "", ""},
      {Method::get, "/Products", "", "", ""},
      {Method::get, "/products/", "", "", ""},
      {Method::get, "//products", "", "", ""},
      {Method::get, "/products//history", "", "", ""},
      {Method::get, "/products/7/history/", "", "", ""},
      {Method::get, "/products/7/x", "", "", ""},
      {Method::get, "/orders", "", "", ""},
      {Method::get, "/orders/1/lines", "", "", ""},
  };
  Result<Router> router = Router::build(kTable);
  REQUIRE(router.ok());
  for (const Row& row : rows) {
    CAPTURE(row.path);
    Pairs params;
    const Router::Match match = router->find(row.method, row.path, params);
    CHECK(std::string(match.route ? match.route->path : "") == row.route);
    CHECK(shown(params) == row.params);
    CHECK(allow_header(match.allowed) == row.allow);
  }
}

TEST_CASE("a table that is not one is refused, naming the route") {
  struct Row {
    Routes routes;
    const char* message;
  };
  const Row rows[] = {
      {{line(Method::get, "/a/{id}"), line(Method::get, "/a/{id}")}, "route GET /a/{id}: is there twice"},
      {{line(Method::get, "/a/{id}"), line(Method::post, "/a/{order}/x")},
       "route POST /a/{order}/x: another route names this parameter differently"},
      {{line(Method::get, "a")}, "route GET a: a path begins with /"},
      {{line(Method::get, "")}, "route GET : a path begins with /"},
      {{line(Method::get, "/a/")}, "route GET /a/: a segment is empty or has a brace inside"},
      {{line(Method::get, "/a//b")}, "route GET /a//b: a segment is empty or has a brace inside"},
      {{line(Method::get, "/a/{}")}, "route GET /a/{}: a segment is empty or has a brace inside"},
      {{line(Method::get, "/a/x{id}")}, "route GET /a/x{id}: a segment is empty or has a brace inside"},
      {{line(Method::head, "/a")}, "route HEAD /a: answered by the router"},
      {{line(Method::options, "/a")}, "route OPTIONS /a: answered by the router"},
      {{line(Method::get, "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}")},
       "route GET /{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}: too many parameters"},
  };
  for (const Row& row : rows) {
    Result<Router> router = Router::build(row.routes);
    REQUIRE_FALSE(router.ok());
    CHECK(router.error().message == row.message);
  }
}

TEST_CASE("a path of a thousand segments costs no more than the trie is deep") {
  Result<Router> router = Router::build(kTable);
  REQUIRE(router.ok());
  std::string path = "/products";
  for (int i = 0; i < 1000; ++i) path += "/by-barcode";
  Pairs params;
  CHECK(router->find(Method::get, path, params).allowed == 0);
  CHECK(params.empty());
}

}  // namespace
}  // namespace till::http
