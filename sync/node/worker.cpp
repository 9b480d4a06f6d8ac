#include "sync/node/worker.h"

#include <sys/resource.h>
#include <unistd.h>

#include <charconv>

#include "base/log.h"
#include "sync/core/seal.h"

namespace till::node {
namespace {

constexpr int64_t kTick_ms = 250;
// Facts are collected for so long before they are sent: under load a batch holds many, and a lone sale waits for no
// more than this.
constexpr int64_t kCollect_ms = 5;
constexpr int64_t kMarkEvery_ms = 5'000;
constexpr size_t kMostWaiting = 256;  // messages waiting for room in the link
constexpr int kNice = 10;
constexpr uint32_t kWillDelay_s = 20;  // a short break of the line is no news

// Linux gives each thread a nice value of its own; where that is refused the worker runs like the others.
void yield_to_the_shop() { static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice)); }

std::optional<int64_t> read_rev(ByteView payload) {
  const std::string_view text = as_text(payload);
  int64_t rev = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rev);
  if (error != std::errc{} || end != text.data() + text.size() || rev < 0) return std::nullopt;
  return rev;
}

Bytes state_payload(bool online, const std::string& build) {
  std::string text;
  JsonWriter(text).begin_object().member("online", online).member("build", build).end_object();
  const ByteView bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

Worker::Worker(WorkerSettings settings, Replica& replica, sqlite::Writer& writer, sqlite::Readers& readers,
               Clock& clock, Random& random, Registry& metrics)
    : settings_(std::move(settings)),
      replica_(replica),
      writer_(writer),
      readers_(readers),
      clock_(clock),
      random_(random),
      sent_(metrics.counter("till_sync_sent_total", "Messages of sync sent to the hub")),
      refused_(metrics.counter("till_sync_refused_total", "Messages of sync that were refused")),
      forks_(metrics.counter("till_sync_forks_total", "Times this database found that it is a copy")) {}

Worker::~Worker() { stop(); }

Status Worker::start() {
  TILL_TRY(auto* db, readers_.fresh());
  TILL_TRY(core::State state, replica_.load_state(*db));
  readers_.release();
  core::SessionSettings rules{.build = settings_.build};
  if (settings_.introduce) rules.introduce = settings_.key;
  session_.emplace(std::move(state), std::move(rules), random_);
  connect();
  publish_line();
  thread_ = std::thread([this] { run(); });
  return {};
}

void Worker::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  link_.reset();
}

void Worker::made() {
  if (made_.exchange(true)) return;
  std::lock_guard lock(mutex_);
  if (asleep_) wake_.notify_one();
}

Line Worker::line() const {
  std::lock_guard lock(mutex_);
  return line_;
}

// ---- the loop

int64_t Worker::wake_at_ms() const {
  const int64_t tick = ticked_ms_ + kTick_ms;
  return made_ ? std::min(tick, told_ms_ + kCollect_ms) : tick;
}

// Until something came, facts may be told of, or a tick is due. False: the worker is told to stop.
bool Worker::wait(std::deque<mqtt::Event>& events) {
  std::unique_lock lock(mutex_);
  for (;;) {
    const int64_t rest_ms = wake_at_ms() - now_ms();
    if (stopping_ || !inbox_.is_empty() || rest_ms <= 0) break;
    asleep_ = true;
    wake_.wait_for(lock, std::chrono::milliseconds(rest_ms));
    asleep_ = false;
  }
  events = inbox_.take();
  return !stopping_;
}

void Worker::run() {
  yield_to_the_shop();
  std::deque<mqtt::Event> events;
  while (wait(events)) {
    for (mqtt::Event& event : events) take(std::move(event));
    if (made_ && now_ms() >= told_ms_ + kCollect_ms) tell_made();
    if (now_ms() >= ticked_ms_ + kTick_ms) {
      ticked_ms_ = now_ms();
      step(core::Ticked{});
    }
    if (session_->state().epoch != linked_as_) connect_anew();
    send_waiting();
    readers_.release();
    publish_line();
  }
}

