// What happens here, told live (20-api, Live): a ring of the newest events, which the door's event streams read. Events
// live in memory only: nothing is written to flash for them. After a restart, or for a client that was away longer than
// the ring reaches, the answer is `reset`: whoever shows a list reads it anew, so nothing is missed either way.
// publish() is called on any thread, for a change that is committed (sqlite::Writer::after_commit).
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace till::http {

struct Event {
  std::string_view name;  // a literal: "order.paid"
  std::string data;       // JSON object on one line: ids, versions, no personal data
  Rights rights = 0;      // any of these bits may see it …
  int64_t user = 0;       // … and this user
  int64_t till = 0;       // … and whoever works at this till
};

class EventFeed {
 public:
  static constexpr size_t kKept = 4096;

  /// Rung after each publication, on the publisher's thread with the feed locked: it must be quick and ask nothing.
  void on_publish(std::function<void()> ring);
  void publish(Event event);

  struct Entry {
    uint64_t number = 0;  // 1, 2, 3 … of this process
    std::shared_ptr<const Event> event;
  };
  struct Reading {
    bool gap = false;  // what came after `after` is not all here any more, or never was
    std::vector<Entry> entries;
  };
  /// What came after number `after`, oldest first, at most `limit`.
  [[nodiscard]] Reading after(uint64_t after, size_t limit) const;
  [[nodiscard]] uint64_t newest() const;

  static bool may_see(const Event& event, const Caller& caller);

 private:
  mutable std::mutex mutex_;  // guards the rest
  std::deque<Entry> entries_;
  uint64_t newest_ = 0;
  std::function<void()> ring_;
};

}  // namespace till::http
