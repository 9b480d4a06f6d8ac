// How the program is, for /metrics and the watchdog: the door's and the writer's counters, carried over once a second.
// On the door's thread, from its tick.
#pragma once

#include <string>

#include "base/metrics.h"
#include "http/door_settings.h"
#include "runtime/reserve.h"
#include "sqlite/writer.h"

namespace till::runtime {

class Vitals {
 public:
  /// `program` begins the names of the series.
  Vitals(const std::string& program, Registry& registry, const sqlite::WriterStats& writer, const Reserve& reserve);

  void update(const http::DoorStats& door);

 private:
  const sqlite::WriterStats& writer_;
  const Reserve& reserve_;
  Gauge& jobs_;
  Gauge& groups_;
  Gauge& refused_;
  Gauge& failed_commits_;
  Gauge& checkpoints_;
  Gauge& wal_kib_;
  Gauge& connections_;
  Gauge& evicted_;
  Gauge& timed_out_;
  Gauge& refused_at_door_;
  Gauge& reserve_held_;
  Gauge& lines_lost_;
};

}  // namespace till::runtime
