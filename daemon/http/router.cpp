// The trie (http/router.h). Nodes lie in one vector and point at each other by index.
#include "http/router.h"

#include <algorithm>

namespace till::http {
namespace {

MethodSet bit(Method method) { return static_cast<MethodSet>(1U << static_cast<unsigned>(method)); }

Error misfit(const Route& route, std::string_view why) {
  std::string message = "route ";
  message.append(to_string(route.method)).append(" ").append(route.path).append(": ").append(why);
  return {Code::invalid, std::move(message), "bad_route"};
}

/// Cuts the first segment off "/a/b": "a", leaving "/b".
std::string_view take_segment(std::string_view& rest) {
  rest.remove_prefix(1);
  std::string_view segment = rest.substr(0, rest.find('/'));
  rest.remove_prefix(segment.size());
  return segment;
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool less_segment(std::string_view a, std::string_view b) { return a < b; }

}  // namespace

std::string allow_header(MethodSet methods) {
  std::string out;
  for (Method method :
       {Method::get, Method::head, Method::post, Method::put, Method::patch, Method::del, Method::options}) {
    if (!(methods & bit(method))) continue;
    if (!out.empty()) out += ", ";
    out += to_string(method);
  }
  return out;
}

Result<Router> Router::build(const Routes& routes) {
  Router router;
  for (const Route& route : routes) TILL_CHECK(router.insert(route));
  return router;
}

Status Router::insert(const Route& route) {
  if (route.path.empty() || route.path.front() != '/') return misfit(route, "a path begins with /");
  if (route.method == Method::options || route.method == Method::head) return misfit(route, "answered by the router");
  uint32_t at = 0;
  size_t parameters = 0;
  for (std::string_view rest = route.path == "/" ? "" : route.path; !rest.empty();) {
    std::string_view segment = take_segment(rest);
    if (is_parameter(segment) && ++parameters > kMaxParams) return misfit(route, "too many parameters");
    TILL_TRY(at, descend(at, segment, route));
  }
  Node& node = nodes_[at];
  auto& place = node.routes[static_cast<size_t>(route.method)];
  if (place) return misfit(route, "is there twice");
  place = &route;
  node.allowed = static_cast<MethodSet>(node.allowed | bit(route.method) | bit(Method::options));
  if (route.method == Method::get) node.allowed = static_cast<MethodSet>(node.allowed | bit(Method::head));
  return {};
}

Result<uint32_t> Router::descend(uint32_t at, std::string_view segment, const Route& route) {
  const auto fresh = static_cast<uint32_t>(nodes_.size());
  if (is_parameter(segment)) {
    std::string_view name = segment.substr(1, segment.size() - 2);
    if (nodes_[at].any == kNone) {
      nodes_[at].any = fresh;
      nodes_.emplace_back().name = name;
    }
    const uint32_t child = nodes_[at].any;
    if (nodes_[child].name != name) return misfit(route, "another route names this parameter differently");
    return child;
  }
  if (segment.empty() || segment.find_first_of("{}") != std::string_view::npos) {
    return misfit(route, "a segment is empty or has a brace inside");
  }
  if (uint32_t child = literal_child(at, segment); child != kNone) return child;
  auto& children = nodes_[at].children;
  auto place = std::lower_bound(children.begin(), children.end(), segment,
                                [](const Child& c, std::string_view s) { return less_segment(c.segment, s); });
  children.insert(place, {segment, fresh});
  nodes_.emplace_back();
  return fresh;
}

uint32_t Router::literal_child(uint32_t at, std::string_view segment) const {
  const auto& children = nodes_[at].children;
  auto found = std::lower_bound(children.begin(), children.end(), segment,
                                [](const Child& c, std::string_view s) { return less_segment(c.segment, s); });
  return found != children.end() && found->segment == segment ? found->node : kNone;
}

/// The most literal node with a route under `at` for the rest of the path. A node has one way to it, so that a lookup
/// visits each at most once, whatever the path.
const Router::Node* Router::walk(uint32_t at, std::string_view rest, Captures& captures) const {
  const Node& node = nodes_[at];
  if (rest.empty()) return node.allowed ? &node : nullptr;
  std::string_view segment = take_segment(rest);
  if (uint32_t child = literal_child(at, segment); child != kNone) {
    if (const Node* found = walk(child, rest, captures)) return found;
  }
  if (node.any == kNone || segment.empty()) return nullptr;
  captures.pairs[captures.count++] = {nodes_[node.any].name, segment};
  const Node* found = walk(node.any, rest, captures);
  if (!found) --captures.count;
  return found;
}

Router::Match Router::find(Method method, std::string_view path, Pairs& params) const {
  if (path.empty() || path.front() != '/') return {};
  Captures captures;
  const Node* node = walk(0, path == "/" ? "" : path, captures);
  if (!node) return {};
  const Method served = method == Method::head ? Method::get : method;
  const Route* route = node->routes[static_cast<size_t>(served)];
  if (route) {
    for (size_t i = 0; i < captures.count; ++i) params.emplace_back(captures.pairs[i].first, captures.pairs[i].second);
  }
  return {route, node->allowed};
}

}  // namespace till::http
