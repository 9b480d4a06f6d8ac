// Targets and what handlers read of them: path, query, pages, fields, and the small headers beside (versions, traces,
// media types, addresses). What is accepted is clean, and goes round.
//
//   input = a target | LF | the value of a header | LF | a cursor's place
#include "domain/head.h"
#include "domain/product.h"
#include "fuzz/fuzz.h"
#include "http/conditional.h"
#include "http/handler.h"
#include "http/limiter.h"
#include "http/parser.h"
#include "http/router.h"
#include "http/trace.h"
#include "support/fake_clock.h"
#include "support/fake_random.h"

namespace till::fuzz {
namespace {

using http::Request;

bool is_clean_segment(std::string_view segment) {
  return segment != "." && segment != ".." &&
         std::none_of(segment.begin(), segment.end(), [](char c) { return c == '\\' || http::is_control(c); });
}

void check_path(std::string_view path) {
  TILL_ASSERT(path.starts_with('/') && is_utf8(path));
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at + 1), path.size());
    TILL_ASSERT(is_clean_segment(path.substr(at + 1, end - at - 1)));
    at = end;
  }
}

/// The target that says what the request says.
std::string target_of(const Request& request) {
  std::string target;
  for (const char c : request.path) target += c == '/' ? "/" : http::percent_encode({&c, 1});
  char before = '?';
  for (const auto& [name, value] : request.query) {
    target += before + http::percent_encode(name) + "=" + http::percent_encode(value);
    before = '&';
  }
  return target;
}

/// A page's end leads to the next page's beginning.
void check_pages(const Request& request, std::string_view after) {
  const auto page = http::page_query(request);
  if (!page.ok()) {
    TILL_ASSERT(page.error().code == Code::invalid);
  } else {
    TILL_ASSERT(page->limit >= 1 && page->limit <= 200 && page->cursor >= 0 && is_utf8(page->after));
  }
  const auto fields = http::fields_query(request, http::shown_names<domain::Product>());
  TILL_ASSERT(fields.ok() || fields.error().code == Code::invalid);
  const std::string* sort = request.query_value("sort");
  const bool has_blank = sort && sort->find(' ') != std::string::npos;     // lists refuse such a sort before
  const bool has_room = request.query.size() < http::kMaxQueryParameters;  // more than any route knows
  if (!is_utf8(after) || !page.ok() || has_blank || !has_room) return;
  const http::Response response = http::list_response(request, "[]", {.next = 7, .after = after});
  const auto body = parse_json(response.body);
  TILL_ASSERT(body.ok());
  const std::string_view link = response.extra_headers;
  const size_t begin = link.find('<') + 1;
  Request next;
  TILL_ASSERT(!http::parse_target(link.substr(begin, link.find('>') - begin), next));
  const auto next_page = http::page_query(next);
  TILL_ASSERT(next_page.ok() && next_page->cursor == 7 && next_page->limit == page->limit);
  TILL_ASSERT(next_page->after == after);
}

const http::Router& router() {
  static const http::Routes routes = [] {
    http::Routes all;
    for (const std::string_view path : {"/a", "/a/{x}", "/a/b/{y}", "/a/{x}/c", "/{z}/d/{x}/{y}"}) {
      all.push_back({http::Method::get, path, "public", 0, http::Lane::read, path, path, nullptr});
    }
    return all;
  }();
  static const http::Router built = http::Router::build(routes).value();
  return built;
}

/// What the route's pattern with the parameters filled in says is the path.
void check_route(const std::string& path) {
  http::Pairs params;
  const auto match = router().find(http::Method::get, path, params);
  TILL_ASSERT(http::allow_header(match.allowed) == (match.allowed ? "GET, HEAD, OPTIONS" : ""));
  if (match.route == nullptr) return TILL_ASSERT(params.empty());
  std::string filled;
  auto param = params.begin();
  for (std::string_view rest = match.route->path; !rest.empty();) {
    const size_t open = std::min(rest.find('{'), rest.size());
    filled.append(rest.substr(0, open));
    rest.remove_prefix(open);
    if (rest.empty()) break;
    TILL_ASSERT(param != params.end() && rest.substr(1, rest.find('}') - 1) == param->first);
    filled += (param++)->second;
    rest.remove_prefix(rest.find('}') + 1);
  }
  TILL_ASSERT(filled == path && param == params.end());
}

void check_header(std::string_view value) {
  if (const auto version = http::parse_if_match(value); version.ok()) {
    TILL_ASSERT(http::etag(*version) == value && http::names_version(value, *version));
  }
  http::has_token(value, "close");
  TILL_ASSERT(http::media_type(value).size() <= value.size());
  http::limit_key(value);
  test::FakeClock clock;
  test::FakeRandom random;
  IdSource ids(clock, random);
  Request request;
  request.headers = {{"traceparent", std::string(value)}, {"x-request-id", std::string(value)}};
  http::identify(request, ids);
  TILL_ASSERT(!request.request_id.empty() && request.request_id.size() <= 64);
  TILL_ASSERT(request.traceparent.size() == 55 && is_utf8(request.request_id));
  TILL_ASSERT(to_hex(http::trace_bytes(request.traceparent)) == http::trace_id(request.traceparent));
}

}  // namespace

void run(Input in) {
  const std::string_view target = in.line();
  check_header(in.line());
  Request request;
  if (http::parse_target(target, request)) return;
  check_path(request.path);
  TILL_ASSERT(request.query.size() <= http::kMaxQueryParameters);
  for (const auto& [name, value] : request.query) TILL_ASSERT(is_utf8(name) && is_utf8(value));
  Request again;
  TILL_ASSERT(!http::parse_target(target_of(request), again));
  TILL_ASSERT(again.path == request.path);
  // An empty part between two & is none, a name without a value has the empty one; else the same.
  TILL_ASSERT(again.query == request.query);
  for (const auto& [name, value] : request.query) {
    const auto number = http::integer_query(request, name);
    if (number.ok()) TILL_ASSERT(number->has_value());
    static_cast<void>(http::bool_query(request, name).ok());
    static_cast<void>(http::id_query(request, name).ok());
  }
  check_route(request.path);
  check_pages(request, in.text());
}

}  // namespace till::fuzz
