// CORS header lines (http/cors.h).
#include "http/cors.h"

#include <algorithm>

namespace till::http {

std::string Cors::headers(const Request& request, std::string_view allow) const {
  if (origins_.empty()) return {};
  std::string out = "Vary: Origin\r\n";  // also where the origin is not allowed: a cache must not mix the two
  const std::string* origin = request.header("origin");
  if (!origin || std::find(origins_.begin(), origins_.end(), *origin) == origins_.end()) return out;
  out.append("Access-Control-Allow-Origin: ").append(*origin).append("\r\n");
  if (allow.empty()) {
    out +=
        "Access-Control-Expose-Headers: ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, "
        "Idempotent-Replayed, X-Request-Id\r\n";
  } else if (request.header("access-control-request-method")) {
    out.append("Access-Control-Allow-Methods: ").append(allow).append("\r\n");
    out +=
        "Access-Control-Allow-Headers: Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, "
        "Till-Token, Last-Event-ID, X-Request-Id, traceparent\r\nAccess-Control-Max-Age: 600\r\n";
  }
  return out;
}

}  // namespace till::http
