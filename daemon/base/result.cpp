#include "base/result.h"

namespace till {

std::string_view to_string(Code code) {
  // clang-format off
  switch (code) {
    case Code::invalid: return "invalid";
    case Code::unauthorized: return "unauthorized";
    case Code::forbidden: return "forbidden";
    case Code::not_found: return "not_found";
    case Code::conflict: return "conflict";
    case Code::declined: return "declined";
    case Code::stale: return "stale";
    case Code::required: return "precondition_required";
    case Code::mismatch: return "idempotency_mismatch";
    case Code::too_many: return "too_many_requests";
    case Code::too_large: return "too_large";
    case Code::busy: return "busy";
    case Code::device: return "device";
    case Code::offline: return "offline";
    case Code::full: return "disk_full";
    case Code::internal: return "internal";
  }
  // clang-format on
  return "internal";
}

Error invalid_field(std::string pointer, std::string code, std::string detail) {
  Error error{.code = Code::invalid, .message = detail};
  error.fields.push_back({std::move(pointer), std::move(code), std::move(detail)});
  return error;
}

void assert_failed(const char* what, const char* file, int line) {
  std::fprintf(stderr, "{\"level\":\"critical\",\"msg\":\"assertion failed\",\"what\":\"%s\",\"at\":\"%s:%d\"}\n", what,
               file, line);
  std::abort();
}

}  // namespace till
