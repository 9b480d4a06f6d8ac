// The head of a request (http/parser.h).
#include "http/parser.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace till::http {
namespace {

constexpr size_t kMaxRequestLine = kMaxTarget + 32;  // method, spaces and version beside the target
constexpr size_t kMaxLengthDigits = 18;              // fits into 63 bits

constexpr Refusal kNotHttp{400, "not_http", "This is not an HTTP/1.1 request"};
constexpr Refusal kBadLine{400, "bad_line", "Lines of the head must end with CRLF"};
constexpr Refusal kTargetTooLong{414, "target_too_long", "The request target may have at most 8 KB"};
constexpr Refusal kHeadTooLarge{431, "head_too_large", "The head of a request may have at most 16 KB"};
constexpr Refusal kTooManyFields{431, "too_many_fields", "The head of a request may have at most 100 fields"};
constexpr Refusal kBadRequestLine{400, "bad_request_line",
                                  "The request line must be: method, space, target, space, version"};
constexpr Refusal kBadVersion{505, "bad_version", "Only HTTP/1.1 and HTTP/1.0 are spoken here"};
constexpr Refusal kBadMethod{501, "unknown_method", "The method is not known here"};
constexpr Refusal kBadField{400, "bad_field", "A header field is malformed, folded or holds control characters"};
constexpr Refusal kDoubleField{400, "double_field", "A header field that may occur once occurs twice"};
constexpr Refusal kBadHost{400, "bad_host", "Exactly one well-formed Host field is needed"};
constexpr Refusal kBadLength{400, "bad_length", "Content-Length must be one number"};
constexpr Refusal kTwoLengths{400, "two_lengths", "Content-Length and Transfer-Encoding exclude each other"};
constexpr Refusal kNoLength{411, "length_required", "Send the body with Content-Length, not chunked"};
constexpr Refusal kUnwantedBody{400, "unwanted_body", "A request of this method has no body"};
constexpr Refusal kEncodedBody{415, "encoded_body", "Send the body without Content-Encoding"};
constexpr Refusal kBadExpectation{417, "bad_expectation", "The only expectation known here is 100-continue"};

/// For each byte: what it becomes in a field name (lower case), or 0 if it may not stand in a token (RFC 9110 §5.6.2).
constexpr std::array<char, 256> kTokenLower = [] {
  std::array<char, 256> table{};
  for (char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")) {
    table[static_cast<unsigned char>(c)] = c;
  }
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = static_cast<char>(c - 'A' + 'a');
  return table;
}();

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

bool same_word(std::string_view text, std::string_view lower_case) {
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return lower(a) == b; });
}

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Takes the text before the next `end` off the front, and `end` itself.
std::string_view take_until(std::string_view& text, std::string_view end) {
  const std::string_view part = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), part.size() + end.size()));
  return part;
}

std::optional<Method> find_method(std::string_view text) {
  for (Method method :
       {Method::get, Method::post, Method::patch, Method::put, Method::del, Method::head, Method::options}) {
    if (text == to_string(method)) return method;
  }
  return std::nullopt;
}

std::optional<Refusal> parse_request_line(std::string_view line, Request& request, Head& head) {
  const std::string_view method = take_until(line, " ");
  const std::string_view target = take_until(line, " ");
  const bool is_token = !method.empty() && std::all_of(method.begin(), method.end(), [](char c) {
    return kTokenLower[static_cast<unsigned char>(c)] != 0;
  });
  const bool is_version =
      line.size() == 8 && line.substr(0, 5) == "HTTP/" && is_digit(line[5]) && line[6] == '.' && is_digit(line[7]);
  if (!is_token || target.empty() || !is_version) return kBadRequestLine;
  if (line != "HTTP/1.1" && line != "HTTP/1.0") return kBadVersion;
  head.close = line == "HTTP/1.0";
  const auto known = find_method(method);
  if (!known) return kBadMethod;
  request.method = *known;
  if (target.size() > kMaxTarget) return kTargetTooLong;
  return parse_target(target, request);
}

// Fields that may occur once: a second one would make the request mean two things.
enum Single : size_t {
  kHost,
  kLength,
  kTransfer,
  kEncoding,
  kExpect,
  kType,
  kAuthorization,
  kOnceKey,
  kIfMatch,
  kSingles
};
constexpr std::array<std::string_view, kSingles> kSingleNames = {
    "host",         "content-length", "transfer-encoding", "content-encoding", "expect",
    "content-type", "authorization",  "idempotency-key",   "if-match"};

/// The fields of one head, and the checks that need more than one of them.
class Fields {
 public:
  Fields(Request& request, Head& head) : request_(request), head_(head) {}

