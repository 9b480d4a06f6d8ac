// The Postman collection (http/postman.h): the order of its requests, then each as JSON.
#include "http/postman.h"

#include <algorithm>

#include "http/openapi.h"
#include "http/sample_body.h"

namespace till::http {
namespace {

constexpr std::string_view kSchema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
constexpr int kPlaceOfDelete = 5;
constexpr std::string_view kLogIn = "Log in", kLast = "What takes things away";

// In a collection's script, `keep(prefix, row)` sets the variables of a row: {{product_id}}, {{order_line_id}} …
constexpr std::string_view kKeep[] = {
    "const join = (a, b) => a && b !== a ? a + '_' + b : b;",
    "const one = (name) => name.replace(/ies$/, 'y').replace(/([sx]|ch|sh)es$/, '$1').replace(/([^s])s$/, '$1');",
    "function keep(prefix, row) {",
    "  for (const [name, value] of Object.entries(row)) {",
    "    const first = Array.isArray(value) ? value[0] : value;",
    "    const full = join(prefix, Array.isArray(value) ? one(name) : name);",
    "    if (first === null || first === undefined) continue;",
    "    if (typeof first === 'object') keep(full, first); else pm.collectionVariables.set(full, first);",
    "  }",
    "}",
};

// Asks what stands in `first`, one after the other, and keeps the rows.
constexpr std::string_view kAsk[] = {
    "];",
    "(function next() {",
    "  if (first.length === 0) return;",
    "  const [prefix, method, path, body] = first.shift();",
    "  const known = (text) => pm.variables.replaceIn(text);",
    "  const header = {'Content-Type': 'application/json', 'Idempotency-Key': known('{{$guid}}'),",
    "    Authorization: known('Bearer {{access_token}}')};",
    "  pm.sendRequest({url: known('{{base}}') + path, method, header, body: {mode: 'raw', raw: known(body)}},",
    "    (error, answer) => { keep(prefix, answer.json()); next(); });",
    "})();",
};

/// "product" of "products", "category" of "categories", "address" of "addresses".
std::string singular(std::string_view plural) {
  std::string one(plural);
  if (one.ends_with("ies")) return one.replace(one.size() - 3, 3, "y");
  if (one.ends_with("sses")) return one.substr(0, one.size() - 2);
  if (one.ends_with("s") && !one.ends_with("ss")) one.pop_back();
  return one;
}

bool has_parameter(const Route& route) { return route.path.find('{') != std::string_view::npos; }

class Collection {
 public:
  Collection(const Routes& routes, const Samples& samples, std::string& out)
      : routes_(routes), samples_(samples), json_(out) {}
  void write(std::string_view title);

 private:
  struct Folder {
    std::string_view name;
    std::vector<const Route*> routes{};
  };

  const Sample& sample_of(const Route& route) const;
  [[nodiscard]] const Route* route_of(std::string_view name) const;
  [[nodiscard]] std::string prefix_of(const Route& route) const;
  [[nodiscard]] std::string body_of(const Route& route) const;
  std::vector<Folder> folders() const;
  void folder(const Folder& folder);
  void item(const Route& route);
  void request(const Route& route, const Sample& sample);
  void url(const Route& route);
  void headers(const Route& route);
  void header(std::string_view name, std::string_view value);
  void events(const Route& route, const Sample& sample);
  void script(std::string_view listen, const std::vector<std::string>& lines);
  std::vector<std::string> before(const Route& route, const Sample& sample) const;
  [[nodiscard]] std::string first_request(const Route& route, std::string_view body) const;
  std::vector<std::string> test(const Route& route, const Sample& sample) const;
  void variables();

