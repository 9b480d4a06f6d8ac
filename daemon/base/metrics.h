// Numbers about the running daemon, as Prometheus text (exposition format 0.0.4). A Registry is made by the
// composition root and passed in; counters, gauges and histograms are registered once at start, with their labels, and
// keep their address. Counting is lock-free on any thread; registering and rendering take a lock.
// It refuses labels made at run time: a stranger must not be able to make series.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace till {

class Counter {
 public:
  void add(uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  [[nodiscard]] uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

class Gauge {
 public:
  void set(int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(int64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
  [[nodiscard]] int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

/// Durations. Bucket i holds those of at most 2^(i+4) µs: 16 µs to 16.8 s, then one for all longer ones. Powers of two
/// find their bucket by one instruction and are wrong by at most a factor of two, which is what a quantile here needs.
class Histogram {
 public:
  static constexpr size_t kBounds = 21;
  static constexpr int64_t bound_us(size_t bucket) { return int64_t{16} << bucket; }

  void observe_us(int64_t duration_us);
  [[nodiscard]] uint64_t in_bucket(size_t bucket) const { return buckets_[bucket].load(std::memory_order_relaxed); }
  [[nodiscard]] int64_t sum_us() const { return sum_us_.load(std::memory_order_relaxed); }

 private:
  std::array<std::atomic<uint64_t>, kBounds + 1> buckets_{};
  std::atomic<int64_t> sum_us_{0};
};

class Registry {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  /// The series of that name and these labels; asked for twice it is the same one. A name has one kind and one help.
  Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, const Labels& labels = {});

  /// All series in the order of registration. Content type: text/plain; version=0.0.4.
  [[nodiscard]] std::string render() const;

 private:
  template <class Metric>
  struct Family {
    std::string name;
    std::string help;
    std::deque<std::pair<std::string, Metric>> series;  // labels as text: `a="b",c="d"`
  };
  template <class Metric>
  using Families = std::deque<Family<Metric>>;

  template <class Metric>
  Metric& find_or_add(Families<Metric>& families, std::string_view name, std::string_view help, const Labels& labels);

  mutable std::mutex mutex_;
  Families<Counter> counters_;
  Families<Gauge> gauges_;
  Families<Histogram> histograms_;
};

}  // namespace till
