// What can be set at the door, what it counts, and whom it calls. The composition root fills in the settings and
// the hooks and registers the counters.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "base/task.h"

namespace till::http {

struct DoorSettings {
  size_t max_connections = 16'384;
  size_t max_per_address = 1'024;  // not for loopback and the control socket
  int64_t head_ms = 10'000;        // from the first byte (or from connecting) to the whole head; a TLS handshake too
  int64_t body_ms = 30'000;        // for each 256 KB of a body
  int64_t idle_ms = 60'000;        // between requests
  int64_t write_ms = 30'000;       // for the client to take 64 KB of an answer
  int64_t linger_ms = 1'000;       // for the client to notice that the connection is over
  int64_t quiet_ms = 5;            // without a request, until the quiet hook is called
  int64_t tick_ms = 1'000;
  std::string spool_folder{};  // for uploads, if a route takes one; the door clears its "upload-*" files
};

/// Called on the door's thread; they must be quick. Each may be empty.
struct DoorHooks {
  std::function<void(size_t requests)> after_batch{};  // whatever was ready at once has been handled
  std::function<void()> quiet{};                       // once, when requests came and then none for quiet_ms
  std::function<void()> tick{};                        // every tick_ms
};

/// Runs a task on another thread, or returns false (and drops it) if there are too many already.
using Executor = std::function<bool(Task<void()>)>;

/// Written by the door's thread alone, read by any: so no locked instruction is needed.
class Counter {
 public:
  void add(uint64_t more = 1) { set(value() + more); }
  void set(uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

struct DoorStats {
  Counter accepted;
  Counter open;         // connections now
  Counter requests;     // handed to the pipeline
  Counter evicted;      // closed to make room
  Counter turned_away;  // not let in: nobody could be evicted, no descriptor, a stranger on the control socket
  Counter timed_out;
  Counter bad_handshakes;
  Counter bytes_in;  // of HTTP, within TLS
  Counter bytes_out;
  std::array<Counter, 200> refused;  // by the door itself; the index is the status less 400
};

}  // namespace till::http
