// Answers from other threads (http/mailbox.h).
#include "http/mailbox.h"

#include <sys/eventfd.h>

namespace till::http {

Mailbox::Mailbox() : wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) { TILL_ASSERT(static_cast<bool>(wake_)); }

void Mailbox::wake() {
  const uint64_t one = 1;
  // The only possible error is a full counter, and then the door is awake already.
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof(one));
}

void Mailbox::post(Completion completion) {
  if (std::this_thread::get_id() == owner_) {
    own_.push_back(std::move(completion));
    return;
  }
  bool sleeps = false;
  {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    posted_.push_back(std::move(completion));
    sleeps = std::exchange(asleep_, false);
  }
  if (sleeps) wake();
}

bool Mailbox::may_sleep() {
  if (!own_.empty()) return false;
  std::lock_guard lock(mutex_);
  asleep_ = posted_.empty();
  return asleep_;
}

void Mailbox::woke_up() {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t taken = ::read(wake_.get(), &count, sizeof(count));
}

void Mailbox::take_all(std::vector<Completion>& out) {
  {
    std::lock_guard lock(mutex_);
    asleep_ = false;
    std::swap(out, posted_);
  }
  for (Completion& completion : own_) out.push_back(std::move(completion));
  own_.clear();
}

bool Mailbox::take_own(const Connection& connection, Completion& out) {
  if (own_.empty() || own_.back().connection != &connection) return false;
  out = std::move(own_.back());
  own_.pop_back();
  return true;
}

void Mailbox::close() {
  std::vector<Completion> dropped;
  std::lock_guard lock(mutex_);
  closed_ = true;
  std::swap(dropped, posted_);
}

}  // namespace till::http
