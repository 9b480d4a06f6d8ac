// The OpenAPI document (http/openapi.h), written front to back: what operations refer to is noted on the way and
// becomes the components at the end.
#include "http/openapi.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "http/problem.h"

namespace till::http {
namespace {

constexpr std::string_view kJson = "application/json";

/// Routes of one path, in the order of the table.
struct PathItem {
  std::string_view path;
  std::vector<const Route*> routes;
  bool versioned = false;  // its row has an ETag
};

std::vector<PathItem> group_by_path(const Routes& routes) {
  std::vector<PathItem> items;
  std::map<std::string_view, size_t> places;
  for (const Route& route : routes) {
    auto [place, fresh] = places.try_emplace(route.path, items.size());
    if (fresh) items.push_back({route.path, {}, false});
    PathItem& item = items[place->second];
    item.routes.push_back(&route);
    item.versioned = item.versioned || route.versioned;
  }
  return items;
}

std::string method_key(Method method) {
  std::string key(to_string(method));
  std::transform(key.begin(), key.end(), key.begin(), [](char c) { return static_cast<char>(c | 0x20); });
  return key;
}

/// What a request field beside the well-known ones means.
std::string_view header_help(std::string_view name) {
  if (name == "Last-Event-ID") return "The id of the last event that came: what followed it is told first";
  if (name == "Till-Token") return "The token that the till was given when it was paired";
  return "See the description";
}

/// The problems that a route can answer with.
std::vector<Code> problems_of(const Route& route) {
  std::vector<Code> codes{Code::invalid, Code::unauthorized};
  auto add_if = [&](bool possible, Code code) {
    if (possible) codes.push_back(code);
  };
  const bool has_body = route.body || !route.upload.empty();
  add_if(route.needs != 0 || !route.open_to_restricted, Code::forbidden);
  add_if(route.path.find('{') != std::string_view::npos, Code::not_found);
  add_if(route.lane == Lane::write, Code::conflict);
  add_if(route.versioned, Code::stale);
  add_if(has_body, Code::too_large);
  add_if(route.once != Once::no, Code::mismatch);
  add_if(route.versioned, Code::required);
  add_if(route.limit != Limit::never, Code::too_many);
  add_if(true, Code::internal);
  add_if(route.lane != Lane::read || route.answer_type == kEventStream, Code::busy);
  add_if(route.lane == Lane::write || route.bulk, Code::full);
  return codes;
}

/// "Invalid", "NotFound": the name of a problem in components.responses.
std::string component_name(Code code) {
  std::string name;
  bool upper = true;
  for (char c : to_string(code)) {
    if (c != '_') name += upper ? static_cast<char>(c & ~0x20) : c;
    upper = c == '_';
  }
  return name;
}

class Document {
 public:
  Document(const Routes& routes, std::string& out) : routes_(routes), json_(out) {}
  void write(std::string_view title, std::string_view version);

 private:
  void info(std::string_view title, std::string_view version);
  void tags();
  void operation(const Route& route, bool versioned_path);
  void parameters(const Route& route);
  void parameter(std::string_view in, std::string_view name, bool required, std::string_view help);
  void request_body(const Route& route);
  void responses(const Route& route, bool versioned_path);
  void answer(const Route& route, bool tagged);
  void reference(std::string_view section, std::string_view name);
  void schema_reference(const Schema& schema);
  void components();
  void problem_schema();
  void problem_response(Code code);