void Worker::tell_made() {
  made_ = false;  // before the heads are read: what is made from here on rings again
  told_ms_ = now_ms();
  const auto heads = read<core::Seqs>([&](sqlite::Connection& db) { return replica_.heads(db); });
  if (heads) step(core::Made{*heads});
}

void Worker::publish_line() {
  std::lock_guard lock(mutex_);
  line_.connected = link_ && link_->stats().connected;
  line_.welcomed = session_->welcomed();
  line_.revoked = session_->revoked();
  line_.state = session_->state();
}

// ---- the link

// The other copy has our client id: under one name two would throw each other out for ever (C1).
void Worker::connect_anew() {
  link_.reset();
  waiting_.clear();
  step(core::Unlinked{});
  connect();
}

void Worker::connect() {
  linked_as_ = session_->state().epoch;
  const std::string topic = core::state_topic(settings_.name);
  mqtt::Settings broker = settings_.broker;
  broker.client_id =
      settings_.name.tenant + "-" + settings_.name.store + "-" + settings_.name.node + "-" + to_hex(linked_as_);
  broker.subscriptions = core::node_subscriptions(settings_.name);
  broker.will = mqtt::Will{{topic, state_payload(false, settings_.build), true}, kWillDelay_s};
  link_ = std::make_unique<mqtt::Link>(std::move(broker), clock_, random_, [this](mqtt::Event event) {
    std::lock_guard lock(mutex_);
    if (inbox_.put(std::move(event)) && asleep_) wake_.notify_one();
  });
  link_->start();
}

void Worker::take(mqtt::Event event) {
  if (std::holds_alternative<mqtt::Connected>(event)) {
    log::info("sync is connected", {{"broker", settings_.broker.url}});
    waiting_.clear();
    set_trouble({});
    announce();
    step(core::Linked{});
  } else if (auto* gone = std::get_if<mqtt::Disconnected>(&event)) {
    log::info("sync is disconnected", {{"reason", gone->reason.message}});
    set_trouble(gone->reason.message);
    step(core::Unlinked{});
  } else if (auto* refused = std::get_if<mqtt::Refused>(&event)) {
    refused_.add();
    log::warning("the broker refuses", {{"topic", refused->topic}, {"reason", refused->reason.message}});
  } else if (auto* message = std::get_if<mqtt::Message>(&event)) {
    take(std::move(*message));
  }
}

void Worker::set_trouble(std::string why) {
  std::lock_guard lock(mutex_);
  line_.trouble = std::move(why);
}

void Worker::take(mqtt::Message message) {
  if (const auto scope = core::scope_of_head(settings_.name, message.topic)) {
    if (const auto rev = read_rev(message.payload)) step(core::Rang{*scope, *rev});
    return;
  }
  auto opened = core::open(message.payload, settings_.key, message.topic);
  if (!opened) {
    refused_.add();
    log::warning("a message of sync was refused", {{"topic", message.topic}, {"reason", opened.error().reason}});
    return;
  }
  step(core::Arrived{std::move(*opened)});
}

// What everybody may know: retained, and taken back by the will when we vanish.
void Worker::announce() {
  waiting_.push_back({core::state_topic(settings_.name), state_payload(true, settings_.build), true});
}

void Worker::send_waiting() { refused_.add(mqtt::send_waiting(*link_, waiting_)); }

// ---- effects

void Worker::step(core::Event first) {
  std::deque<core::Event> events;
  events.push_back(std::move(first));
  for (; !events.empty(); events.pop_front()) {
    for (core::Effect& effect : session_->step(std::move(events.front()), now_ms(), clock_.now())) {
      auto answer = std::visit([this](auto& e) { return perform(e); }, effect);
      if (answer) events.push_back(std::move(*answer));
    }
  }
}

std::optional<core::Event> Worker::perform(core::Send& send) {
  if (waiting_.size() >= kMostWaiting) return std::nullopt;  // its deadline will ask again
  const std::string topic = core::topic_of(settings_.name, send.message);
  waiting_.push_back({topic, core::seal(send.message, settings_.key, topic)});
  sent_.add();
  send_waiting();
  return std::nullopt;
}

