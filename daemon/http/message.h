// One request and one response, as the lanes see them. The door fills a Request from its own strict parser (D5): every
// part is bounded and checked before a handler runs. Handlers never see a socket.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "base/task.h"

namespace till::http {

enum class Method : uint8_t { get, head, post, put, patch, del, options };
std::string_view to_string(Method method);

/// A set of rights as bits; what a bit means is the shop's business (domain/role.h). A route needs one bit, a caller
/// has many. 0 needs nothing: public.
using Rights = uint32_t;

/// Who is asking; made by the Authenticator port or, for the control socket, by the composition root.
struct Caller {
  int64_t user = 0;  // row id; 0: nobody
  Uuid id{};         // the user's public id
  Rights rights = 0;
  Uuid session{};
  std::string name{};
  bool restricted = false;          // must change the password first: only routes marked open_to_restricted
  bool limited = true;              // rate limits apply (public and customers; staff have none by default)
  std::array<uint8_t, 16> trace{};  // the request's W3C trace id, for what the request makes
  int64_t till = 0;                 // row id of the paired till the session began at; 0: none
};

/// Name and value, in the order of the request. Names of headers are lower case.
using Pairs = std::vector<std::pair<std::string, std::string>>;

/// The scope of an idempotency key: the same key from another caller or on another path is another key.
struct OnceKey {
  int64_t caller = 0;
  std::string route;       // method and path: "POST /api/v1/orders"
  std::string key;         // 1 to 64 printable ASCII
  uint64_t body_hash = 0;  // first 8 bytes of the SHA-256 of the body, big endian
};

struct Request {
  Method method = Method::get;
  std::string path;         // percent-decoded, begins with '/', no NUL, no dot segments
  Pairs query;              // percent-decoded, '+' is a space
  Pairs headers;            // trimmed; at most 100
  Pairs params;             // of the route's path: {"id", "…"}
  std::string body;         // whole; empty for uploads
  std::string body_file;    // uploads: the spooled body; removed by the door when the exchange ends
  std::string address;      // of the peer: "192.168.1.7", "::1", "local" for the control socket
  bool secure = false;      // came by TLS
  std::string request_id;   // taken (checked) or made
  std::string traceparent;  // W3C; taken (checked) or made
  Caller caller;
  std::optional<int64_t> if_match{};  // the version in If-Match; see expected_version() in http/conditional.h
  std::optional<OnceKey> once{};      // set where the route takes a key and the client sent one

  [[nodiscard]] const std::string* header(std::string_view lower_case_name) const {
    return find(headers, lower_case_name);
  }
  [[nodiscard]] const std::string* query_value(std::string_view name) const { return find(query, name); }
  /// The value of a path parameter; it exists because the route matched.
  [[nodiscard]] const std::string& param(std::string_view name) const;
  static const std::string* find(const Pairs& pairs, std::string_view name);
};

/// A body without an end. The door asks it for more when the client has taken what it gave and something may have
/// happened, so what a slow client does not take never piles up. Made, asked and destroyed on the door's thread.
class Stream {
 public:
  virtual ~Stream() = default;
  /// Appends what there is to say now, which may be nothing. False: it is over.
  virtual bool pour(std::string& out) = 0;
};

struct Response {
  int status = 200;
  std::string body{};
  std::string_view content_type = "application/json";  // a literal
  std::optional<int64_t> version{};                    // becomes the ETag, and 304 where If-None-Match has it
  std::string extra_headers{};                         // whole lines; use add()
  bool live = false;                                   // more than the version's row is shown: never answered by 304
  std::shared_ptr<Stream> stream{};                    // instead of a body; read lane only

  /// Adds a header line; CR and LF in the value are replaced, so that nothing from outside can split the answer.
  Response& add(std::string_view name, std::string_view value);
};

/// The last part of a write: formats the answer, on the door's thread, after the commit that holds the change. It may
/// be an Error: a refusal whose trace (a counted try, an audit row) had to be committed all the same.
using Finish = Task<Result<Response>()>;
/// The middle of a write: runs on the writer's thread inside a savepoint. An Error rolls that savepoint back.
using Work = Task<Result<Finish>()>;
/// What a handler gives back: an answer at once, or work for the writer.
using Outcome = std::variant<Response, Work>;

}  // namespace till::http
