// The process's link to the broker: connects, subscribes, and connects again for as long as it runs. Made by the
// composition root; publish() from any thread; what happens is told on the link's own thread with no lock held, so that
// whoever is told may call the link, and hands over to a thread of his own what takes long.
//
// The broker is a wire (D12), and so is this: a publish that was taken may be lost, and only an answer of the other end
// counts. Three limits are ours because Paho's do harm (30-sync): its window stalls up to a second when it fills, so
// ours is smaller and says `busy` at once; its buffering for bad times is quadratic, so without a connection we say
// `offline`; its first connect is never repeated, so reconnecting is ours, with jitter, or a whole town would knock at
// once. Every wait has a deadline: for the connection, for acknowledgements, for the goodbye.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <variant>

#include "base/clock.h"
#include "base/random.h"
#include "sync/mqtt/client.h"

namespace till::mqtt {

/// All filters are asked for, publishing is possible; messages come only after this.
struct Connected {};
/// A connection ended, or a try to connect failed; the next try follows by itself. `reason.code`: offline; unauthorized
/// or forbidden (password, ACL); conflict (another client took our id); invalid (settings: no try will succeed).
struct Disconnected {
  Error reason;
};
/// The broker will not have a publish (MQTT 5 reason code): forbidden by its ACL, too_large, busy by quota.
struct Refused {
  std::string topic;
  Error reason;
};
/// A publish was answered `busy`, and there is room again.
struct Room {};
using Event = std::variant<Connected, Disconnected, Message, Refused, Room>;

struct LinkStats {
  std::atomic<bool> connected{false};
  std::atomic<uint64_t> connects{0}, published{0}, refused{0}, received{0};
  std::atomic<uint64_t> oversized{0};  // arrived with more than kMaxPayload: dropped
  std::atomic<uint64_t> overrun{0};    // arrived while the handler was too slow by kMaxWaiting bytes: dropped
};

class Link final : private Client::Events {
 public:
  static constexpr size_t kMaxWaiting = 8 * 1024 * 1024;  // bytes of messages that wait for the handler

  using Handler = std::function<void(Event)>;
  /// `clock` and `random` outlive the link.
  Link(Settings settings, Clock& clock, Random& random, Handler handler);
  ~Link();  // stop()

  void start();
  /// Gives what was published a second to be acknowledged, says goodbye and ends the thread: within seconds, also when
  /// the broker is silent. No event comes afterwards, none about the stopping itself.
  void stop();

  /// Never waits. Errors: busy (the window is full; a Room follows), offline (not connected), too_large.
  Status publish(Message message);

  [[nodiscard]] const LinkStats& stats() const { return stats_; }

 private:
  // Paho's threads
  void on_connected() override;
  void on_ended(Error reason) override;
  void on_message(std::string_view topic, ByteView payload, bool retained) override;
  void on_acknowledged(const std::string& topic, Status outcome) override;

  // our thread
  void run();
  Error hold_connection();
  Error serve(Client& client);
  Status tell(Client& client, Event event);
  Status open_up(Client& client);
  [[nodiscard]] int64_t deadline_us() const;
  [[nodiscard]] std::optional<Error> find_end() const;

  const Settings settings_;
  Clock& clock_;
  Random& random_;
  const Handler handler_;
  LinkStats stats_;
  int64_t opened_us_ = 0;   // our thread: when this connection opened, 0 if it did not
  bool held_well_ = false;  // our thread: the last connection was a good one
  std::thread thread_;

  std::mutex mutex_;  // of all below; never held while Paho or the handler is called
  std::condition_variable wake_;
  bool stopping_ = false;
  int64_t stop_by_us_ = 0;
  std::optional<Error> ended_{};    // the first reason why this connection is over
  bool up_ = false;                 // opened and not ended
  size_t in_flight_ = 0;            // taken by publish() and not acknowledged
  bool somebody_waits_ = false;     // publish() said busy
  int64_t moved_us_ = 0;            // when this connection last got on: begun, first in flight, acknowledged
  std::deque<Message> outgoing_{};  // taken, not yet Paho's
  std::deque<Event> incoming_{};    // Paho's, not yet told
  size_t waiting_bytes_ = 0;        // payloads in incoming_
};

/// Hands over what waits, in its order, as far as there is room; a Room follows then. Without a connection all of it
/// goes: what matters is asked for again. Returns how many the link would never take; they go, too.
size_t send_waiting(Link& link, std::deque<Message>& waiting);

}  // namespace till::mqtt
