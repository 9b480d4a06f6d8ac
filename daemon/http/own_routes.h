// The routes that http itself brings: what the API is (OpenAPI, /docs) and how the process is (/healthz, /readyz,
// /metrics). Made from the very table they stand in, so a route that exists is a route that is described.
// The two documents are written when asked for, on the slow lane: they are large, and asked for rarely.
#pragma once

#include <functional>
#include <string>

#include "base/metrics.h"
#include "http/postman.h"

namespace till::http {

struct Site {
  std::string title = "tilld";
  std::string version = "0";
  std::function<Result<std::string_view>()>
      ready{};               // may we sell? a word for how; an Error says why not; absent: always
  Rights metrics_right = 0;  // who may read /metrics from another machine; 0: nobody
  Samples samples{};         // for the Postman collection
};

/// `site`, `all` and `metrics` must outlive the routes; `all` is read when a document is asked for and then holds these
/// routes too.
Routes own_routes(const Site& site, const Routes& all, Registry& metrics);

}  // namespace till::http
