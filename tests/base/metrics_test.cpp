// Prometheus text, and counting from many threads.
#include "base/metrics.h"

#include <doctest/doctest.h>

#include <thread>

using namespace till;

TEST_CASE("a series asked for twice is the same one, and its address stays") {
  Registry registry;
  Counter& first = registry.counter("till_requests_total", "Requests", {{"route", "a"}});
  for (int i = 0; i < 1000; ++i) registry.counter("till_requests_total", "Requests", {{"route", std::to_string(i)}});
  CHECK(&first == &registry.counter("till_requests_total", "Requests", {{"route", "a"}}));
  CHECK(&first != &registry.counter("till_requests_total", "Requests"));
}

TEST_CASE("the text: one head a family, labels escaped") {
  Registry registry;
  registry.counter("sales_total", "Sales", {{"till", "a\"b\\c\nd"}}).add(3);
  registry.counter("sales_total", "Sales", {{"till", "2"}, {"kind", "cash"}}).add();
  registry.gauge("queue", "Waiting").set(-2);
  CHECK(registry.render() ==
        "# HELP sales_total Sales\n# TYPE sales_total counter\n"
        "sales_total{till=\"a\\\"b\\\\c\\nd\"} 3\nsales_total{till=\"2\",kind=\"cash\"} 1\n"
        "# HELP queue Waiting\n# TYPE queue gauge\nqueue -2\n");
}

TEST_CASE("durations fall into the bucket whose bound they do not pass") {
  const std::pair<int64_t, size_t> kBuckets[] = {{INT64_MIN, 0},   {0, 0},         {1, 0},  {16, 0},
                                                 {17, 1},          {32, 1},        {33, 2}, {16'777'216, 20},
                                                 {16'777'217, 21}, {INT64_MAX, 21}};
  for (const auto& row : kBuckets) {
    int64_t us = row.first;
    size_t bucket = row.second;
    Histogram histogram;
    histogram.observe_us(us);
    CAPTURE(us);
    CHECK(histogram.in_bucket(bucket) == 1);
    if (bucket < Histogram::kBounds) CHECK(us <= Histogram::bound_us(bucket));
  }
}

TEST_CASE("a histogram's text is cumulative, in seconds, and ends with +Inf, sum and count") {
  Registry registry;
  Histogram& latency = registry.histogram("latency_seconds", "Latency", {{"route", "x"}});
  latency.observe_us(10);
  latency.observe_us(20);
  latency.observe_us(60'000'000);
  std::string text = registry.render();
  for (const char* line :
       {"# TYPE latency_seconds histogram\n", "latency_seconds_bucket{route=\"x\",le=\"1.6e-05\"} 1\n",
        "latency_seconds_bucket{route=\"x\",le=\"3.2e-05\"} 2\n",
        "latency_seconds_bucket{route=\"x\",le=\"16.777216\"} 2\n",
        "latency_seconds_bucket{route=\"x\",le=\"+Inf\"} 3\n", "latency_seconds_sum{route=\"x\"} 60.00003\n",
        "latency_seconds_count{route=\"x\"} 3\n"}) {
    CAPTURE(line);
    CHECK(text.find(line) != std::string::npos);
  }
}

TEST_CASE("threads count together while another renders") {
  Registry registry;
  Counter& counter = registry.counter("n_total", "N");
  Histogram& histogram = registry.histogram("h_seconds", "H");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) {
        counter.add();
        histogram.observe_us(i);
      }
    });
  }
  for (int i = 0; i < 20; ++i) CHECK_FALSE(registry.render().empty());
  for (auto& thread : threads) thread.join();
  CHECK(counter.value() == 40'000);
  CHECK(registry.render().find("h_seconds_count 40000\n") != std::string::npos);
}
