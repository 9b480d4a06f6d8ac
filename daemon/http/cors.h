// Cross-origin requests of browsers (Fetch standard §3.2). Off unless origins are configured: tilld's own pages come
// from its own origin. Used by the pipeline on the door's thread. Never answers `*`, never allows credentials: tokens
// travel in Authorization, not in cookies.
#pragma once

#include <string>
#include <vector>

#include "http/message.h"

namespace till::http {

class Cors {
 public:
  /// Origins as browsers send them: "https://office.example". Compared whole.
  explicit Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}

  /// The header lines for an answer to this request; empty if it has no allowed Origin. `allow` is the Allow header of
  /// the path and makes it the answer to a preflight.
  [[nodiscard]] std::string headers(const Request& request, std::string_view allow = {}) const;

 private:
  std::vector<std::string> origins_;
};

}  // namespace till::http