// On our own connection, with all that is committed.
template <class T, class F>
Result<T> Worker::read(F look) {
  auto db = readers_.fresh();
  Result<T> seen = db ? look(**db) : Result<T>(db.error());
  if (!seen) log::warning("sync cannot read", {{"error", seen.error().message}});
  return seen;
}

std::optional<core::Event> Worker::perform(core::Load& load) {
  auto loaded = read<core::Loaded>([&](sqlite::Connection& db) { return replica_.load(db, load); });
  if (!loaded) return core::Failed{};
  if (loaded->envelopes.empty())
    log::error("an envelope for the hub is missing", {{"stream", to_string(load.stream)}, {"seq", load.first}});
  return core::Event(std::move(*loaded));
}

// One job of the writer; the answer is made within it and believed after its commit.
template <class F>
std::optional<core::Event> Worker::write(const char* what, F change) {
  std::optional<core::Event> answer;
  const Status written = writer_.run([&](sqlite::Connection& tx) -> Status {
    TILL_TRY(answer, change(tx));
    return {};
  });
  if (written) return answer;
  log::warning("sync cannot write", {{"what", what}, {"error", written.error().message}});
  return core::Failed{};
}

// Compared on our own connection first: the way along the chain to an old mark may be long, and while a write walks it
// no sale gets in. What an ack says the next welcome says again, so it is written now and then only: every commit
// wears the flash.
std::optional<core::Event> Worker::perform(core::Confirm& confirm) {
  const core::Mark& mark = confirm.mark;
  const auto ours = read<bool>([&](sqlite::Connection& db) { return replica_.agrees(db, mark); });
  if (!ours) return core::Failed{};
  if (!*ours) return core::Diverged{mark.stream};
  const size_t stream = core::index_of(mark.stream);
  core::StreamState state = session_->state().streams[stream];
  if (!confirm.may_lower && mark.backed <= state.backed && now_ms() < marked_ms_[stream] + kMarkEvery_ms) {
    state.acked = std::max(state.acked, mark.at);
    return core::Confirmed{mark.stream, state};
  }
  marked_ms_[stream] = now_ms();
  return write("mark", [&](sqlite::Connection& tx) { return replica_.confirm(tx, confirm); });
}

std::optional<core::Event> Worker::perform(core::Keep& keep) {
  const auto other = read<std::optional<core::Stream>>(
      [&](sqlite::Connection& db) { return replica_.find_divergence(db, keep.page); });
  if (!other) return core::Failed{};
  if (*other) return core::Diverged{**other};
  const auto news = read<bool>([&](sqlite::Connection& db) { return replica_.has_news(db, keep.page); });
  if (!news) return core::Failed{};
  if (!*news) return nothing_new(keep.page.scope);
  return write("page", [&](sqlite::Connection& tx) { return replica_.keep(tx, keep.page); });
}

core::Event Worker::nothing_new(core::Scope scope) const {
  const core::State& state = session_->state();
  core::Kept kept{.scope = scope, .state = state.scopes[core::index_of(scope)], .landed = {}};
  for (size_t i = 0; i < kept.landed.size(); ++i) kept.landed[i] = state.streams[i].landed;
  return kept;
}

std::optional<core::Event> Worker::perform(core::StartOver& start_over) {
  log::warning("sync starts over", {{"scope", start_over.scope == core::Scope::tenant ? "tenant" : "store"}});
  return write("start over", [&](sqlite::Connection& tx) { return replica_.start_over(tx, start_over.scope); });
}

std::optional<core::Event> Worker::perform(core::NoteHub& note) {
  auto failed = write("hub epoch", [&](sqlite::Connection& tx) -> Result<std::optional<core::Event>> {
    TILL_CHECK(replica_.note_hub(tx, note.hub_epoch));
    return std::optional<core::Event>{};
  });
  return failed;
}

std::optional<core::Event> Worker::perform(core::Fork&) {
  forks_.add();
  log::error("this database is a copy: it takes a new epoch and sends again what the hub has not backed up", {});
  return write("fork", [&](sqlite::Connection& tx) { return replica_.fork(tx); });
}

}  // namespace till::node
