// Versions as entity tags: ETag, If-Match, If-None-Match (RFC 9110 §8.8.3, §13.1). A tag is the row's version in
// quotes, always strong. Pure; used by the pipeline and by write handlers.
// Refuses what cannot name one version: `*`, weak tags and lists in If-Match.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace till::http {

/// 7 → "7" with its quotes.
std::string etag(int64_t version);

/// The version in an If-Match header; invalid ("bad_if_match") for anything but one strong tag of ours.
Result<int64_t> parse_if_match(std::string_view header);

/// True if an If-None-Match header names this version (weak comparison, lists, `*`): answer 304.
bool names_version(std::string_view if_none_match, int64_t version);

/// The version a change expects: from If-Match or from the body's "version". required (428) if it is in neither,
/// invalid if they differ.
Result<int64_t> expected_version(const Request& request, std::optional<int64_t> in_body);

}  // namespace till::http