  std::optional<Refusal> add(std::string_view line) {
    if (request_.headers.size() == kMaxFields) return kTooManyFields;
    const size_t colon = line.find(':');
    if (colon == 0 || colon == std::string_view::npos) return kBadField;
    auto& [name, value] = request_.headers.emplace_back();
    for (char c : line.substr(0, colon)) {
      const char lowered = kTokenLower[static_cast<unsigned char>(c)];
      if (lowered == 0) return kBadField;  // also the white space of a folded line or before the colon
      name.push_back(lowered);
    }
    value = trim(line.substr(colon + 1));
    if (std::any_of(value.begin(), value.end(), [](char c) { return is_control(c) && c != '\t'; })) return kBadField;
    if (name == "connection" && has_token(value, "close")) head_.close = true;
    const auto single = std::find(kSingleNames.begin(), kSingleNames.end(), name);
    if (single == kSingleNames.end()) return std::nullopt;
    auto& seen = values_[static_cast<size_t>(single - kSingleNames.begin())];
    if (seen) return kDoubleField;
    seen = trim(line.substr(colon + 1));  // of the head's bytes: `value` may move as more fields come
    return std::nullopt;
  }

  std::optional<Refusal> check() {
    if (auto refusal = check_host()) return refusal;
    if (values_[kTransfer]) return values_[kLength] ? kTwoLengths : kNoLength;
    if (auto refusal = check_length()) return refusal;
    if (values_[kEncoding]) return kEncodedBody;
    if (values_[kExpect]) {
      if (!same_word(*values_[kExpect], "100-continue")) return kBadExpectation;
      head_.expects_continue = true;
    }
    return std::nullopt;
  }

 private:
  std::optional<Refusal> check_host() const {
    if (!values_[kHost]) return old_ ? std::nullopt : std::optional(kBadHost);
    const std::string_view host = *values_[kHost];
    const bool clean = std::all_of(host.begin(), host.end(), [](char c) {
      return is_digit(c) || is_letter(c) || std::string_view("-._~:[]").find(c) != std::string_view::npos;
    });
    return clean && !host.empty() ? std::nullopt : std::optional(kBadHost);
  }

  std::optional<Refusal> check_length() {
    const Method method = request_.method;
    if (!values_[kLength]) {
      const bool needed = method == Method::post || method == Method::put || method == Method::patch;
      return needed ? std::optional(kNoLength) : std::nullopt;
    }
    const std::string_view text = *values_[kLength];
    const bool digits =
        !text.empty() && text.size() <= kMaxLengthDigits && std::all_of(text.begin(), text.end(), is_digit);
    if (!digits) return kBadLength;
    std::from_chars(text.data(), text.data() + text.size(), head_.content_length);
    const bool bodiless = method == Method::get || method == Method::head || method == Method::options;
    return bodiless && head_.content_length > 0 ? std::optional(kUnwantedBody) : std::nullopt;
  }

  Request& request_;
  Head& head_;
  bool old_ = head_.close;  // before any field was read only HTTP/1.0 asks to close
  std::array<std::optional<std::string_view>, kSingles> values_{};
};

}  // namespace

Scan scan_head(std::string_view bytes, size_t& line_start) {
  if (!bytes.empty() && (bytes.front() < 'A' || bytes.front() > 'Z')) return {0, kNotHttp};
  while (true) {
    const size_t line_end = bytes.find('\n', line_start);
    const size_t known = std::min(line_end, bytes.size());
    if (line_start == 0 && known >= kMaxRequestLine) return {0, kTargetTooLong};
    if (known >= kMaxHead) return {0, kHeadTooLarge};
    if (line_end == std::string_view::npos) return {};
    if (line_end == line_start || bytes[line_end - 1] != '\r') return {0, kBadLine};
    const bool is_empty = line_end == line_start + 1;
    line_start = line_end + 1;
    if (is_empty) return {line_start, std::nullopt};
  }
}

std::optional<Refusal> parse_head(std::string_view bytes, Request& request, Head& head) {
  if (auto refusal = parse_request_line(take_until(bytes, "\r\n"), request, head)) return refusal;
  Fields fields(request, head);
  while (true) {
    const std::string_view line = take_until(bytes, "\r\n");
    if (line.empty()) return fields.check();
    if (auto refusal = fields.add(line)) return refusal;
  }
}

bool has_token(std::string_view list, std::string_view lower_case_token) {
  while (!list.empty()) {
    if (same_word(trim(take_until(list, ",")), lower_case_token)) return true;
  }
  return false;
}

std::string media_type(std::string_view content_type) {
  std::string type(trim(content_type.substr(0, content_type.find(';'))));
  std::transform(type.begin(), type.end(), type.begin(), lower);
  return type;
}

}  // namespace till::http
