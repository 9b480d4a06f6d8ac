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

}  // namespace till::domain
