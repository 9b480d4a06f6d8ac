// The one table of routes (D6). A route is one line: method, path, who, lane, name, summary, handler. The trie,
// OpenAPI, /docs, metrics labels, rate limits and the role matrix test are all made from it.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "base/schema.h"
#include "http/message.h"

namespace till::http {

/// Where the handler runs. read and write handlers run on the door's thread and must only do microseconds of work:
/// point reads, parsing. A write handler returns Work. slow handlers run on the worker pool and may block.
enum class Lane : uint8_t { read, write, slow };

/// Which bucket a request is taken from: `usual` by caller (customer) or address (public); `strict` a few a minute by
/// address (login, PIN, password reset); `never` for health.
enum class Limit : uint8_t { usual, strict, never };

/// How the caller proves that a repeated POST is the same POST (Idempotency-Key). With `optional` and `required` the
/// pipeline keeps the answer through the OnceStore; with `by_effect` the key is required too, but the row that the
/// request makes carries it (orders): the service reads request.once and does the rest.
enum class Once : uint8_t { no, optional, required, by_effect };

using Handler = std::function<Result<Outcome>(Request&)>;

struct Route {
  Method method;
  std::string_view path;  // "/api/v1/products/{id}"; a {name} is one segment
  std::string_view role;  // name of the lowest role, for docs and the matrix test: "public", "cashier", …
  Rights needs;           // one bit, 0 for public
  Lane lane;
  std::string_view name;  // operationId and metrics label: "products.get"
  std::string_view summary;
  Handler handler;
  Limit limit = Limit::usual;
  Once once = Once::no;               // only where a role is needed: a key is scoped to its caller
  bool versioned = false;             // needs If-Match or "version" in the body: documented as 412 and 428
  bool own_rows = false;              // customers see their own rows only
  bool open_to_restricted = false;    // allowed before the first password change
  size_t max_body = size_t{1} << 20;  // bytes
  std::string_view upload{};          // content type: the body is spooled to a file after the head is authorised
  const Schema* body = nullptr;
  const Schema* answer = nullptr;
  int ok_status = 200;
  std::vector<std::string_view> query{};              // query parameters it knows; any other is refused with 400
  std::vector<std::string_view> headers{};            // request fields it reads beside those that all routes know
  std::string_view answer_type = "application/json";  // of a success
  std::string_view problem_status_member{};  // a dialect's second name for `status` in its problems: "statusCode"
  bool dialect = false;  // of an older system: parameters it does not know are ignored; in /docs, not in OpenAPI
  bool bulk = false;     // needs room on the disk that sales need more: refused while it is nearly full

  // What a line of the table says beyond the usual, read from left to right.
  Route takes(const Schema* schema) && { return body = schema, std::move(*this); }
  Route gives(const Schema* schema, int status = 200) && {
    return answer = schema, ok_status = status, std::move(*this);
  }
  Route knows(std::vector<std::string_view> parameters) && { return query = std::move(parameters), std::move(*this); }
  Route reads(std::vector<std::string_view> fields) && { return headers = std::move(fields), std::move(*this); }
  Route gives_text(std::string_view type) && { return answer_type = type, std::move(*this); }
  Route keyed(Once how) && { return once = how, std::move(*this); }
  Route uploads(std::string_view content_type, size_t most_bytes) && {
    return upload = content_type, max_body = most_bytes, bulk = true, std::move(*this);
  }
  Route in_bulk() && { return bulk = true, std::move(*this); }
  Route own() && { return own_rows = true, std::move(*this); }
  Route with_version() && { return versioned = true, std::move(*this); }
  Route names_status(std::string_view member) && { return problem_status_member = member, std::move(*this); }
};

/// The answer type of live events; such an answer has no end.
inline constexpr std::string_view kEventStream = "text/event-stream";

/// Routes in the order they were added.
using Routes = std::vector<Route>;

}  // namespace till::http
