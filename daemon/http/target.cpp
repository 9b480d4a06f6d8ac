// The request target: path and query (http/parser.h).
#include <algorithm>

#include "base/bytes.h"
#include "http/parser.h"

namespace till::http {
namespace {

constexpr Refusal kBadTarget{400, "bad_target", "The request target must be an absolute path of printable ASCII"};
constexpr Refusal kBadEscape{400, "bad_escape", "A % in the target must be followed by two hexadecimal digits, not 00"};
constexpr Refusal kBadUtf8{400, "bad_utf8", "The target must be UTF-8 when decoded"};
constexpr Refusal kBadPath{400, "bad_path",
                           "The path must not hold dot segments, %2F, a backslash or control characters"};
constexpr Refusal kTooManyParameters{400, "too_many_parameters", "The query may hold at most 100 parameters"};

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Decodes %XX (and '+' in queries) into `out`.
std::optional<Refusal> decode(std::string_view text, bool plus_is_space, std::string& out) {
  if (text.find_first_of(plus_is_space ? "%+" : "%") == std::string_view::npos) {
    out.assign(text);
    return std::nullopt;
  }
  out.clear();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out.push_back(' ');
    } else if (text[i] != '%') {
      out.push_back(text[i]);
    } else {
      if (i + 2 >= text.size()) return kBadEscape;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0 || (high == 0 && low == 0)) return kBadEscape;
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  if (!is_utf8(out)) return kBadUtf8;
  return std::nullopt;
}

bool has_encoded_slash(std::string_view path) {
  for (size_t at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 1)) {
    const std::string_view escape = path.substr(at, 3);
    if (escape == "%2F" || escape == "%2f") return true;
  }
  return false;
}

bool has_dot_segment(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::string_view segment = path.substr(0, path.find('/'));
    if (segment == "." || segment == "..") return true;
    path.remove_prefix(segment.size());
  }
  return false;
}

std::optional<Refusal> parse_path(std::string_view text, std::string& path) {
  if (has_encoded_slash(text)) return kBadPath;  // decoded it would be another path than the one that was sent
  if (auto refusal = decode(text, false, path)) return refusal;
  const bool odd = std::any_of(path.begin(), path.end(), [](char c) { return c == '\\' || is_control(c); });
  if (odd || has_dot_segment(path)) return kBadPath;
  return std::nullopt;
}

std::optional<Refusal> parse_query(std::string_view text, Pairs& query) {
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    if (part.empty()) continue;
    if (query.size() == kMaxQueryParameters) return kTooManyParameters;
    auto& [name, value] = query.emplace_back();
    const size_t equals = part.find('=');
    if (auto refusal = decode(part.substr(0, equals), true, name)) return refusal;
    if (equals == std::string_view::npos) continue;
    if (auto refusal = decode(part.substr(equals + 1), true, value)) return refusal;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> parse_target(std::string_view target, Request& request) {
  const bool printable =
      std::all_of(target.begin(), target.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '#'; });
  if (target.empty() || target.front() != '/' || !printable) return kBadTarget;
  const size_t mark = target.find('?');
  if (auto refusal = parse_path(target.substr(0, mark), request.path)) return refusal;
  if (mark == std::string_view::npos) return std::nullopt;
  return parse_query(target.substr(mark + 1), request.query);
}

}  // namespace till::http
