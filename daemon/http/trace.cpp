// Request and trace ids (http/trace.h). traceparent: 2 version "-" 32 trace "-" 16 span "-" 2 flags, lower-case hex.
#include "http/trace.h"

#include <algorithm>

namespace till::http {
namespace {

constexpr size_t kTraceparent = 55;

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

bool is_request_id(std::string_view text) {
  auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), letter);
}

/// A later version may add fields after another dash; "ff" is none (§3.2.2.1, §4.3).
bool is_traceparent(std::string_view text) {
  if (text.size() < kTraceparent || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  const std::string_view version = text.substr(0, 2);
  if (!is_hex(version) || version == "ff") return false;
  if (text.size() > kTraceparent && (version == "00" || text[kTraceparent] != '-')) return false;
  const std::string_view trace = text.substr(3, 32);
  const std::string_view span = text.substr(36, 16);
  return is_hex(trace) && !is_zero(trace) && is_hex(span) && !is_zero(span) && is_hex(text.substr(53, 2));
}

}  // namespace

void identify(Request& request, IdSource& ids) {
  const Uuid made = ids.next();
  const std::string* id = request.header("x-request-id");
  request.request_id = id && is_request_id(*id) ? *id : to_string(made);

  const std::string* parent = request.header("traceparent");
  const bool taken = parent && is_traceparent(*parent);
  request.traceparent.reserve(kTraceparent);
  request.traceparent = "00-";
  request.traceparent += taken ? parent->substr(3, 32) : to_hex(made.view());
  request.traceparent += '-';
  request.traceparent += to_hex(made.view().subspan(8));
  request.traceparent += taken ? parent->substr(52, 3) : "-01";
}

std::string_view trace_id(std::string_view traceparent) { return traceparent.substr(3, 32); }

std::array<uint8_t, 16> trace_bytes(std::string_view traceparent) {
  const std::string_view digits = trace_id(traceparent);
  std::array<uint8_t, 16> bytes{};
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<uint8_t>(hex_value(digits[2 * i]) << 4 | hex_value(digits[2 * i + 1]));
  return bytes;
}

}  // namespace till::http
