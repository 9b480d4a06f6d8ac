#include "base/metrics.h"

#include <algorithm>
#include <bit>
#include <charconv>

namespace till {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

std::string label_text(const Registry::Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!out.empty()) out += ',';
    out += name + "=\"" + escaped(value) + '"';
  }
  return out;
}

std::string seconds(int64_t us) {
  char text[32];
  auto end = std::to_chars(text, text + sizeof(text), static_cast<double>(us) / 1e6).ptr;
  return {text, end};
}

void append_head(std::string& out, const std::string& name, const std::string& help, std::string_view kind) {
  out += "# HELP " + name + ' ' + help + "\n# TYPE " + name + ' ';
  out += kind;
  out += '\n';
}

void append_sample(std::string& out, const std::string& name, const std::string& labels, const std::string& value) {
  out += name;
  if (!labels.empty()) out += '{' + labels + '}';
  out += ' ' + value + '\n';
}

void append_metric(std::string& out, const std::string& name, const std::string& labels, const Counter& counter) {
  append_sample(out, name, labels, std::to_string(counter.value()));
}

void append_metric(std::string& out, const std::string& name, const std::string& labels, const Gauge& gauge) {
  append_sample(out, name, labels, std::to_string(gauge.value()));
}

void append_metric(std::string& out, const std::string& name, const std::string& labels, const Histogram& histogram) {
  std::string prefix = labels.empty() ? "le=\"" : labels + ",le=\"";
  uint64_t total = 0;  // buckets are cumulative in the text
  for (size_t i = 0; i <= Histogram::kBounds; ++i) {
    total += histogram.in_bucket(i);
    std::string bound = i < Histogram::kBounds ? seconds(Histogram::bound_us(i)) : "+Inf";
    append_sample(out, name + "_bucket", prefix + bound + '"', std::to_string(total));
  }
  append_sample(out, name + "_sum", labels, seconds(histogram.sum_us()));
  append_sample(out, name + "_count", labels, std::to_string(total));
}

template <class Families>
void append_families(std::string& out, const Families& families, std::string_view kind) {
  for (const auto& family : families) {
    append_head(out, family.name, family.help, kind);
    for (const auto& [labels, metric] : family.series) append_metric(out, family.name, labels, metric);
  }
}

}  // namespace

void Histogram::observe_us(int64_t duration_us) {
  auto us = static_cast<uint64_t>(std::max<int64_t>(duration_us, 1));
  auto bucket = static_cast<size_t>(std::bit_width((us - 1) >> 4));
  buckets_[std::min(bucket, kBounds)].fetch_add(1, std::memory_order_relaxed);
  sum_us_.fetch_add(static_cast<int64_t>(us), std::memory_order_relaxed);
}

template <class Metric>
Metric& Registry::find_or_add(Families<Metric>& families, std::string_view name, std::string_view help,
                              const Labels& labels) {
  std::string text = label_text(labels);
  std::lock_guard lock(mutex_);
  auto family = std::find_if(families.begin(), families.end(), [&](const auto& f) { return f.name == name; });
  if (family == families.end()) {
    family = families.insert(families.end(), {std::string(name), std::string(help), {}});
  }
  for (auto& [known, metric] : family->series) {
    if (known == text) return metric;
  }
  return family->series
      .emplace_back(std::piecewise_construct, std::forward_as_tuple(std::move(text)), std::forward_as_tuple())
      .second;
}

Counter& Registry::counter(std::string_view name, std::string_view help, const Labels& labels) {
  return find_or_add(counters_, name, help, labels);
}

Gauge& Registry::gauge(std::string_view name, std::string_view help, const Labels& labels) {
  return find_or_add(gauges_, name, help, labels);
}

Histogram& Registry::histogram(std::string_view name, std::string_view help, const Labels& labels) {
  return find_or_add(histograms_, name, help, labels);
}

std::string Registry::render() const {
  std::lock_guard lock(mutex_);
  std::string out;
  append_families(out, counters_, "counter");
  append_families(out, gauges_, "gauge");
  append_families(out, histograms_, "histogram");
  return out;
}

}  // namespace till
