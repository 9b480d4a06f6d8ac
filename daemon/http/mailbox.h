// How other threads reach the door: with an answer, or by ringing because its streams may have something to say. Each
// request that leaves the door carries a Ticket, and a ticket always comes back exactly once: with the answer, or empty
// when whoever held it let it go. So a Connection that waits in the door until its ticket is back can never be missed,
// and nobody else ever touches a Connection.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "http/dispatcher.h"
#include "http/fd.h"

namespace till::http {

struct Connection;

struct Completion {
  Connection* connection = nullptr;
  std::unique_ptr<Exchange> exchange{};  // null: the ticket was let go
  Answer answer{};
};

class Mailbox {
 public:
  Mailbox();

  /// Readable when the door has to wake up.
  [[nodiscard]] int wake_fd() const { return wake_.get(); }
  /// Any thread. Wakes the door only if it sleeps, so the answers of one commit cost one wake-up.
  void post(Completion completion);
  void wake();
  /// Any thread. However often it rings before the door looks, it wakes the door once.
  void ring() {
    if (!rung_.exchange(true)) wake();
  }

  /// The rest is for the door's thread alone.
  void belong_to_this_thread() { owner_ = std::this_thread::get_id(); }
  /// Called before the door sleeps: false if there is something to do first.
  bool may_sleep();
  void woke_up();
  [[nodiscard]] bool is_rung() const { return rung_; }
  /// Whatever rings from here on rings again.
  void answer_ring() { rung_ = false; }
  /// Takes what came, in order, into `out`, which must be empty.
  void take_all(std::vector<Completion>& out);
  /// The completion that was posted last from this very thread, if it is of `connection`: an answer given within
  /// handle() goes out without a detour.
  bool take_own(const Connection& connection, Completion& out);
  /// Nobody reads any more: what is posted from now on is dropped.
  void close();

 private:
  Fd wake_;
  std::atomic<bool> rung_{false};
  std::atomic<std::thread::id> owner_;
  std::vector<Completion> own_;  // posted by the door's thread: no lock
  std::mutex mutex_;             // guards the rest
  std::vector<Completion> posted_;
  bool asleep_ = false;
  bool closed_ = false;
};

/// The right and the duty to finish one request.
class Ticket {
 public:
  Ticket(std::shared_ptr<Mailbox> mailbox, Connection& connection)
      : mailbox_(std::move(mailbox)), connection_(&connection) {}
  Ticket(Ticket&&) = default;
  Ticket& operator=(Ticket&&) = delete;
  ~Ticket() { give_back(); }

  void operator()(std::unique_ptr<Exchange> exchange, Answer answer) {
    std::exchange(mailbox_, nullptr)->post({connection_, std::move(exchange), std::move(answer)});
  }
  /// Without an answer.
  void give_back() {
    if (mailbox_) std::exchange(mailbox_, nullptr)->post({connection_});
  }

 private:
  std::shared_ptr<Mailbox> mailbox_;
  Connection* connection_;
};

}  // namespace till::http
