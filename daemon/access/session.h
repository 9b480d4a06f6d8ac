// A log-in that goes on until it is ended: what is kept of it, and what its owner is shown.
#pragma once

#include "access/refresh_token.h"
#include "base/fields.h"

namespace till::access {

struct Session {
  int64_t row = 0;
  int64_t user = 0;  // row of its owner
  Uuid id{};
  Time created_at{};
  Time used_at{};
  Time expires_at{};
  std::string address;
  bool current = false;
  RefreshHashes refresh{};
  int64_t till = 0;  // row of the paired till it began at; 0: none

  static constexpr std::string_view kName = "Session";
  static constexpr auto fields() {
    return std::tuple(field("id", &Session::id).read_only(),
                      field("created_at", &Session::created_at).read_only().doc("when the user logged in"),
                      field("used_at", &Session::used_at).read_only().doc("log-in or newest refresh"),
                      field("expires_at", &Session::expires_at).read_only().doc("unless it is refreshed before"),
                      field("address", &Session::address).read_only().doc("where it was used last"),
                      field("current", &Session::current).computed().doc("the session that asks"));
  }
};

}  // namespace till::access
