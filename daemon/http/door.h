// The door (D5): one thread, one epoll, whole bounded requests inward and answers outward. It takes clients in up to
// its caps, keeps time, and carries answers from other threads home; what is said on a connection is Conversation's.
//
//   Door door(settings, dispatcher, clock, handshakes, hooks);
//   door.listen("127.0.0.1:8080");  door.listen_tls("0.0.0.0:8443", tls);  door.listen_control(path);
//   door.start();  …  door.stop(10'000);
//
// Level-triggered for listeners, edge-triggered and registered once for connections: no epoll_ctl per request.
#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "http/conversation.h"
#include "http/door_settings.h"
#include "http/listener.h"

namespace till::http {

class Door {
 public:
  /// `dispatcher`, `clock` and whatever the hooks use must outlive the door. `handshakes` runs TLS handshakes.
  Door(DoorSettings settings, Dispatcher& dispatcher, Clock& clock, Executor handshakes, DoorHooks hooks = {});
  ~Door();

  /// Before start(). Errors name the address and the reason.
  Status listen(const std::string& address) { return keep(Listener::tcp(address, nullptr)); }
  Status listen_tls(const std::string& address, const TlsServer& tls) { return keep(Listener::tcp(address, &tls)); }
  Status listen_control(const std::string& path) { return keep(Listener::control(path)); }
  /// As bound, in the order of listening: with the ports that were taken.
  [[nodiscard]] std::vector<std::string> addresses() const;

  /// Begins to serve on a thread of its own. Errors: internal, when the kernel gives no epoll.
  Status start();
  /// Ends gracefully: no new clients, the last answer on every connection, what is in work may take up to
  /// `deadline_ms`. Returns when the thread has ended. Any thread but the door's; once is enough.
  void stop(int64_t deadline_ms = 10'000);

  /// Tells the door that its streams may have something to say. Any thread, also after the door has gone.
  [[nodiscard]] std::function<void()> bell() const {
    return [mailbox = mailbox_] { mailbox->ring(); };
  }

  [[nodiscard]] const DoorStats& stats() const { return stats_; }

 private:
  Status keep(Result<Listener> listener);
  void run();
  int sleep_ms(int64_t now_us);
  void handle_event(void* who, uint32_t events);
  void accept_from(const Listener& listener);
  bool let_in(const Listener& listener, Listener::Guest guest);
  void free_descriptor(const Listener& listener);
  void take_mail();
  void pour_streams();
  void keep_time();
  void begin_to_stop();
  bool is_done();

  DoorSettings settings_;
  Clock& clock_;
  DoorHooks hooks_;
  DoorStats stats_;
  std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
  Roster roster_;
  Conversation conversation_;
  std::vector<Listener> listeners_;
  Fd epoll_;
  Fd spare_;  // given up for a moment when descriptors run out, to be able to turn a client away
  std::thread thread_;
  std::atomic<int64_t> stop_within_ms_{-1};  // not negative: stop

  // The door's thread only.
  std::vector<Completion> mail_;
  int64_t now_us_ = 0;
  int64_t next_tick_us_ = 0;
  int64_t next_pour_us_ = 0;
  int64_t quiet_at_us_ = 0;  // 0: nothing to be quiet after
  bool stopping_ = false;
  int64_t grace_until_us_ = 0;
  int64_t stop_at_us_ = 0;
};

}  // namespace till::http
