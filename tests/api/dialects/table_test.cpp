// The tables against what they speak of: the routes of the older systems (routes.tsv, as they were documented) on one
// side, the canonical routes and their schemas on the other.
#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "../counter.h"
#include "api/dialects/dialects.h"

namespace till::test {
namespace {

using dialects::Key;
using dialects::Keys;
using dialects::Line;
using dialects::Place;

/// "GET /products/:", with nothing left of a parameter but its place.
std::string shape(std::string_view method, std::string_view path) {
  std::string made = std::string(method) + " ";
  for (size_t i = 0; i < path.size(); ++i) {
    made += path[i] == '{' ? ':' : path[i];
    if (path[i] == '{' || path[i] == ':') i = std::min(path.find('/', i), path.size()) - 1;
  }
  return made;
}

struct Row {
  std::string system, dialect, method, path;
};

std::vector<Row> documented() {
  std::ifstream file(TEST_SOURCE_DIR "/api/dialects/routes.tsv");
  std::vector<Row> rows;
  std::string line;
  std::getline(file, line);  // the heading
  while (std::getline(file, line)) {
    Row row;
    std::istringstream cells(line);
    cells >> row.system >> row.dialect >> row.method >> row.path;
    rows.push_back(row);
  }
  return rows;
}

const http::Route& canonical(const Counter& counter, std::string_view name) {
  const auto& all = counter.pipeline->routes();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& route) { return route.name == name; });
  REQUIRE(found != all.end());
  return *found;
}

Json schema(const Schema& of) {
  std::string text;
  JsonWriter out(text);
  of.write(out);
  return parse_json(text).value();
}

/// The schema behind what surrounds it: `allOf` with a description, `anyOf` with null, the items of a list.
const Json& bare(const Json& schema) {
  for (const char* wrapper : {"allOf", "anyOf"})
    if (const Json* inner = schema.find(wrapper)) return bare(inner->array()->front());
  if (const Json* items = schema.find("items")) return bare(*items);
  return schema;
}

/// The keys of this place that the schema's object does not have, one after the other.
std::string strangers(const Keys& keys, Place place, const Json& schema) {
  std::string found;
  const Json* properties = bare(schema).find("properties");
  for (const Key& key : keys) {
    if (key.place != place) continue;
    const Json* property = properties ? properties->find(key.ours) : nullptr;
    if (!property) found.append(key.ours).append(" ");
    if (property && !key.of.empty()) found += strangers(key.of, Place::body, *property);
  }
  return found;
}

using Lines = std::vector<std::pair<std::string, Line>>;
Lines all_lines() {
  Lines all;
  for (Line& line : dialects::classic_lines()) all.emplace_back("", std::move(line));
  for (Line& line : dialects::v1_lines()) all.emplace_back("/v1", std::move(line));
  return all;
}

}  // namespace

TEST_CASE("every route that an older system had is here, and no other") {
  std::set<std::string> here, there;
  for (const auto& [prefix, line] : all_lines())
    CHECK(here.insert(shape(to_string(line.method), prefix + std::string(line.path))).second);
  int rows = 0;
  for (const Row& row : documented()) {
    ++rows;
    CHECK((row.dialect == "v1") == row.path.starts_with("/v1/"));
    there.insert(shape(row.method, row.path));
  }
  CHECK(rows == 90);
  CHECK(here == there);
}

TEST_CASE("no key reaches a field that the canonical route does not list") {
  Counter counter;
  for (const auto& [prefix, line] : all_lines()) {
    CAPTURE(prefix);
    CAPTURE(line.path);
    const http::Route& route = canonical(counter, line.canonical);
    const auto in_body = [](const Key& key) { return key.place == Place::body; };
    const bool takes = std::any_of(line.takes.begin(), line.takes.end(), in_body) || !line.given.empty();
    if (takes) REQUIRE(route.body != nullptr);
    if (!route.body) continue;
    const Json body = schema(*route.body);
    CHECK(strangers(line.takes, Place::body, body) == "");
    for (const auto& [name, value] : line.given) CHECK(body.find("properties")->find(name) != nullptr);
    if (!line.numbered.empty()) CHECK(body.find("properties")->find(line.numbered) != nullptr);
  }
}

TEST_CASE("every member that is shown is one that the canonical answer has") {
  Counter counter;
  for (const auto& [prefix, line] : all_lines()) {
    CAPTURE(prefix);
    CAPTURE(line.path);
    const http::Route& route = canonical(counter, line.canonical);
    if (line.gives.empty()) continue;
    REQUIRE(route.answer != nullptr);
    Json answer = schema(*route.answer);
    if (line.is_list) answer = *answer.find("properties")->find("items");
    CHECK(strangers(line.gives, Place::body, answer) == "");
  }
}

TEST_CASE("parameters of a path are those of the canonical path, or known to its query") {
  Counter counter;
  for (const auto& [prefix, line] : all_lines()) {
    CAPTURE(prefix);
    CAPTURE(line.path);
    const http::Route& route = canonical(counter, line.canonical);
    std::set<std::string, std::less<>> given;
    for (const Key& key : line.takes)
      if (key.place == Place::path) given.emplace(key.ours);
    for (size_t at = line.path.find('{'); at != std::string_view::npos; at = line.path.find('{', at + 1)) {
      const std::string_view name = line.path.substr(at + 1, line.path.find('}', at) - at - 1);
      given.emplace(name);
      const bool is_known = route.path.find("{" + std::string(name) + "}") != std::string_view::npos ||
                            std::find(route.query.begin(), route.query.end(), name) != route.query.end();
      CHECK(is_known);
    }
    for (size_t at = route.path.find('{'); at != std::string_view::npos; at = route.path.find('{', at + 1))
      CHECK(given.count(route.path.substr(at + 1, route.path.find('}', at) - at - 1)) == 1);
    for (const auto& [name, value] : line.query)
      CHECK(std::find(route.query.begin(), route.query.end(), name) != route.query.end());
  }
}

TEST_CASE("dialects are switched off one by one, and a line that fits no route stops the start") {
  Counter counter;
  http::Routes ours;
  for (const http::Route& route : counter.pipeline->routes())
    if (route.path.starts_with("/api/")) ours.push_back(route);
  auto count = [&](bool classic, bool v1) {
    return dialects::routes(ours, {.classic = classic, .v1 = v1}, counter.shop.ids)->size();
  };
  CHECK(count(false, false) == 0);
  CHECK(count(true, false) == dialects::classic_lines().size());
  CHECK(count(false, true) == dialects::v1_lines().size());
  CHECK(count(true, true) == 78);

  std::erase_if(ours, [](const auto& route) { return route.name == "inventory.count"; });
  const auto refused = dialects::routes(ours, {}, counter.shop.ids);
  CHECK(refused.error().message == "the dialect's route PUT /products/{id} uses one that is not there");
  std::erase_if(ours, [](const auto& route) { return route.name == "auth.register"; });
  CHECK(dialects::routes(ours, {}, counter.shop.ids).error().message ==
        "the dialect's route POST /auth/register stands for one that is not there");
}

}  // namespace till::test