  const Routes& routes_;
  const Samples& samples_;
  JsonWriter json_;
};

void Collection::write(std::string_view title) {
  json_.begin_object();
  json_.key("info").begin_object().member("name", title).member("schema", kSchema);
  json_.member("description",
               "Made from the table of routes. Set base, email and password; then it runs from top to "
               "bottom.");
  json_.end_object();
  json_.key("auth").raw(R"({"type":"bearer","bearer":[{"key":"token","value":"{{access_token}}","type":"string"}]})");
  json_.key("item").begin_array();
  for (const Folder& each : folders()) folder(each);
  json_.end_array();
  variables();
  json_.end_object();
}

const Sample& Collection::sample_of(const Route& route) const {
  static const Sample usual{};
  const auto found =
      std::find_if(samples_.begin(), samples_.end(), [&](const Sample& s) { return s.route == route.name; });
  return found == samples_.end() ? usual : *found;
}

const Route* Collection::route_of(std::string_view name) const {
  const auto found =
      std::find_if(routes_.begin(), routes_.end(), [&](const Route& route) { return route.name == name; });
  return found == routes_.end() ? nullptr : &*found;
}

std::string Collection::prefix_of(const Route& route) const {
  const Sample& sample = sample_of(route);
  return sample.row.empty() ? singular(tag_of(route)) : std::string(sample.row);
}

std::string Collection::body_of(const Route& route) const {
  const Sample& sample = sample_of(route);
  return sample.body.empty() && route.body ? sample_body(*route.body) : std::string(sample.body);
}

std::vector<Collection::Folder> Collection::folders() const {
  Folder begin{kLogIn}, end{kLast};
  std::vector<Folder> middle;
  for (const Route& route : routes_) {
    if (route.dialect) continue;
    const int place = sample_of(route).place;
    if (place < 0) {
      begin.routes.push_back(&route);
    } else if (place > 0 || route.method == Method::del) {
      end.routes.insert(end.routes.begin(), &route);
    } else {
      const auto known =
          std::find_if(middle.begin(), middle.end(), [&](const Folder& each) { return each.name == tag_of(route); });
      Folder& mine = known == middle.end() ? middle.emplace_back(Folder{tag_of(route)}) : *known;
      mine.routes.push_back(&route);
    }
  }
  auto place_of = [this](const Route* route) {
    const int place = sample_of(*route).place;
    return place == 0 ? kPlaceOfDelete : place;
  };
  auto by_place = [&](const Route* a, const Route* b) { return place_of(a) < place_of(b); };
  std::stable_sort(begin.routes.begin(), begin.routes.end(), by_place);
  std::stable_sort(end.routes.begin(), end.routes.end(), by_place);
  middle.insert(middle.begin(), std::move(begin));
  middle.push_back(std::move(end));
  return middle;
}

void Collection::folder(const Folder& folder) {
  if (folder.routes.empty()) return;
  json_.begin_object().member("name", folder.name).key("item").begin_array();
  for (const Route* route : folder.routes) item(*route);
  json_.end_array().end_object();
}

void Collection::item(const Route& route) {
  const Sample& sample = sample_of(route);
  json_.begin_object().member("name", std::string(route.name) + ": " + std::string(route.summary));
  events(route, sample);
  request(route, sample);
  json_.end_object();
}

void Collection::request(const Route& route, const Sample& sample) {
  json_.key("request").begin_object().member("method", to_string(route.method));
  json_.member("description", std::string(route.summary) + ". Lowest role: " + std::string(route.role) + ".");
  if (!sample.token.empty()) {
    json_.key("auth").begin_object().member("type", "bearer").key("bearer").begin_array().begin_object();
    json_.member("key", "token").member("value", "{{" + std::string(sample.token) + "}}").member("type", "string");
    json_.end_object().end_array().end_object();
  } else if (route.needs == 0) {
    json_.key("auth").raw(R"({"type":"noauth"})");
  }
  headers(route);
  url(route);
  const std::string body = body_of(route);
  if (!body.empty()) json_.key("body").begin_object().member("mode", "raw").member("raw", body).end_object();
  json_.end_object();
}

void Collection::headers(const Route& route) {
  json_.key("header").begin_array();
  const std::string_view upload = route.upload;
  if (!upload.empty() || route.body) header("Content-Type", upload.empty() ? "application/json" : upload);
  if (route.once != Once::no) header("Idempotency-Key", "{{$guid}}");
  if (route.versioned) header("If-Match", "\"{{" + prefix_of(route) + "_version}}\"");
  for (std::string_view name : route.headers) {
    std::string variable(name);
    std::replace(variable.begin(), variable.end(), '-', '_');
    std::transform(variable.begin(), variable.end(), variable.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    header(name, "{{" + variable + "}}");
  }
  json_.end_array();
}

void Collection::header(std::string_view name, std::string_view value) {
  json_.begin_object().member("key", name).member("value", value).end_object();
}

void Collection::url(const Route& route) {
  std::string raw = "{{base}}";
  std::vector<std::string> segments, parameters;
  for (size_t at = 1; at <= route.path.size();) {
    const size_t end = std::min(route.path.find('/', at), route.path.size());
    std::string segment(route.path.substr(at, end - at));
    if (segment.starts_with('{')) {
      parameters.push_back(segment.substr(1, segment.size() - 2));
      segment = ":" + parameters.back();
    }
    raw.append("/").append(segment);
    segments.push_back(std::move(segment));
    at = end + 1;
  }
  json_.key("url").begin_object().member("raw", raw);
  json_.key("host").begin_array().value("{{base}}").end_array().key("path").begin_array();
  for (const std::string& segment : segments) json_.value(segment);
  json_.end_array().key("query").begin_array();
  for (std::string_view name : route.query) {
    json_.begin_object().member("key", name).member("value", "").member("disabled", true);
    json_.member("description", query_help(name)).end_object();
  }
  json_.end_array().key("variable").begin_array();
  for (const std::string& name : parameters) {
    const std::string value = name.ends_with("_id") ? name : prefix_of(route) + "_" + name;
    json_.begin_object().member("key", name).member("value", "{{" + value + "}}").end_object();
  }
  json_.end_array().end_object();
}

void Collection::events(const Route& route, const Sample& sample) {
  json_.key("event").begin_array();
  if (const auto lines = before(route, sample); !lines.empty()) script("prerequest", lines);
  script("test", test(route, sample));
  json_.end_array();
}

void Collection::script(std::string_view listen, const std::vector<std::string>& lines) {
  json_.begin_object().member("listen", listen).key("script").begin_object().member("type", "text/javascript");
  json_.key("exec").begin_array();
  for (const std::string& line : lines) json_.value(line);
  json_.end_array().end_object().end_object();
}

std::vector<std::string> Collection::before(const Route& route, const Sample& sample) const {
  if (route.answer_type == kEventStream) {
    return {"// It does not end: only who wants to watch sets the variable `watch`.",
            "if (!pm.variables.get('watch')) pm.execution.skipRequest();"};
  }
  if (sample.first.empty()) return {};
  std::vector<std::string> lines(std::begin(kKeep), std::end(kKeep));
  lines.push_back("const first = [");
  for (const auto& [name, body] : sample.first) {
    if (const Route* route_asked = route_of(name)) lines.push_back("  " + first_request(*route_asked, body) + ",");
  }
  lines.insert(lines.end(), std::begin(kAsk), std::end(kAsk));
  return lines;
}

/// What kAsk reads: ["order", "POST", "/api/v1/orders", "{…}"].
std::string Collection::first_request(const Route& route, std::string_view body) const {
  std::string line;
  JsonWriter(line)
      .begin_array()
      .value(prefix_of(route))
      .value(to_string(route.method))
      .value(route.path)
      .value(body)
      .end_array();
  return line;
}

std::vector<std::string> Collection::test(const Route& route, const Sample& sample) const {
  const std::string status = std::to_string(sample.status != 0 ? sample.status : route.ok_status);
  std::vector<std::string> lines{"pm.test('" + status + "', () => pm.response.to.have.status(" + status + "));"};
  const bool makes = route.ok_status == 201 && !has_parameter(route);
  const bool always = makes || sample.shown || !route.upload.empty();
  if (route.answer && sample.status == 0 && (always || route.versioned || has_parameter(route))) {
    const std::string prefix = sample.shown ? std::string(sample.row) : prefix_of(route);
    lines.insert(lines.end(), std::begin(kKeep), std::end(kKeep));
    lines.push_back("const row = pm.response.json();");
    const std::string keep = "keep('" + prefix + "', row.items ? row.items[0] || {} : row);";
    lines.push_back(always ? keep : "if (row.id === pm.variables.get('" + prefix + "_id')) " + keep);
  }
  lines.insert(lines.end(), sample.lines.begin(), sample.lines.end());
  return lines;
}

void Collection::variables() {
  json_.key("variable").begin_array();
  const std::pair<std::string_view, std::string_view> own[] = {
      {"base", "http://127.0.0.1:8080"}, {"email", ""}, {"password", ""}, {"new_password", "another good password"}};
  for (auto [name, value] : own) {
    json_.begin_object().member("key", name).member("value", value).end_object();
  }
  json_.end_array();
}

}  // namespace

std::string postman_collection(const Routes& routes, std::string_view title, const Samples& samples) {
  std::string out;
  out.reserve(routes.size() * 2048);
  Collection(routes, samples, out).write(title);
  return out;
}

}  // namespace till::http
