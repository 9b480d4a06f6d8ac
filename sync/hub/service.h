// The thread between the broker and the hub's database: what the broker brings goes to the gateway, what it answers to
// the broker, and after each commit the doorbells of the scopes that moved. Made by HubApp; runs while it serves.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "base/random.h"
#include "sync/hub/gateway.h"
#include "sync/mqtt/inbox.h"

namespace till::hub {

class Service {
 public:
  /// `broker`: without client id and subscriptions, which are the service's.
  Service(mqtt::Settings broker, const Identity& identity, const Applier& applier, sqlite::Writer& writer,
          sqlite::Readers& readers, Clock& clock, Random& random, Registry& metrics);
  ~Service();  // stop()

  void start();
  /// Before the writer stops; what it still commits is answered to nobody.
  void stop();
  /// Something was committed. Any thread, and cheap: the writer's on_commit.
  void committed();

  [[nodiscard]] bool connected() const { return connected_.load(std::memory_order_relaxed); }

 private:
  void run();
  bool wait();
  void take(mqtt::Event event);
  void ring();
  void send(mqtt::Message message);
  void put(Task<void()> task);
  [[nodiscard]] int64_t now_ms() const { return clock_.monotonic_us() / 1000; }

  const mqtt::Settings broker_;
  const Identity& identity_;
  sqlite::Readers& readers_;
  Clock& clock_;
  Random& random_;
  std::unique_ptr<mqtt::Link> link_;
  std::thread thread_;
  std::atomic<bool> connected_{false};

  // ours: the thread's
  Gateway gateway_;
  std::map<int64_t, int64_t> rung_{};    // the rev that each scope's doorbell said last
  std::deque<mqtt::Message> waiting_{};  // for room in the link
  int64_t rang_ms_ = 0;
  bool more_ = false;  // messages of nodes are waiting in the gateway

  std::mutex mutex_;  // of those below
  std::condition_variable wake_;
  mqtt::Inbox inbox_{};
  std::deque<Task<void()>> tasks_{};
  bool moved_ = false;  // something was committed since the doorbells rang
  bool stopping_ = false;
};

}  // namespace till::hub
