// The live events of an EventFeed as server-sent events (HTML standard, 9.2), one stream for each client that asks.
// Each stands at a number in the feed, so a client that reads slowly costs no memory: it falls behind, and when the
// ring has gone past it, it is told to read everything anew, like one that comes back too late. Before anything is
// written the token is looked at again: once its session has ended, or may do other things, nothing more is told.
// Door's thread. It refuses more streams than it may hold.
//
//   id: 5f0c21aa-17          boot and number: what Last-Event-ID brings back
//   event: order.paid        or `ready` (from here on), `reset` (what you know may be too old: read it anew)
//   data: {"id": "…"}
#pragma once

#include <unordered_map>

#include "base/metrics.h"
#include "base/random.h"
#include "http/event_feed.h"
#include "http/ports.h"

namespace till::http {

struct StreamLimits {
  size_t in_all = 64;
  size_t per_user = 16;  // a shop's tills may share a log-in; the operator on this machine is nobody's user
  int64_t heartbeat_ms = 15'000;
};

class EventStreams {
 public:
  /// All of it outlives the streams, and the streams this object.
  EventStreams(EventFeed& feed, Authenticator& authenticator, Clock& clock, Random& random, Registry& metrics,
               StreamLimits limits);

  /// The answer to whoever was let in with `request`. Without Last-Event-ID the stream begins with the newest event,
  /// with it after the event it names. Errors: busy, too_many; both say when to come again.
  Result<Response> open(const Request& request);

 private:
  class One;

  [[nodiscard]] uint64_t position(const Request& request) const;

  EventFeed& feed_;
  Authenticator& authenticator_;
  Clock& clock_;
  StreamLimits limits_;
  std::string boot_;  // of this process: numbers of another one mean nothing here
  size_t open_ = 0;
  std::unordered_map<int64_t, size_t> open_by_user_;
  Gauge& open_now_;
  till::Counter& sent_;
  till::Counter& resets_;
};

}  // namespace till::http
