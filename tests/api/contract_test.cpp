// What holds for every route, tried on every route of the table: who may, which headers are asked for, what is refused.
// A route added tomorrow is tried here without a line more.
#include <algorithm>
#include <cstdlib>

#include "base/file.h"
#include "counter.h"

namespace till::test {
namespace {

// A path with some id in place of each parameter.
std::string filled(std::string_view path) {
  std::string text(path);
  for (size_t open = text.find('{'); open != std::string::npos; open = text.find('{', open + 1))
    text.replace(open, text.find('}', open) - open + 1, "01a1fddb-1ea6-7000-97fc-25df7c7831ee");
  return text;
}

bool has_body(Method method) { return method == Method::post || method == Method::patch || method == Method::put; }

// The request that a route would take from `who` (empty: nobody), but for what `leave_out` names.
Ask fitting(const http::Route& route, std::string_view who, std::string_view leave_out = {}) {
  Ask asked = ask(route.method, filled(route.path));
  if (!who.empty()) asked = std::move(asked).as(who);
  if (route.once != http::Once::no && leave_out != "idempotency-key")
    asked = std::move(asked).with("idempotency-key", "contract-" + std::string(route.name) + std::string(who));
  if (route.versioned && leave_out != "if-match") asked = std::move(asked).with("if-match", "\"1\"");
  if (!route.upload.empty()) return std::move(asked).with("content-type", std::string(route.upload));
  return has_body(route.method) ? std::move(asked).body("{}") : std::move(asked);
}

bool is_ours(const http::Route& route) {
  return route.path.starts_with("/api/v1/") && route.name.substr(0, 4) != "ops.";
}

}  // namespace

TEST_CASE("every route lets in exactly the roles that its line names") {
  Counter counter;
  const std::string_view callers[] = {"", "customer", "cashier", "inventory_manager", "manager", "admin"};
  int cells = 0;
  for (const http::Route& route : counter.pipeline->routes()) {
    if (!is_ours(route) || !route.upload.empty()) continue;  // uploads are let in by their head; tried below
    for (const std::string_view who : callers) {
      CAPTURE(route.path);
      CAPTURE(who);
      const uint32_t rights = who.empty() ? 0 : domain::rights_of(*parse_enum<Role>(who));
      const bool may = route.needs == 0 || (rights & route.needs) != 0;
      const int status = counter.send(fitting(route, who)).status;
      if (who.empty() && !may) CHECK(status == 401);
      if (!who.empty() && !may) CHECK(status == 403);
      // Beyond the gate a role may still be too small for the row (users above one's own): never 401.
      if (may && route.name != "auth.login" && route.name != "auth.refresh") CHECK(status != 401);
      ++cells;
    }
  }
  CHECK(cells > 200);
}

TEST_CASE("an upload is refused on its head") {
  Counter counter;
  for (const http::Route& route : counter.pipeline->routes()) {
    if (route.upload.empty()) continue;
    CAPTURE(route.path);
    CHECK(counter.send(fitting(route, "")).status == 401);
    CHECK(counter.send(fitting(route, "cashier")).status == 403);
    Ask picture = ask(route.method, std::string(route.path)).as("manager").with("idempotency-key", "k");
    picture = std::move(picture).with("content-length", "5").with("content-type", "image/png");
    CHECK(counter.send(std::move(picture)).status == 415);
  }
}

TEST_CASE("a bad token is refused everywhere, also where none is needed") {
  Counter counter;
  for (const http::Route& route : counter.pipeline->routes()) {
    if (!is_ours(route)) continue;
    CAPTURE(route.path);
    CHECK(counter.send(fitting(route, "stranger")).status == 401);
  }
}

TEST_CASE("what needs a version says 428 without one, and what needs a key says 400 without one") {
  Counter counter;
  int versioned = 0, keyed = 0;
  for (const http::Route& route : counter.pipeline->routes()) {
    CAPTURE(route.path);
    if (route.versioned) {
      ++versioned;
      const Response answer = counter.send(fitting(route, "admin", "if-match"));
      // A row is looked for by its id first where the id names none: 404 says no less.
      CHECK((answer.status == 428 || answer.status == 404));
      CHECK(counter.send(fitting(route, "admin", "if-match").with("if-match", "seven")).status == 400);
    }
    if (route.once == http::Once::required || route.once == http::Once::by_effect) {
      ++keyed;
      const Response answer = counter.send(fitting(route, "admin", "idempotency-key"));
      CHECK(answer.status == 400);
      CHECK(answer.body.find("idempotency_key_required") != std::string::npos);
    }
  }
  CHECK(versioned >= 6);
  CHECK(keyed >= 8);
}

TEST_CASE("an unknown query parameter and an unknown key are named and refused") {
  Counter counter;
  for (const http::Route& route : counter.pipeline->routes()) {
    if (!is_ours(route)) continue;
    CAPTURE(route.path);
    const Response query = counter.send(fitting(route, "admin").query("nonsense", "1"));
    CHECK(query.status == 400);
    CHECK(query.body.find("nonsense") != std::string::npos);
    if (!route.body) continue;
    Ask asked = ask(route.method, filled(route.path)).as("admin").with("if-match", "\"1\"");
    const Response key = counter.send(std::move(asked).with("idempotency-key", "k").body(R"({"nonsense": 1})"));
    CHECK(key.status == 400);
    CHECK(key.body.find("/nonsense") != std::string::npos);
  }
}

TEST_CASE("every list takes a limit between 1 and 200 and a cursor it gave out") {
  Counter counter;
  for (const http::Route& route : counter.pipeline->routes()) {
    if (std::find(route.query.begin(), route.query.end(), "cursor") == route.query.end()) continue;
    CAPTURE(route.path);
    for (const auto& [name, value] :
         {std::pair{"limit", "0"}, {"limit", "201"}, {"limit", "ten"}, {"cursor", "x"}, {"cursor", ""}})
      CHECK(counter.send(fitting(route, "admin").query(name, value)).status == 400);
  }
}

// TILL_WRITE_GOLDEN=1 writes it anew; the difference is then to be looked at like any other.
TEST_CASE("the OpenAPI document is the one that was looked at") {
  Counter counter;
  const std::string path = std::string(TEST_SOURCE_DIR) + "/api/openapi.json";
  const std::string document = http::openapi_document(counter.pipeline->routes(), "tilld", "golden");
  if (std::getenv("TILL_WRITE_GOLDEN")) {
    REQUIRE(write_file(path, document, 0644).ok());
  }
  const auto golden = read_file(path, 4 << 20);
  REQUIRE(golden.ok());
  CHECK(document == *golden);
  CHECK(parse_json(document).ok());
}

}  // namespace till::test
