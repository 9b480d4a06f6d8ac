// What came from the broker and waits for the thread that works on it. Bounded in number and in bytes, because whoever
// may write to the broker decides how much comes: what is too much is dropped, and whoever needs it asks again. News of
// the line itself is never dropped. Has no lock: the mutex of its owner guards it.
#pragma once

#include <deque>
#include <utility>

#include "sync/mqtt/link.h"

namespace till::mqtt {

class Inbox {
 public:
  static constexpr size_t kMostEvents = 1024;
  static constexpr size_t kMostBytes = Link::kMaxWaiting;

  /// False: there is no room for this message.
  bool put(Event event) {
    if (const auto* message = std::get_if<Message>(&event)) {
      const size_t bytes = message->topic.size() + message->payload.size();
      if (events_.size() >= kMostEvents || bytes > kMostBytes - bytes_) return false;
      bytes_ += bytes;
    }
    events_.push_back(std::move(event));
    return true;
  }
  /// All of them, oldest first.
  std::deque<Event> take() {
    bytes_ = 0;
    return std::exchange(events_, {});
  }
  [[nodiscard]] bool is_empty() const { return events_.empty(); }

 private:
  std::deque<Event> events_;
  size_t bytes_ = 0;  // of messages
};

}  // namespace till::mqtt
