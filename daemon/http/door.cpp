// The loop of the door (http/door.h).
#include "http/door.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>

namespace till::http {
namespace {

constexpr int kEventsAtOnce = 256;
constexpr int kAcceptsAtOnce = 64;
constexpr int64_t kStopGraceUs = 100'000;  // for requests that are on the wire when the door begins to stop
constexpr int64_t kPourEveryUs = 20'000;   // events of so long share a packet, however busy the shop
constexpr uint32_t kReadable = EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR;

RosterLimits limits_of(const DoorSettings& settings) {
  RosterLimits limits{settings.max_connections, settings.max_per_address};
  auto set = [&](Wait wait, int64_t ms) { limits.patience_ms[static_cast<size_t>(wait)] = ms; };
  set(Wait::head, settings.head_ms);
  set(Wait::body, settings.body_ms);
  set(Wait::idle, settings.idle_ms);
  set(Wait::write, settings.write_ms);
  set(Wait::linger, settings.linger_ms);
  return limits;
}

Fd open_spare() { return Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

bool watch(int epoll, int fd, uint32_t events, void* who) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = who;
  return ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

}  // namespace

Door::Door(DoorSettings settings, Dispatcher& dispatcher, Clock& clock, Executor handshakes, DoorHooks hooks)
    : settings_(std::move(settings)),
      clock_(clock),
      hooks_(std::move(hooks)),
      roster_(limits_of(settings_)),
      conversation_(settings_, dispatcher, std::move(handshakes), roster_, mailbox_, stats_) {
  if (!settings_.spool_folder.empty()) Spool::clear(settings_.spool_folder);
}

Door::~Door() { stop(0); }

Status Door::keep(Result<Listener> listener) {
  TILL_ASSERT(!thread_.joinable());  // epoll knows the listeners by their places
  if (!listener.ok()) return std::move(listener).error();
  listeners_.push_back(std::move(listener).value());
  return {};
}

std::vector<std::string> Door::addresses() const {
  std::vector<std::string> names;
  for (const Listener& listener : listeners_) names.push_back(listener.name());
  return names;
}

Status Door::start() {
  epoll_ = Fd(::epoll_create1(EPOLL_CLOEXEC));
  spare_ = open_spare();
  bool watching = epoll_ && spare_ && watch(epoll_.get(), mailbox_->wake_fd(), EPOLLIN, mailbox_.get());
  for (Listener& listener : listeners_) watching = watching && watch(epoll_.get(), listener.fd(), EPOLLIN, &listener);
  if (!watching) return Error{Code::internal, "the kernel gives no epoll"};
  thread_ = std::thread([this] { run(); });
  return {};
}

void Door::stop(int64_t deadline_ms) {
  if (!thread_.joinable()) return;
  stop_within_ms_ = deadline_ms;
  mailbox_->wake();
  thread_.join();
}

void Door::run() {
  mailbox_->belong_to_this_thread();
  now_us_ = clock_.monotonic_us();
  next_tick_us_ = now_us_ + settings_.tick_ms * 1000;
  std::array<epoll_event, kEventsAtOnce> events;
  while (!is_done()) {
    const int count = ::epoll_wait(epoll_.get(), events.data(), kEventsAtOnce, sleep_ms(now_us_));
    now_us_ = clock_.monotonic_us();
    conversation_.set_now(now_us_, clock_.now());
    conversation_.advance_unfinished();
    for (int i = 0; i < count; ++i)
      handle_event(events[static_cast<size_t>(i)].data.ptr, events[static_cast<size_t>(i)].events);
    take_mail();
    pour_streams();
    keep_time();
    roster_.sweep();
  }
  mailbox_->close();
  roster_.for_each([this](Connection& connection) { conversation_.close(connection); });
  listeners_.clear();
}

/// How long nothing can be due.
int Door::sleep_ms(int64_t now_us) {
  if (conversation_.has_unfinished() || !mailbox_->may_sleep()) return 0;
  int64_t until = std::min(next_tick_us_, roster_.next_deadline_us());
  if (mailbox_->is_rung()) until = std::min(until, next_pour_us_);
  if (quiet_at_us_ != 0) until = std::min(until, quiet_at_us_);
  if (stopping_) until = std::min(until, now_us < grace_until_us_ ? grace_until_us_ : stop_at_us_);
  return static_cast<int>(std::clamp<int64_t>((until - now_us + 999) / 1000, 0, settings_.tick_ms));
}

void Door::handle_event(void* who, uint32_t events) {
  if (who == mailbox_.get()) return mailbox_->woke_up();
  for (const Listener& listener : listeners_) {
    if (who == &listener) return accept_from(listener);
  }
  auto& connection = *static_cast<Connection*>(who);
  if (connection.phase == Phase::closed) return;  // by an earlier event of this batch
  if ((events & (EPOLLHUP | EPOLLERR)) != 0 && connection.phase == Phase::work) return conversation_.close(connection);
  if ((events & kReadable) != 0) connection.readable = true;
  conversation_.advance(connection);
}

void Door::accept_from(const Listener& listener) {
  for (int i = 0; i < kAcceptsAtOnce; ++i) {
    Listener::Guest guest = listener.accept();
    if (guest.socket) {
      if (!let_in(listener, std::move(guest))) stats_.turned_away.add();
    } else if (guest.cause == EMFILE || guest.cause == ENFILE) {
      if (!listener.has_guest()) return;
      free_descriptor(listener);
    } else if (guest.cause == EPERM) {
      stats_.turned_away.add();
    } else if (guest.cause != ECONNABORTED && guest.cause != EINTR) {
      return;
    }
  }
}

bool Door::let_in(const Listener& listener, Listener::Guest guest) {
  while (true) {
    const Roster::Room room = roster_.room_for(guest.address);
    if (room.free) break;
    if (room.instead == nullptr) return false;
    stats_.evicted.add();
    conversation_.close(*room.instead);
  }
  Connection& connection = roster_.add(std::move(guest.socket), guest.address);
  connection.tls_server = listener.tls();
  if (listener.tls() != nullptr) connection.phase = Phase::handshake;
  stats_.accepted.add();
  stats_.open.set(roster_.open());
  roster_.wait(connection, Wait::head, now_us_);
  if (!watch(epoll_.get(), connection.socket.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, &connection)) {
    conversation_.close(connection);
    return false;
  }
  return true;
}

/// No descriptor is left. Somebody who waits has to go; if nobody does, the newcomer is taken on the spare one and
/// closed at once, for a client that is not accepted wakes the door again and again.
void Door::free_descriptor(const Listener& listener) {
  if (Connection* longest = roster_.longest_waiting()) {
    stats_.evicted.add();
    return conversation_.close(*longest);
  }
  stats_.turned_away.add();
  spare_.reset();
  listener.accept();
  spare_ = open_spare();
}

void Door::take_mail() {
  mailbox_->take_all(mail_);
  for (Completion& completion : mail_) conversation_.complete(std::move(completion));
  mail_.clear();
}

void Door::pour_streams() {
  if (!mailbox_->is_rung() || now_us_ < next_pour_us_) return;
  mailbox_->answer_ring();
  next_pour_us_ = now_us_ + kPourEveryUs;
  conversation_.pour_streams();
}

void Door::keep_time() {
  while (Connection* late = roster_.overdue(now_us_)) conversation_.expire(*late);
  const size_t requests = conversation_.take_handled();
  if (hooks_.after_batch) hooks_.after_batch(requests);
  if (requests > 0) {
    quiet_at_us_ = now_us_ + settings_.quiet_ms * 1000;
  } else if (quiet_at_us_ != 0 && quiet_at_us_ <= now_us_) {
    quiet_at_us_ = 0;
    if (hooks_.quiet) hooks_.quiet();
  }
  if (next_tick_us_ <= now_us_) {
    next_tick_us_ = now_us_ + settings_.tick_ms * 1000;
    conversation_.pour_streams();  // time passes for them too
    if (hooks_.tick) hooks_.tick();
  }
}

void Door::begin_to_stop() {
  stopping_ = true;
  grace_until_us_ = now_us_ + kStopGraceUs;
  stop_at_us_ = now_us_ + stop_within_ms_ * 1000;
  conversation_.stop();
  listeners_.clear();
}

/// After the grace everybody who is between requests is sent home; who is in the middle of one may finish.
bool Door::is_done() {
  if (stop_within_ms_ < 0) return false;
  if (!stopping_) begin_to_stop();
  if (now_us_ >= stop_at_us_) return true;
  if (now_us_ < grace_until_us_) return roster_.open() == 0;
  roster_.for_each([this](Connection& connection) {
    const bool between = connection.phase == Phase::head && connection.first_byte_us == 0;
    if (between || connection.phase == Phase::handshake) conversation_.close(connection);
  });
  roster_.sweep();
  return roster_.open() == 0;
}

}  // namespace till::http
