// Why a change of a row is refused, said the same way at a till and at headquarters.
#pragma once

#include "domain/head.h"

namespace till::domain {

/// Another row has this key. `what` begins the sentence: "The SKU C-1".
Error taken(std::string pointer, const std::string& what);

/// Somebody wrote the row since its version was seen; the caller gets the row as it is now.
template <Described Row>
Error stale(const Row& now) {
  return {.code = Code::stale,
          .message = "Somebody changed this in the meantime",
          .current = to_json(now),
          .current_version = now.version};
}

/// The version of a change that overwrites whatever is there: what the dialects of the older shops allow
/// (api/dialects), and nobody else can say.
inline constexpr int64_t kAnyVersion = -1;

/// Error: stale, unless `version` is the row's.
template <Described Row>
Status check_version(const Row& row, int64_t version) {
  if (row.version == version || version == kAnyVersion) return {};
  return stale(row);
}

}  // namespace till::domain
