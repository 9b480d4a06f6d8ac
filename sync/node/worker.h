// The thread that keeps this node and the hub in step: it takes what the broker brings and what the shop has made, asks
// core/session.h what to do, and does it: reads by a connection of its own, writes as jobs of the one writer, sends by
// the link. It decides nothing about the protocol, and nobody waits for it: a sale is answered whether or not it runs.
//
// It yields: on a machine of two cores the shop's own threads go first (nice), so that a backlog drains when nobody
// buys.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/metrics.h"
#include "sqlite/reader.h"
#include "sqlite/writer.h"
#include "sync/core/session.h"
#include "sync/core/topics.h"
#include "sync/mqtt/inbox.h"
#include "sync/node/replica.h"

namespace till::node {

struct WorkerSettings {
  mqtt::Settings broker;  // without client id, will and subscriptions, which are the worker's
  core::NodeName name;
  core::Key key{};
  bool introduce = false;  // bring the key in the hello: the broker is on loopback, no enrolment needed
  std::string build{};
};

/// How the line is, for the status page.
struct Line {
  bool connected = false;  // to the broker
  bool welcomed = false;   // by the hub
  bool revoked = false;
  std::string trouble{};  // why it is not connected
  core::State state{};
};

class Worker {
 public:
  Worker(WorkerSettings settings, Replica& replica, sqlite::Writer& writer, sqlite::Readers& readers, Clock& clock,
         Random& random, Registry& metrics);
  ~Worker();  // stop()

  /// Reads where things stand and starts the thread. Before the first request.
  Status start();
  /// Before the writer stops.
  void stop();
  /// Something was committed. Any thread; an atomic exchange, and at most 200 times a second a wake-up.
  void made();

  [[nodiscard]] Line line() const;

 private:
  void run();
  bool wait(std::deque<mqtt::Event>& events);
  [[nodiscard]] int64_t wake_at_ms() const;
  void take(mqtt::Event event);
  void take(mqtt::Message message);
  void tell_made();
  void step(core::Event event);

  std::optional<core::Event> perform(core::Send& send);
  std::optional<core::Event> perform(core::Load& load);
  std::optional<core::Event> perform(core::Confirm& confirm);
  std::optional<core::Event> perform(core::Keep& keep);
  [[nodiscard]] core::Event nothing_new(core::Scope scope) const;
  std::optional<core::Event> perform(core::StartOver& start_over);
  std::optional<core::Event> perform(core::NoteHub& note);
  std::optional<core::Event> perform(core::Fork& fork);
  template <class T, class F>
  Result<T> read(F look);
  template <class F>
  std::optional<core::Event> write(const char* what, F change);

  void connect();
  void connect_anew();
  void send_waiting();
  void announce();
  void publish_line();
  void set_trouble(std::string why);
  [[nodiscard]] int64_t now_ms() const { return clock_.monotonic_us() / 1000; }

  const WorkerSettings settings_;
  Replica& replica_;
  sqlite::Writer& writer_;
  sqlite::Readers& readers_;
  Clock& clock_;
  Random& random_;
  Counter& sent_;
  Counter& refused_;
  Counter& forks_;

  // the worker's thread
  std::optional<core::NodeSession> session_;
  std::unique_ptr<mqtt::Link> link_;
  core::Epoch linked_as_{};
  std::deque<mqtt::Message> waiting_;  // for room in the link's window
  int64_t ticked_ms_ = 0;
  int64_t told_ms_ = 0;     // when the session last heard of new facts
  core::Seqs marked_ms_{};  // when each stream's mark was last written

  mutable std::mutex mutex_;  // of the following
  std::condition_variable wake_;
  mqtt::Inbox inbox_;
  Line line_;
  bool stopping_ = false;
  bool asleep_ = false;
  std::atomic<bool> made_{false};
  std::thread thread_;
};

}  // namespace till::node