  const Routes& routes_;
  JsonWriter json_;
  std::map<std::string_view, const Schema*> schemas_;
  std::set<Code> problems_;
};

void Document::write(std::string_view title, std::string_view version) {
  json_.begin_object().member("openapi", "3.1.0");
  info(title, version);
  json_.key("servers").begin_array().begin_object().member("url", "/").member("description", "This till");
  json_.end_object().end_array();
  tags();
  json_.key("paths").begin_object();
  for (const PathItem& item : group_by_path(routes_)) {
    json_.key(item.path).begin_object();
    for (const Route* route : item.routes) operation(*route, item.versioned);
    json_.end_object();
  }
  json_.end_object();
  components();
  json_.end_object();
}

void Document::info(std::string_view title, std::string_view version) {
  json_.key("info").begin_object().member("title", title).member("version", version);
  json_.member("description",
               "Money is an integer in minor units, quantities are integer thousandths, times are RFC 3339 in UTC. "
               "Errors are problem documents (RFC 9457). /docs tells the rest.");
  json_.key("license").begin_object().member("name", "MIT").member("identifier", "MIT").end_object();
  json_.end_object();
}

void Document::tags() {
  std::set<std::string_view> names;
  for (const Route& route : routes_) names.insert(tag_of(route));
  json_.key("tags").begin_array();
  for (std::string_view name : names) {
    std::string help("Everything about ");
    json_.begin_object().member("name", name).member("description", help.append(name)).end_object();
  }
  json_.end_array();
}

void Document::operation(const Route& route, bool versioned_path) {
  std::string description(route.summary);
  description.append(". Lowest role: ").append(route.role).append(".");
  if (route.own_rows) description += " Customers see their own rows only.";
  json_.key(method_key(route.method)).begin_object();
  json_.member("operationId", route.name).member("summary", route.summary).member("description", description);
  json_.key("tags").begin_array().value(tag_of(route)).end_array();
  json_.member("x-role", route.role).member("x-lane", to_string(route.lane));
  if (route.own_rows) json_.member("x-own-rows", true);
  if (route.open_to_restricted) json_.member("x-open-to-restricted", true);
  if (route.body || !route.upload.empty()) json_.member("x-max-bytes", static_cast<int64_t>(route.max_body));
  json_.key("security").begin_array();
  if (route.needs == 0) json_.begin_object().end_object();
  json_.begin_object().key("bearer").begin_array().end_array().end_object();
  json_.end_array();
  parameters(route);
  request_body(route);
  responses(route, versioned_path);
  json_.end_object();
}

void Document::parameters(const Route& route) {
  json_.key("parameters").begin_array();
  for (size_t open = route.path.find('{'); open != std::string_view::npos; open = route.path.find('{', open + 1)) {
    const size_t close = route.path.find('}', open);
    parameter("path", route.path.substr(open + 1, close - open - 1), true, "Part of the path");
  }
  for (std::string_view name : route.query) parameter("query", name, false, query_help(name));
  if (route.once != Once::no) {
    parameter("header", "Idempotency-Key", route.once != Once::optional,
              "1 to 64 printable ASCII characters; the same key and body give the same answer again");
  }
  if (route.versioned) {
    parameter("header", "If-Match", false, "The ETag of the row to change; or its version in the body");
  }
  for (std::string_view name : route.headers) parameter("header", name, false, header_help(name));
  json_.end_array();
}

void Document::parameter(std::string_view in, std::string_view name, bool required, std::string_view help) {
  json_.begin_object().member("name", name).member("in", in).member("description", help).member("required", required);
  json_.key("schema").begin_object();
  if (name == "limit") {
    json_.member("type", "integer").member("minimum", 1).member("maximum", 200);
  } else {
    json_.member("type", "string");
  }
  json_.end_object().end_object();
}

void Document::request_body(const Route& route) {
  if (!route.body && route.upload.empty()) return;
  json_.key("requestBody").begin_object().member("required", true).key("content").begin_object();
  json_.key(route.upload.empty() ? kJson : route.upload).begin_object().key("schema");
  if (route.body) {
    schema_reference(*route.body);
  } else {
    json_.begin_object().member("type", "string").end_object();
  }
  json_.end_object().end_object().end_object();
}

void Document::responses(const Route& route, bool versioned_path) {
  const bool reads = route.method == Method::get;
  json_.key("responses").begin_object();
  answer(route, reads ? versioned_path : route.versioned);
  if (reads && versioned_path) {
    json_.key("304").begin_object().member("description", "If-None-Match names the version there is").end_object();
  }
  for (Code code : problems_of(route)) {
    json_.key(std::to_string(kind_of(code).status));
    reference("responses", component_name(code));
    problems_.insert(code);
  }
  json_.end_object();
}

void Document::answer(const Route& route, bool tagged) {
  json_.key(std::to_string(route.ok_status)).begin_object().member("description", status_text(route.ok_status));
  if (tagged) {
    json_.key("headers").begin_object().key("ETag").begin_object();
    json_.member("description", "The row's version in quotes").key("schema").begin_object().member("type", "string");
    json_.end_object().end_object().end_object();
  }
  const bool is_text = route.answer_type != kJson;
  if (route.answer || is_text) {
    json_.key("content").begin_object().key(route.answer_type).begin_object().key("schema");
    if (is_text) {
      json_.begin_object().member("type", "string").end_object();
    } else {
      schema_reference(*route.answer);
    }
    json_.end_object().end_object();
  }
  json_.end_object();
}

void Document::reference(std::string_view section, std::string_view name) {
  std::string target("#/components/");
  json_.begin_object().member("$ref", target.append(section).append("/").append(name)).end_object();
}

void Document::schema_reference(const Schema& schema) {
  schemas_.try_emplace(schema.name, &schema);
  reference("schemas", schema.name);
}

void Document::components() {
  json_.key("components").begin_object();
  json_.key("schemas").begin_object();
  for (auto [name, schema] : schemas_) {
    json_.key(name);
    schema->write(json_);
  }
  if (!problems_.empty()) problem_schema();
  json_.end_object();
  json_.key("responses").begin_object();
  for (Code code : problems_) problem_response(code);
  json_.end_object();
  json_.key("securitySchemes").begin_object().key("bearer").begin_object();
  json_.member("type", "http").member("scheme", "bearer").member("bearerFormat", "JWT");
  json_.end_object().end_object().end_object();
}

void Document::problem_schema() {
  json_.key("Problem").raw(
      R"({"type":"object","description":"RFC 9457","required":["type","title","status","detail",)"
      R"("code","request_id","retryable"],"properties":{"type":{"type":"string","format":)"
      R"("uri-reference"},"title":{"type":"string"},"status":{"type":"integer"},"detail":{"type":)"
      R"("string"},"code":{"type":"string","description":"stable word for programs"},"request_id":)"
      R"({"type":"string"},"retryable":{"type":"boolean"},"errors":{"type":"array","items":{"type":)"
      R"("object","required":["pointer","code","detail"],"properties":{"pointer":{"type":"string"},)"
      R"("code":{"type":"string"},"detail":{"type":"string"}}}},"current":{"type":"object",)"
      R"("description":"stale: the row as it is now"}}})");
}

void Document::problem_response(Code code) {
  const ProblemKind kind = kind_of(code);
  json_.key(component_name(code)).begin_object();
  json_.member("description", std::string(kind.title) + ". " + std::string(kind.help));
  json_.key("content").begin_object().key("application/problem+json").begin_object().key("schema");
  reference("schemas", "Problem");
  json_.end_object().end_object().end_object();
}

}  // namespace

std::string openapi_document(const Routes& routes, std::string_view title, std::string_view version) {
  Routes described;
  std::copy_if(routes.begin(), routes.end(), std::back_inserter(described), [](const auto& r) { return !r.dialect; });
  std::string out;
  out.reserve(described.size() * 1536);
  Document(described, out).write(title, version);
  return out;
}

std::string_view tag_of(const Route& route) { return route.name.substr(0, route.name.find('.')); }

std::string_view to_string(Lane lane) {
  switch (lane) {
    case Lane::read:
      return "read";
    case Lane::write:
      return "write";
    case Lane::slow:
      return "slow";
  }
  return "read";
}

std::string_view query_help(std::string_view name) {
  // clang-format off
  if (name == "limit")  return "At most so many items, 1 to 200";
  if (name == "cursor") return "Where the last page ended: `next` of its answer";
  if (name == "sort")   return "Fields to sort by, with - for descending: -created_at,id";
  if (name == "fields") return "Only these members, separated by commas";
  if (name == "expand") return "Related rows to put into the answer";
  if (name == "total")  return "true: count all items too";
  if (name == "q")      return "Words to search for";
  // clang-format on
  return "Only rows with this value";
}

}  // namespace till::http
