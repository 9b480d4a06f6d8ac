#include "http/event_streams.h"

#include <charconv>
#include <limits>

#include "base/bytes.h"
#include "http/gate.h"
#include "http/route.h"

namespace till::http {
namespace {

constexpr uint64_t kNowhere = std::numeric_limits<uint64_t>::max();  // after it comes nothing: a gap
constexpr size_t kEntriesAtOnce = 64;
constexpr size_t kBytesAtOnce = 16 * 1024;
constexpr int kComeBack_s = 5;

Error turned_away(Code code, std::string message) {
  Error error{code, std::move(message), "too_many_streams"};
  error.retry_after_s = kComeBack_s;
  return error;
}

}  // namespace

/// One client's stream.
class EventStreams::One final : public Stream {
 public:
  One(EventStreams& all, const Request& request, uint64_t seen)
      : all_(all), caller_(request.caller), seen_(seen), begins_(!request.header("last-event-id")) {
    if (const std::string* header = request.header("authorization")) token_ = bearer_token(*header);
    ++all_.open_;
    ++all_.open_by_user_[caller_.user];
    all_.open_now_.add(1);
  }
  One(const One&) = delete;
  One& operator=(const One&) = delete;
  ~One() override {
    --all_.open_;
    const auto mine = all_.open_by_user_.find(caller_.user);
    if (--mine->second == 0) all_.open_by_user_.erase(mine);
    all_.open_now_.add(-1);
  }

  bool pour(std::string& out) override {
    if (!is_as_let_in()) return false;
    if (std::exchange(begins_, false)) tell(out, "ready", "{}");
    while (out.size() < kBytesAtOnce && read_on(out)) {
    }
    const int64_t now_us = all_.clock_.monotonic_us();
    if (out.empty() && now_us >= silent_until_us_) tell_place(out.append(":\n")).append("\n");
    if (!out.empty()) silent_until_us_ = now_us + all_.limits_.heartbeat_ms * 1000;
    return true;
  }

 private:
  /// False as soon as the session has ended, the token has expired or the rights are others: the client comes again
  /// with a fresh token, and is told what he may see then.
  [[nodiscard]] bool is_as_let_in() const {
    if (token_.empty()) return true;  // the operator on the control socket
    const auto now = all_.authenticator_.authenticate(token_);
    return now.ok() && now->rights == caller_.rights && now->restricted == caller_.restricted;
  }

  /// False: there is no more at the moment.
  bool read_on(std::string& out) {
    const EventFeed::Reading reading = all_.feed_.after(seen_, kEntriesAtOnce);
    if (reading.gap) {
      seen_ = all_.feed_.newest();
      tell(out, "reset", "{}");
      all_.resets_.add();
      return false;
    }
    for (const EventFeed::Entry& entry : reading.entries) {
      seen_ = entry.number;
      if (!EventFeed::may_see(*entry.event, caller_)) continue;
      tell(out, entry.event->name, entry.event->data);
      all_.sent_.add();
    }
    return reading.entries.size() == kEntriesAtOnce;
  }

  void tell(std::string& out, std::string_view name, std::string_view data) const {
    tell_place(out).append("event: ").append(name).append("\ndata: ").append(data).append("\n\n");
  }
  /// Alone it is no event, but moves the client's Last-Event-ID past those that were not for him.
  std::string& tell_place(std::string& out) const {
    return out.append("id: ").append(all_.boot_).append("-").append(std::to_string(seen_)).append("\n");
  }

  EventStreams& all_;
  const Caller caller_;
  std::string token_{};
  uint64_t seen_;  // number of the last event that was looked at
  bool begins_;
  int64_t silent_until_us_ = 0;
};

EventStreams::EventStreams(EventFeed& feed, Authenticator& authenticator, Clock& clock, Random& random,
                           Registry& metrics, StreamLimits limits)
    : feed_(feed),
      authenticator_(authenticator),
      clock_(clock),
      limits_(limits),
      open_now_(metrics.gauge("till_event_streams", "Event streams that are held open")),
      sent_(metrics.counter("till_events_sent_total", "Events written to streams")),
      resets_(metrics.counter("till_event_resets_total", "Times a client had to be told to read everything anew")) {
  std::array<uint8_t, 4> chance{};
  random.fill(chance);
  boot_ = to_hex(chance);
}

Result<Response> EventStreams::open(const Request& request) {
  if (open_ >= limits_.in_all) return turned_away(Code::busy, "too many event streams are open");
  const auto mine = open_by_user_.find(request.caller.user);
  if (request.caller.user != 0 && mine != open_by_user_.end() && mine->second >= limits_.per_user)
    return turned_away(Code::too_many, "too many of your event streams are open");
  Response response{.content_type = kEventStream};
  response.stream = std::make_shared<One>(*this, request, position(request));
  return std::move(response.add("X-Accel-Buffering", "no"));  // a proxy must not wait for the end
}

/// Where the stream begins in the feed; nowhere if it goes on after something that is not of this process.
uint64_t EventStreams::position(const Request& request) const {
  const std::string* last = request.header("last-event-id");
  if (!last) return feed_.newest();
  if (!last->starts_with(boot_ + "-")) return kNowhere;
  uint64_t number = kNowhere;
  const char* const end = last->data() + last->size();
  const auto read = std::from_chars(last->data() + boot_.size() + 1, end, number);
  return read == std::from_chars_result{end, std::errc{}} ? number : kNowhere;
}

}  // namespace till::http
