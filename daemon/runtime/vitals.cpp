#include "runtime/vitals.h"

#include "base/log.h"

namespace till::runtime {

Vitals::Vitals(const std::string& program, Registry& registry, const sqlite::WriterStats& writer,
               const Reserve& reserve)
    : writer_(writer),
      reserve_(reserve),
      jobs_(registry.gauge(program + "_writer_jobs", "Writes done since the start")),
      groups_(registry.gauge(program + "_writer_groups",
                             "Transactions since the start; jobs by groups is how writes ride together")),
      refused_(registry.gauge(program + "_writer_refused", "Writes turned away because too many waited")),
      failed_commits_(
          registry.gauge(program + "_writer_failed_commits", "Transactions that were lost and answered as such")),
      checkpoints_(registry.gauge(program + "_writer_checkpoints", "Times the WAL was folded into the file")),
      wal_kib_(registry.gauge(program + "_wal_kib", "Size of the WAL in use")),
      connections_(registry.gauge(program + "_connections", "Open connections")),
      evicted_(registry.gauge(program + "_connections_evicted", "Connections closed to make room")),
      timed_out_(registry.gauge(program + "_connections_timed_out", "Connections that took too long")),
      refused_at_door_(registry.gauge(program + "_requests_malformed", "Requests that the door refused")),
      reserve_held_(registry.gauge(program + "_disk_reserve_held", "0: the disk is nearly full, and bulk work waits")),
      lines_lost_(registry.gauge(program + "_log_lines_lost", "Log lines that nobody took in time")) {}

void Vitals::update(const http::DoorStats& door) {
  auto carry = [](Gauge& gauge, auto value) { gauge.set(static_cast<int64_t>(value)); };
  carry(jobs_, writer_.jobs.load());
  carry(groups_, writer_.groups.load());
  carry(refused_, writer_.refused.load());
  carry(failed_commits_, writer_.failed_commits.load());
  carry(checkpoints_, writer_.checkpoints.load());
  carry(wal_kib_, writer_.wal_frames.load());  // a frame holds a page of 1 KiB
  carry(connections_, door.open.value());
  carry(evicted_, door.evicted.value());
  carry(timed_out_, door.timed_out.value());
  uint64_t refused = 0;
  for (const http::Counter& status : door.refused) refused += status.value();
  carry(refused_at_door_, refused);
  carry(reserve_held_, reserve_.held());
  carry(lines_lost_, log::lost());
}

}  // namespace till::runtime
