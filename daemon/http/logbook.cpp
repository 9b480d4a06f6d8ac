// Lines, numbers and incidents (http/logbook.h).
#include "http/logbook.h"

#include <algorithm>

#include "base/log.h"
#include "http/problem.h"
#include "http/trace.h"

namespace till::http {
namespace {

constexpr std::string_view kNoRoute = "none";

std::string_view route_name(const Exchange& exchange) { return exchange.route ? exchange.route->name : kNoRoute; }

}  // namespace

Logbook::Logbook(Clock& clock, Registry& metrics) : clock_(clock), metrics_(metrics) {
  for (int code = 0; code < kCodes; ++code) {
    const std::string_view word = to_string(static_cast<Code>(code));
    errors_.push_back(&metrics.counter("till_errors_total", "Errors answered, by kind", {{"code", std::string(word)}}));
  }
}

void Logbook::open(const Routes& routes) {
  first_ = routes.data();
  for (const Route& route : routes) series_.push_back(series_of(route.name));
  series_.push_back(series_of(kNoRoute));
}

Logbook::Series Logbook::series_of(std::string_view route_name) {
  constexpr std::array<const char*, kClasses> kNames{"2xx", "3xx", "4xx", "5xx"};
  const std::string route(route_name);
  Series series;
  for (size_t i = 0; i < kClasses; ++i) {
    series.answers[i] = &metrics_.counter("till_http_requests_total", "Requests answered, by route and class of status",
                                          {{"route", route}, {"status", kNames[i]}});
  }
  series.duration = &metrics_.histogram("till_http_request_duration_seconds",
                                        "From the first byte of a request to its answer", {{"route", route}});
  return series;
}

void Logbook::answered(const Exchange& exchange, const Response& response) {
  const Request& request = exchange.request;
  const int64_t taken_us = clock_.monotonic_us() - exchange.started_us;
  Series& series = exchange.route ? series_[static_cast<size_t>(exchange.route - first_)] : series_.back();
  series.answers[static_cast<size_t>(std::clamp(response.status / 100, 2, 5) - 2)]->add();
  series.duration->observe_us(taken_us);
  log::info("request", {{"method", to_string(request.method)},
                        {"route", route_name(exchange)},
                        {"status", response.status},
                        {"ms", static_cast<double>(taken_us) / 1000.0},
                        {"bytes", response.body.size()},
                        {"caller", request.caller.id},
                        {"address", request.address},
                        {"request_id", request.request_id},
                        {"trace_id", trace_id(request.traceparent)}});
}

void Logbook::failed(const Exchange& exchange, const Error& error) {
  errors_[static_cast<size_t>(error.code)]->add();
  if (error.code != Code::internal) return;
  log::error("internal error", {{"route", route_name(exchange)},
                                {"reason", error.reason},
                                {"cause", error.message},
                                {"request_id", exchange.request.request_id}});
  std::lock_guard lock(mutex_);
  if (incidents_.size() == kMaxIncidents) incidents_.pop_front();
  incidents_.push_back({clock_.now(), exchange.request.request_id, route_name(exchange), error.reason, error.message});
}

std::vector<Incident> Logbook::incidents() const {
  std::lock_guard lock(mutex_);
  return {incidents_.begin(), incidents_.end()};
}

}  // namespace till::http
