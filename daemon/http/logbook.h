// What is remembered of requests: a JSON line and the metrics of each, and the last internal errors. Written by the
// pipeline on the door's thread; incidents() may be read from any.
// Refuses to remember what is nobody's business: tokens, bodies, query values, paths (they hold ids of people).
#pragma once

#include <array>
#include <deque>
#include <mutex>
#include <vector>

#include "base/metrics.h"
#include "http/dispatcher.h"

namespace till::http {

/// An answer 500: what really happened, for the shop's manager and whoever helps them.
struct Incident {
  Time at;
  std::string request_id;
  std::string_view route;
  std::string reason;
  std::string message;
};
inline constexpr size_t kMaxIncidents = 100;

class Logbook {
 public:
  Logbook(Clock& clock, Registry& metrics);

  /// Registers the series of all routes. They stay where they are from here on.
  void open(const Routes& routes);

  /// An answer leaves. The exchange may have no route (404, refusals by the door).
  void answered(const Exchange& exchange, const Response& response);
  /// A handler or a check gave this error; it is about to be answered.
  void failed(const Exchange& exchange, const Error& error);

  /// The last kMaxIncidents internal errors, oldest first.
  [[nodiscard]] std::vector<Incident> incidents() const;

 private:
  static constexpr size_t kClasses = 4;  // 2xx to 5xx
  struct Series {
    std::array<Counter*, kClasses> answers{};
    Histogram* duration = nullptr;
  };
  Series series_of(std::string_view route_name);

  Clock& clock_;
  Registry& metrics_;
  std::vector<Counter*> errors_;  // by Code
  const Route* first_ = nullptr;
  std::vector<Series> series_;  // in the order of the routes, then that of requests without one
  mutable std::mutex mutex_;    // of the incidents
  std::deque<Incident> incidents_;
};

}  // namespace till::http
