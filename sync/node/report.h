// How sync stands, for the status page and for people: what the hub does not have yet, what clashed, whether both sides
// hold the same rows. Any thread.
#pragma once

#include "sqlite/connection.h"
#include "sync/core/envelope.h"

namespace till::node {

struct StreamLag {
  int64_t envelopes = 0;  // that the hub has not acknowledged
  std::optional<Time> oldest{};
};

struct SyncReport {
  std::array<StreamLag, core::kStreamCount> lag{};
  int64_t open_conflicts = 0;
  int64_t rows_not_shown = 0;        // whose values this tilld refuses (C7)
  int64_t facts_not_read = 0;        // of a newer tilld's making
  std::optional<Time> matched_at{};  // when the hub's digest of all shared rows was last the same as here
  int64_t mismatches = 0;            // since then
};

Result<SyncReport> sync_report(sqlite::Connection& db);

}  // namespace till::node
