// Entity tags (http/conditional.h).
#include "http/conditional.h"

#include <charconv>

namespace till::http {
namespace {

/// The number in `"123"`, or nothing. One version has one spelling: no sign, no leading zero.
std::optional<int64_t> version_in(std::string_view tag) {
  if (tag.size() < 3 || tag.front() != '"' || tag.back() != '"') return std::nullopt;
  tag = tag.substr(1, tag.size() - 2);
  if (tag.front() < '0' || tag.front() > '9' || (tag.front() == '0' && tag.size() > 1)) return std::nullopt;
  int64_t version = 0;
  auto [end, error] = std::from_chars(tag.data(), tag.data() + tag.size(), version);
  if (error != std::errc{} || end != tag.data() + tag.size()) return std::nullopt;
  return version;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string etag(int64_t version) { return '"' + std::to_string(version) + '"'; }

Result<int64_t> parse_if_match(std::string_view header) {
  if (auto version = version_in(header)) return *version;
  return Error{Code::invalid, "If-Match must hold one version in quotes, as ETag gave it", "bad_if_match"};
}

bool names_version(std::string_view if_none_match, int64_t version) {
  if (trim(if_none_match) == "*") return true;
  while (!if_none_match.empty()) {
    const size_t comma = if_none_match.find(',');
    std::string_view tag = trim(if_none_match.substr(0, comma));
    if (tag.substr(0, 2) == "W/") tag.remove_prefix(2);
    if (version_in(tag) == version) return true;
    if_none_match.remove_prefix(comma == std::string_view::npos ? if_none_match.size() : comma + 1);
  }
  return false;
}

Result<int64_t> expected_version(const Request& request, std::optional<int64_t> in_body) {
  if (!request.if_match && !in_body) {
    return Error{Code::required, "say which version you change: If-Match or \"version\" in the body",
                 "version_required"};
  }
  if (request.if_match && in_body && *request.if_match != *in_body) {
    return Error{Code::invalid, "If-Match and \"version\" in the body differ", "version_differs"};
  }
  return request.if_match ? *request.if_match : *in_body;
}

}  // namespace till::http
