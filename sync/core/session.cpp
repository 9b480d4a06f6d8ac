#include "sync/core/session.h"

#include <algorithm>
#include <limits>

namespace till::core {
namespace {

constexpr int64_t kMostCredit = 16;  // batches; below the Receive Maximum of any broker
constexpr int64_t kBetweenHellos_ms = 1'000;
constexpr int64_t kLongestWait_s = 3'600;    // that a hub may ask for: a till is never sent away for good by a number
constexpr int kMostStalls = 3;               // fruitless repetitions before a stream makes us greet anew
constexpr Scope kEditScope = Scope::tenant;  // where the outcome of an edit is seen

bool is_edits(Stream stream) { return stream != Stream::sale; }

}  // namespace

NodeSession::NodeSession(State state, SessionSettings settings, Random& random)
    : state_(std::move(state)), settings_(std::move(settings)), random_(random), patience_ms_(settings_.answer_ms) {}

std::vector<Effect> NodeSession::step(Event event, int64_t now_ms, Time wall) {
  now_ms_ = now_ms;
  wall_ = wall;
  out_.clear();
  std::visit([this](auto& e) { on(e); }, event);
  return std::move(out_);
}

// ---- the line

void NodeSession::on(const Linked&) {
  linked_ = true;
  welcomed_ = false;
  patience_ms_ = settings_.answer_ms;
  if (!forking_ && !revoked_) greet();
}

void NodeSession::on(const Unlinked&) { linked_ = welcomed_ = false; }

void NodeSession::on(const Ticked&) {
  if (!linked_ || revoked_ || forking_) return;
  if (!welcomed_) {
    if (now_ms_ >= greet_at_ms_) greet();
    return;
  }
  check_progress();
  if (!welcomed_) return;  // it greets anew
  pull_due();
  for (const Stream stream : kStreams) send_more(stream);
}

void NodeSession::on(const Failed&) {
  for (StreamWork& work : streams_) work.loading = false;
  for (ScopeWork& work : scopes_) work.keeping = false;
  forking_ = false;
  greet_in(jitter(settings_.answer_ms));
}

// ---- greeting

void NodeSession::greet() {
  welcomed_ = false;
  random_.fill(nonce_);
  Hello hello{.session = session(), .build = settings_.build, .clock = wall_, .key = settings_.introduce};
  for (const Stream stream : kStreams) {
    const size_t i = index_of(stream);
    hello.heads[i] = state_.streams[i].head;
    hello.acked[i] = state_.streams[i].acked;
    hello.lost[i] = state_.streams[i].lost;
  }
  for (const Scope scope : kScopes) hello.revs[index_of(scope)] = state_.scopes[index_of(scope)].cursor.rev;
  out_.push_back(Send{std::move(hello)});
  greet_at_ms_ = now_ms_ + jitter(patience_ms_);
  patience_ms_ = std::min(patience_ms_ * 2, settings_.longest_hello_ms);
}

void NodeSession::greet_in(int64_t delay_ms) {
  welcomed_ = false;
  nonce_ = {};  // nothing that is still on its way is for us any more
  greet_at_ms_ = now_ms_ + delay_ms;
}

void NodeSession::receive(const Welcome& welcome) {
  const Session& s = welcome.session;
  if (welcomed_ || s.nonce != nonce_ || nonce_ == Nonce{} || s.epoch != state_.epoch) return;
  patience_ms_ = settings_.answer_ms;
  switch (welcome.verdict) {
    case Verdict::revoked:
      revoked_ = true;
      return;
    case Verdict::wait:
      return greet_in(jitter(std::min(welcome.wait_s, kLongestWait_s) * 1000));
    case Verdict::resume:
      return resume(welcome);
  }
}

void NodeSession::resume(const Welcome& welcome) {
  welcomed_ = true;
  credit_ = std::clamp<int64_t>(welcome.credit, 1, kMostCredit);
  if (state_.hub_epoch != welcome.session.hub_epoch) {
    state_.hub_epoch = welcome.session.hub_epoch;
    out_.push_back(NoteHub{state_.hub_epoch});
  }
  streams_ = {};
  for (const Stream stream : kStreams) {
    Mark mark{.stream = stream, .hash = stream_start(state_.epoch, stream)};  // of a stream that the hub has not seen
    for (const Mark& known : welcome.marks)
      if (known.stream == stream) mark = known;
    out_.push_back(Confirm{mark, true});
  }
  for (ScopeWork& work : scopes_) work = {.keeping = work.keeping};
  pull_due();
}

bool NodeSession::is_ours(const Session& s) const {
  return welcomed_ && s.nonce == nonce_ && s.hub_epoch == state_.hub_epoch && s.epoch == state_.epoch;
}

void NodeSession::on(Arrived& event) {
  if (!linked_ || revoked_ || forking_) return;
  if (const auto* welcome = std::get_if<Welcome>(&event.message)) receive(*welcome);
  if (const auto* ack = std::get_if<Ack>(&event.message)) receive(*ack);
  if (auto* page = std::get_if<Page>(&event.message)) receive(*page);
}

// ---- up

void NodeSession::on(const Made& event) {
  for (const Stream stream : kStreams) {
    state_.streams[index_of(stream)].head = event.heads[index_of(stream)];
    send_more(stream);
  }
}

void NodeSession::send_more(Stream stream) {
  StreamWork& work = streams_[index_of(stream)];
  const bool ready = welcomed_ && work.confirmed && !work.loading && work.batches < credit_;
  if (!ready || work.sent >= state_.streams[index_of(stream)].head) return;
  work.loading = true;
  out_.push_back(Load{stream, work.sent + 1});
}

void NodeSession::on(Loaded& event) {
  StreamWork& work = streams_[index_of(event.stream)];
  work.loading = false;
  if (!welcomed_ || event.envelopes.empty()) return;
  if (event.envelopes.front().seq != work.sent + 1) return send_more(event.stream);  // it went back meanwhile
  if (work.batches == 0) work.moved_ms = now_ms_;
  ++work.batches;
  work.sent = event.envelopes.back().seq;
  Up up{.session = session(), .stream = event.stream, .former = event.former, .first = event.envelopes.front().seq};
  up.envelopes = std::move(event.envelopes);
  out_.push_back(Send{std::move(up)});
  send_more(event.stream);
}

void NodeSession::go_back(Stream stream) {
  StreamWork& work = streams_[index_of(stream)];
  work.sent = state_.streams[index_of(stream)].acked;
  work.batches = 0;
  work.moved_ms = now_ms_;
  ++work.stalls;
}

void NodeSession::receive(const Ack& ack) {
  const Session& s = ack.session;
  if (welcomed_ && s.nonce == nonce_ && ack.rehello) return greet_in(kBetweenHellos_ms);
  if (!is_ours(s)) return;
  const Stream stream = ack.mark.stream;
  StreamWork& work = streams_[index_of(stream)];
  work.batches = std::max<int64_t>(work.batches - 1, 0);
  // The hub has less than it acknowledged: it was put back to an earlier time (A4). Its welcome tells the truth.
  if (ack.mark.applied < state_.streams[index_of(stream)].acked && ack.gap) return greet_in(kBetweenHellos_ms);
  // One gap makes a complaint of every batch behind it: only the first sends us back (C5).
  if (ack.gap && now_ms_ - work.moved_ms >= kBetweenHellos_ms) go_back(stream);
  out_.push_back(Confirm{ack.mark, false});
}

void NodeSession::on(const Confirmed& event) {
  StreamWork& work = streams_[index_of(event.stream)];
  StreamState& known = state_.streams[index_of(event.stream)];
  const bool got_on = event.state.acked > known.acked;
  const int64_t believed = work.confirmed ? known.acked : 0;  // only a welcome may take something back (A4)
  known = event.state;
  known.acked = std::max(known.acked, believed);
  if (!work.confirmed) {
    work = {.sent = known.acked, .moved_ms = now_ms_, .confirmed = true};
  } else if (got_on) {
    work.moved_ms = now_ms_;
    work.stalls = 0;
  }
  work.sent = std::max(work.sent, known.acked);
  if (work.sent == known.acked) work.batches = 0;
  if (got_on && is_edits(event.stream)) pull_soon(kEditScope);
  send_more(event.stream);
}

void NodeSession::check_progress() {
  for (const Stream stream : kStreams) {
    StreamWork& work = streams_[index_of(stream)];
    if (work.sent <= state_.streams[index_of(stream)].acked || now_ms_ - work.moved_ms < 2 * settings_.answer_ms)
      continue;
    go_back(stream);
    if (work.stalls >= kMostStalls) return greet_in(0);
  }
}

// ---- down

void NodeSession::on(const Rang& event) {
  // The hub rings when it comes back: who waits for its welcome need not wait longer. Not all at the same moment.
  if (!welcomed_) greet_at_ms_ = std::min(greet_at_ms_, now_ms_ + jitter(kBetweenHellos_ms));
  if (event.rev <= state_.scopes[index_of(event.scope)].cursor.rev) return;
  pull_soon(event.scope);
  scopes_[index_of(event.scope)].rung = event.rev;
}

void NodeSession::pull_soon(Scope scope) {
  ScopeWork& work = scopes_[index_of(scope)];
  if (work.pull_id != 0 || work.keeping) {
    work.rung = state_.scopes[index_of(scope)].cursor.rev + 1;  // what is on its way may not hold it
    return;
  }
  work.due_ms = rest_until_ms(scope);
  if (welcomed_) pull_due();
}

int64_t NodeSession::rest_until_ms(Scope scope) const {
  const int64_t rest_ms = scope == Scope::store ? settings_.store_rest_ms : 0;
  return std::max(now_ms_, scopes_[index_of(scope)].pulled_ms + rest_ms);
}

void NodeSession::pull_due() {
  for (const Scope scope : kScopes) {
    const ScopeWork& work = scopes_[index_of(scope)];
    if (!work.keeping && now_ms_ >= work.due_ms) pull(scope);
  }
}

void NodeSession::pull(Scope scope) {
  ScopeWork& work = scopes_[index_of(scope)];
  const ScopeState& known = state_.scopes[index_of(scope)];
  work = {.pull_id = ++pulls_, .due_ms = now_ms_ + settings_.answer_ms, .pulled_ms = now_ms_};
  Pull message{.session = session(), .scope = scope, .id = work.pull_id, .from = known.cursor, .head = known.head};
  message.gc_rev = known.gc_rev;
  for (const Stream stream : kStreams) {
    message.heads[index_of(stream)] = state_.streams[index_of(stream)].head;
    work.acked[index_of(stream)] = state_.streams[index_of(stream)].acked;
  }
  out_.push_back(Send{std::move(message)});
}

void NodeSession::receive(Page& page) {
  ScopeWork& work = scopes_[index_of(page.scope)];
  if (welcomed_ && page.session.nonce == nonce_ && page.rehello) return greet_in(kBetweenHellos_ms);
  if (!is_ours(page.session) || work.pull_id == 0 || page.id != work.pull_id) return;
  work.pull_id = 0;
  // The hub read this page after we knew what it had acknowledged; with less it is an earlier one of itself (A4).
  for (const Mark& mark : page.marks)
    if (mark.applied < work.acked[index_of(mark.stream)]) return greet_in(kBetweenHellos_ms);
  work.keeping = true;
  if (page.resync) {
    work.rung = std::numeric_limits<int64_t>::max();  // there is more
    out_.push_back(StartOver{page.scope});
    return;
  }
  for (const Mark& mark : page.marks) out_.push_back(Confirm{mark, false});
  out_.push_back(Keep{std::move(page)});
}

void NodeSession::on(const Kept& event) {
  ScopeWork& work = scopes_[index_of(event.scope)];
  work.keeping = false;
  state_.scopes[index_of(event.scope)] = event.state;
  for (const Stream stream : kStreams) state_.streams[index_of(stream)].landed = event.landed[index_of(stream)];
  const bool more = event.state.cursor.rev < event.state.head.rev || event.state.shadow;
  const bool rung = work.rung > event.state.cursor.rev;
  work.due_ms = more ? now_ms_ : rung ? rest_until_ms(event.scope) : now_ms_ + jitter(settings_.poll_ms);
  if (welcomed_) pull_due();
}

// ---- a copy

void NodeSession::on(const Diverged&) {
  if (forking_) return;
  forking_ = true;
  welcomed_ = false;
  out_.push_back(Fork{});
}

void NodeSession::on(Forked& event) {
  state_ = std::move(event.state);
  forking_ = false;
  streams_ = {};
  scopes_ = {};
  greet_in(0);
}

int64_t NodeSession::jitter(int64_t ms) {
  const auto bytes = random_bytes<2>(random_);
  const int64_t spread = ms * 2 / 5;
  return ms * 4 / 5 + spread * (bytes[0] << 8 | bytes[1]) / 0xFFFF;
}

}  // namespace till::core
