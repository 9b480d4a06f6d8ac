#include "sync/hub/service.h"

#include "base/log.h"
#include "sync/mqtt/config.h"

namespace till::hub {
namespace {

constexpr int64_t kBetweenRings_ms = 50;
constexpr int64_t kIdle_ms = 1'000;
constexpr size_t kMostWaiting = 4096;  // answers that wait for the broker; beyond that the oldest is: it is asked again

}  // namespace

Service::Service(mqtt::Settings broker, const Identity& identity, const Applier& applier, sqlite::Writer& writer,
                 sqlite::Readers& readers, Clock& clock, Random& random, Registry& metrics)
    : broker_(std::move(broker)),
      identity_(identity),
      readers_(readers),
      clock_(clock),
      random_(random),
      gateway_(identity, applier, mqtt::is_loopback(broker_.url),
               {writer, readers, metrics, [this](mqtt::Message message) { send(std::move(message)); },
                [this](Task<void()> task) { put(std::move(task)); }}) {}

Service::~Service() { stop(); }

void Service::start() {
  mqtt::Settings settings = broker_;
  settings.client_id = "tillhub-" + identity_.names.tenant + "-" + to_hex(identity_.epoch);
  settings.subscriptions = core::hub_subscriptions(identity_.names.tenant);
  link_ = std::make_unique<mqtt::Link>(std::move(settings), clock_, random_, [this](mqtt::Event event) {
    std::lock_guard lock(mutex_);
    if (inbox_.put(std::move(event))) wake_.notify_one();
  });
  thread_ = std::thread([this] { run(); });
  link_->start();
}

void Service::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  link_.reset();
}

void Service::committed() {
  std::lock_guard lock(mutex_);
  if (!moved_) wake_.notify_one();
  moved_ = true;
}

void Service::put(Task<void()> task) {
  std::lock_guard lock(mutex_);
  tasks_.push_back(std::move(task));
  wake_.notify_one();
}

// ---- the loop

// Until there is something to do. False: the service is told to stop.
bool Service::wait() {
  std::unique_lock lock(mutex_);
  const bool rings_soon = moved_;
  const int64_t rest_ms = more_ ? 0 : rings_soon ? rang_ms_ + kBetweenRings_ms - now_ms() : kIdle_ms;
  if (rest_ms > 0)
    wake_.wait_for(lock, std::chrono::milliseconds(rest_ms),
                   [&] { return stopping_ || !inbox_.is_empty() || !tasks_.empty() || (moved_ && !rings_soon); });
  return !stopping_;
}

void Service::run() {
  std::deque<mqtt::Event> events;
  std::deque<Task<void()>> tasks;
  while (wait()) {
    bool moved = false;
    {
      std::lock_guard lock(mutex_);
      events = inbox_.take();
      tasks.swap(tasks_);
      if (now_ms() >= rang_ms_ + kBetweenRings_ms) std::swap(moved, moved_);
    }
    for (Task<void()>& task : tasks) task();
    for (mqtt::Event& event : events) take(std::move(event));
    tasks.clear();
    more_ = gateway_.work();
    if (moved) ring();
    mqtt::send_waiting(*link_, waiting_);
    if (!more_) readers_.release();
  }
}

void Service::take(mqtt::Event event) {
  if (std::holds_alternative<mqtt::Connected>(event)) {
    log::info("the hub is connected", {{"broker", broker_.url}});
    connected_ = true;
    waiting_.clear();
    rung_.clear();  // the broker may have forgotten them
    ring();
  } else if (auto* gone = std::get_if<mqtt::Disconnected>(&event)) {
    if (connected_.exchange(false) || gone->reason.code != Code::offline)
      log::warning("the hub is disconnected", {{"reason", gone->reason.message}});
  } else if (auto* refused = std::get_if<mqtt::Refused>(&event)) {
    log::warning("the broker refuses", {{"topic", refused->topic}, {"reason", refused->reason.message}});
  } else if (auto* message = std::get_if<mqtt::Message>(&event)) {
    gateway_.receive(std::move(*message));
  }
}

// ---- out

// Retained, the newest rev of each scope that moved: nodes that sleep hear it when they wake (C3 covers a lost one).
void Service::ring() {
  rang_ms_ = now_ms();
  auto db = readers_.fresh();
  if (!db || !connected_) return;
  auto query =
      (*db)->query("SELECT c.scope, c.rev, coalesce(s.name, '') FROM scopes c LEFT JOIN stores s ON s.row = c.scope");
  while (query.next()) {
    int64_t scope = 0, rev = 0;
    core::NodeName of{identity_.names.tenant, {}, {}};
    query.read(scope, rev, of.store);
    if (rung_[scope] == rev) continue;
    rung_[scope] = rev;
    const std::string text = std::to_string(rev);
    const ByteView payload = as_bytes(text);
    send({core::head_topic(of, scope == kTenant ? core::Scope::tenant : core::Scope::store),
          Bytes(payload.begin(), payload.end()), true});
  }
}

void Service::send(mqtt::Message message) {
  if (message.retained)  // a doorbell that did not get out yet is overtaken
    std::erase_if(waiting_, [&](const mqtt::Message& m) { return m.topic == message.topic; });
  if (waiting_.size() >= kMostWaiting) waiting_.pop_front();
  waiting_.push_back(std::move(message));
}

}  // namespace till::hub
