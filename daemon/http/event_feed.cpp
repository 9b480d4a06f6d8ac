#include "http/event_feed.h"

#include <algorithm>

namespace till::http {

void EventFeed::on_publish(std::function<void()> ring) {
  const std::lock_guard lock(mutex_);
  ring_ = std::move(ring);
}

void EventFeed::publish(Event event) {
  auto entry = std::make_shared<const Event>(std::move(event));
  const std::lock_guard lock(mutex_);
  entries_.push_back({++newest_, std::move(entry)});
  if (entries_.size() > kKept) entries_.pop_front();
  if (ring_) ring_();
}

EventFeed::Reading EventFeed::after(uint64_t after, size_t limit) const {
  const std::lock_guard lock(mutex_);
  Reading reading;
  const uint64_t oldest = newest_ + 1 - entries_.size();
  reading.gap = after > newest_ || after + 1 < oldest;
  if (reading.gap) return reading;
  const auto first = entries_.begin() + static_cast<std::ptrdiff_t>(after + 1 - oldest);
  const auto count = std::min<std::ptrdiff_t>(entries_.end() - first, static_cast<std::ptrdiff_t>(limit));
  reading.entries.assign(first, first + count);
  return reading;
}

uint64_t EventFeed::newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

bool EventFeed::may_see(const Event& event, const Caller& caller) {
  return (caller.rights & event.rights) != 0 || (event.user != 0 && event.user == caller.user) ||
         (event.till != 0 && event.till == caller.till);
}

}  // namespace till::http
