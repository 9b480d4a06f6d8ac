#include "sync/mqtt/link.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "sync/mqtt/backoff.h"

namespace till::mqtt {

namespace {

constexpr int64_t kConnectLimit_us = 15'000'000;  // Paho gives up after 10 s, and looks every three
constexpr int64_t kAckLimit_us = 20'000'000;      // without one acknowledgement although some are due
constexpr int64_t kGoodbyeLimit_us = 1'000'000;
constexpr int64_t kNever_us = INT64_MAX;
constexpr int64_t kLongestSleep_us = 3'600'000'000;  // what a condition variable can be asked for without overflow
/// A connection that held this long was a good one, and the next try is a first one. Shorter ones count as failures, so
/// that two clients of one name do not throw each other out many times a second.
constexpr int64_t kHeld_us = 500'000;

}  // namespace

Link::Link(Settings settings, Clock& clock, Random& random, Handler handler)
    : settings_(std::move(settings)), clock_(clock), random_(random), handler_(std::move(handler)) {}

Link::~Link() { stop(); }

void Link::start() {
  thread_ = std::thread([this] { run(); });
}

void Link::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    stop_by_us_ = clock_.monotonic_us() + kGoodbyeLimit_us;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

Status Link::publish(Message message) {
  if (message.payload.size() > kMaxPayload) return Error{Code::too_large, "too large for one message"};
  std::lock_guard lock(mutex_);
  if (!up_ || stopping_) return Error{Code::offline, "not connected to the broker"};
  if (in_flight_ == settings_.window) {
    somebody_waits_ = true;
    return Error{Code::busy, "the broker has not yet taken what was sent before"};
  }
  if (in_flight_++ == 0) moved_us_ = clock_.monotonic_us();
  outgoing_.push_back(std::move(message));
  ++stats_.published;
  wake_.notify_one();
  return {};
}

void Link::on_connected() {
  std::lock_guard lock(mutex_);
  incoming_.push_back(Connected{});
  wake_.notify_one();
}

void Link::on_ended(Error reason) {
  std::lock_guard lock(mutex_);
  up_ = false;
  if (!ended_) ended_ = std::move(reason);
  wake_.notify_one();
}

void Link::on_message(std::string_view topic, ByteView payload, bool retained) {
  ++stats_.received;
  if (payload.size() > kMaxPayload) {
    ++stats_.oversized;
    return;
  }
  std::lock_guard lock(mutex_);
  if (waiting_bytes_ + payload.size() > kMaxWaiting) {
    ++stats_.overrun;
    return;
  }
  waiting_bytes_ += payload.size();
  incoming_.push_back(Message{std::string(topic), Bytes(payload.begin(), payload.end()), retained});
  wake_.notify_one();
}

void Link::on_acknowledged(const std::string& topic, Status outcome) {
  if (!outcome && outcome.error().code == Code::offline) return;  // the connection is over, and on_ended says so
  std::lock_guard lock(mutex_);
  --in_flight_;
  moved_us_ = clock_.monotonic_us();
  if (!outcome) {
    ++stats_.refused;
    incoming_.push_back(Refused{topic, std::move(outcome).error()});
  }
  if (std::exchange(somebody_waits_, false)) incoming_.push_back(Room{});
  wake_.notify_one();
}

void Link::run() {
  Backoff backoff(random_, settings_.max_pause_ms);
  for (;;) {
    Error reason = hold_connection();
    if (held_well_) backoff.reset();
    const std::chrono::milliseconds pause(backoff.next_ms());
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    log::info("no broker", {{"reason", reason.message}, {"next_try_ms", pause.count()}});
    handler_(Disconnected{std::move(reason)});

    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, pause, [this] { return stopping_; })) return;
  }
}

/// From the first knock to the last byte of one connection. → why it is over
Error Link::hold_connection() {
  {
    std::lock_guard lock(mutex_);
    ended_.reset();
    moved_us_ = clock_.monotonic_us();
  }
  opened_us_ = 0;
  auto client = Client::connect(settings_, *this);
  Error reason = client ? serve(**client) : std::move(client).error();
  // Who was thrown out for a reason, such as another client of its name, does not hurry back however long it held.
  held_well_ = opened_us_ != 0 && clock_.monotonic_us() - opened_us_ >= kHeld_us && reason.code == Code::offline;
  if (client) client->reset();  // from here on Paho is silent

  stats_.connected = false;
  std::lock_guard lock(mutex_);
  up_ = somebody_waits_ = false;
  in_flight_ = waiting_bytes_ = 0;
  outgoing_.clear();
  incoming_.clear();
  return reason;
}

/// Carries messages to and fro until the connection is over. → why
Error Link::serve(Client& client) {
  for (;;) {
    std::unique_lock lock(mutex_);
    if (outgoing_.empty() && incoming_.empty() && !find_end()) {
      const int64_t due_us = deadline_us() - clock_.monotonic_us();  // stop() brings it nearer, and wakes us
      wake_.wait_for(lock, std::chrono::microseconds(std::clamp<int64_t>(due_us, 0, kLongestSleep_us)));
    }
    const std::optional<Error> end = find_end();
    auto outgoing = std::exchange(outgoing_, {});
    auto incoming = std::exchange(incoming_, {});
    waiting_bytes_ = 0;
    lock.unlock();

    for (const Message& message : outgoing) {
      if (Status taken = client.publish(message); !taken) return taken.error();
    }
    for (Event& event : incoming) {
      if (Status told = tell(client, std::move(event)); !told) return told.error();
    }
    if (end) return *end;
  }
}

Status Link::tell(Client& client, Event event) {
  if (std::holds_alternative<Connected>(event)) TILL_CHECK(open_up(client));
  handler_(std::move(event));
  return {};
}

/// Subscribes before anybody can publish, so that no answer is missed.
Status Link::open_up(Client& client) {
  TILL_CHECK(client.subscribe(settings_.subscriptions));
  log::info("broker connected", {{"url", settings_.url}, {"client_id", settings_.client_id}});
  ++stats_.connects;
  stats_.connected = true;
  opened_us_ = clock_.monotonic_us();
  std::lock_guard lock(mutex_);
  up_ = !ended_;
  return {};
}

int64_t Link::deadline_us() const {
  if (stopping_) return stop_by_us_;
  if (in_flight_ > 0) return moved_us_ + kAckLimit_us;
  return opened_us_ == 0 ? moved_us_ + kConnectLimit_us : kNever_us;
}

std::optional<Error> Link::find_end() const {
  if (ended_) return ended_;
  if (stopping_ && in_flight_ == 0) return Error{Code::offline, "stopped"};
  if (clock_.monotonic_us() >= deadline_us()) return Error{Code::offline, "the broker does not answer"};
  return std::nullopt;
}

size_t send_waiting(Link& link, std::deque<Message>& waiting) {
  size_t refused = 0;
  for (; !waiting.empty(); waiting.pop_front()) {
    const Status taken = link.publish(waiting.front());
    if (taken) continue;
    if (taken.error().code == Code::busy) break;
    if (taken.error().code == Code::offline) {
      waiting.clear();
      break;
    }
    log::warning("a message was not sent", {{"topic", waiting.front().topic}, {"reason", taken.error().message}});
    ++refused;
  }
  return refused;
}

}  // namespace till::mqtt
