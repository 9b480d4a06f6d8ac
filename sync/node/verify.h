// A check of what a node keeps for sync, from the rows themselves: `tilld sync verify`. Reads only.
#pragma once

#include "sync/node/replica.h"

namespace till::node {

/// `fault` is empty if all is well, else it names the first thing that is wrong.
struct VerifyReport {
  bool intact = true;
  int64_t rows = 0;
  int64_t envelopes = 0;
  std::string digest;
  std::optional<Time> matched_at;
  std::string fault;

  static constexpr std::string_view kName = "SyncVerifyReport";
  static constexpr auto fields() {
    return std::tuple(field("intact", &VerifyReport::intact),
                      field("rows", &VerifyReport::rows).doc("shared rows of headquarters that are here"),
                      field("envelopes", &VerifyReport::envelopes).doc("that headquarters does not have yet"),
                      field("digest", &VerifyReport::digest).doc("of those rows, computed again from each of them"),
                      field("matched_at", &VerifyReport::matched_at).doc("when headquarters last had the same"),
                      field("fault", &VerifyReport::fault).doc("empty, or the first thing that is wrong"));
  }
};

/// Computes the digest of all shared rows again, reads each edit that is kept for the hub, and adds up every ledger.
Result<VerifyReport> verify_sync(sqlite::Connection& db, const Replica& replica);

}  // namespace till::node
