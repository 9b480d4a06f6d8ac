#include "sync/hub/gateway.h"

#include <algorithm>

#include "base/log.h"
#include "sync/core/seal.h"
#include "sync/hub/pages.h"

namespace till::hub {
namespace {

constexpr int64_t kBusyWait_s = 5;

constexpr std::array<std::string_view, 12> kReasons{"topic",   "truncated",    "oversized", "format",
                                                    "hmac",    "inflate",      "malformed", "author",
                                                    "unknown", "unknown_node", "overrun",   "other"};

// Errors that a machine gives, not a batch.
bool is_passing(const Error& error) {
  return error.code == Code::full || error.code == Code::busy || error.code == Code::offline;
}

}  // namespace

size_t Gateway::Peer::waiting() const {
  size_t count = inbox.size();
  for (const auto& [epoch, streams] : lanes)
    for (const Lane& lane : streams) count += lane.waiting.size();
  return count;
}

bool Gateway::Peer::is_idle() const {
  return waiting() == 0 && std::none_of(lanes.begin(), lanes.end(), [](const auto& streams) {
           return std::any_of(streams.second.begin(), streams.second.end(), [](const Lane& lane) { return lane.busy; });
         });
}

Gateway::Gateway(const Identity& identity, const Applier& applier, bool introduce, GatewayPorts ports)
    : identity_(identity),
      applier_(applier),
      introduce_(introduce),
      ports_(std::move(ports)),
      batches_(ports_.metrics.counter("till_hub_batches_total", "Batches of envelopes that nodes sent")),
      pages_(ports_.metrics.counter("till_hub_pages_total", "Pages that nodes pulled")) {
  for (const std::string_view reason : kReasons)
    refused_[reason] = &ports_.metrics.counter("till_hub_refused_total", "Messages of nodes that were dropped",
                                               {{"reason", std::string(reason)}});
}

// ---- in

void Gateway::receive(mqtt::Message message) {
  const auto author = core::author_of(message.topic);
  if (!author || author->tenant != identity_.names.tenant) return refuse(message, "topic");
  if (message.topic == core::state_topic(*author)) return;  // for people: whether a till is switched on
  if (peers_.size() >= kMostNodes && !peers_.contains(*author)) return refuse(message, "overrun");
  Peer& peer = peers_[*author];
  if (peer.waiting() >= kMostPerNode) return refuse(message, "overrun");
  peer.inbox.push_back(std::move(message));
}

bool Gateway::work() {
  bool more = false;
  for (auto at = peers_.begin(); at != peers_.end();) {
    Peer& peer = at->second;
    if (!peer.inbox.empty()) {
      const mqtt::Message message = std::move(peer.inbox.front());
      peer.inbox.pop_front();
      take(at->first, message);
    }
    more |= !peer.inbox.empty();
    at = peer.is_idle() ? peers_.erase(at) : std::next(at);
  }
  return more;
}

void Gateway::take(const core::NodeName& name, const mqtt::Message& message) {
  Author author{name};
  auto opened = open(author, message);
  if (!opened) return refuse(message, opened.error().reason);
  if (core::topic_of(name, *opened) != message.topic) return refuse(message, "author");
  if (auto* hello = std::get_if<core::Hello>(&*opened)) return take(author, std::move(*hello));
  if (auto* up = std::get_if<core::Up>(&*opened)) return take(author, std::move(*up));
  if (auto* pull = std::get_if<core::Pull>(&*opened)) return take(author, *pull);
  refuse(message, "unknown");
}

// By the key that is kept for its author; or, from a node that has none yet, by the one that its hello brings.
Result<core::Message> Gateway::open(Author& author, const mqtt::Message& message) {
  TILL_TRY(auto* db, ports_.readers.fresh());
  TILL_TRY(const auto node, find_node(*db, author.name));
  if (node && node->key) {
    author.key = *node->key;
    return core::open(message.payload, author.key, message.topic);
  }
  if (!introduce_) return Error{.code = Code::unauthorized, .message = "Not enrolled", .reason = "unknown_node"};
  TILL_TRY(core::Hello hello, core::open_introduction(message.payload, message.topic));
  author.key = *hello.key;
  return core::Message(std::move(hello));
}

void Gateway::refuse(const mqtt::Message& message, std::string_view reason) {
  const auto counter = refused_.find(reason);
  (counter == refused_.end() ? refused_["other"] : counter->second)->add();
  log::warning("a message of a node was refused", {{"topic", message.topic}, {"reason", reason}});
}

// ---- writing

// Runs change(db) as a job of the writer, and then(result) on our thread after its commit, or with the error.
template <class R, class F, class G>
void Gateway::write(F change, G then) {
  auto result = std::make_shared<std::optional<R>>();
  auto tell = std::make_shared<G>(std::move(then));
  const bool queued = ports_.writer.submit(
      [result, change = std::move(change)](sqlite::Connection& db) -> Status {
        TILL_TRY(*result, change(db));
        return {};
      },
      [this, result, tell](Status status) {
        ports_.post([result, tell, status = std::move(status)]() mutable {
          if (status)
            (*tell)(Result<R>(std::move(**result)));
          else
            (*tell)(Result<R>(std::move(status).error()));
        });
      });
  if (!queued) (*tell)(Result<R>(Error{.code = Code::busy, .message = "Too much is waiting to be written"}));
}

void Gateway::take(const Author& author, core::Hello hello) {
  auto greeted = std::make_shared<core::Hello>(std::move(hello));
  write<core::Welcome>(
      [this, author, greeted](sqlite::Connection& db) { return applier_.welcome(db, author.name, *greeted); },
      [this, author, greeted](Result<core::Welcome> welcome) {
        if (!welcome) {
          log::warning("a hello failed", {{"node", author.name.node}, {"error", welcome.error().message}});
          welcome = core::Welcome{.session = greeted->session};
          welcome->session.hub_epoch = identity_.epoch;
          welcome->verdict = core::Verdict::wait;
          welcome->wait_s = kBusyWait_s;
        }
        log::info("a node greets", {{"store", author.name.store},
                                    {"node", author.name.node},
                                    {"build", greeted->build},
                                    {"sales", greeted->heads[0]}});
        answer(author, *welcome);
      });
}

Gateway::Lane& Gateway::lane(const Author& author, const core::Up& up) {
  return peers_[author.name].lanes[up.session.epoch][core::index_of(up.stream)];
}

void Gateway::take(const Author& author, core::Up up) {
  if (up.envelopes.empty()) return;
  batches_.add();
  Lane& of_stream = lane(author, up);
  of_stream.waiting.push_back(std::move(up));
  if (!of_stream.busy) start_lot(author, of_stream);
}

void Gateway::start_lot(const Author& author, Lane& lane) {
  if (lane.waiting.empty()) return;
  lane.busy = true;
  auto lot = std::make_shared<Lot>();
  const size_t count = lane.apart > 0 ? 1 : lane.waiting.size();
  lane.apart -= std::min(lane.apart, count);
  for (size_t i = 0; i < count; ++i) {
    lot->push_back(std::move(lane.waiting.front()));
    lane.waiting.pop_front();
  }
  const bool alone = lot->size() == 1 && lot->front().envelopes.size() == 1;
  write<Way>([this, author, lot,
              alone](sqlite::Connection& db) { return applier_.note(db, author.name, lot->front(), alone); },
             [this, author, lot](const Result<Way>& way) {
               if (!way) {
                 log::warning("a batch failed", {{"node", author.name.node}, {"error", way.error().message}});
                 return end_lot(author, lot->front());
               }
               if (*way == Way::apart) return split_lot(author, *lot);
               apply_lot(author, std::move(*lot), *way);
             });
}

void Gateway::split_lot(const Author& author, const Lot& lot) {
  Lane& of_stream = lane(author, lot.front());
  Lot parts;
  for (const core::Up& up : lot)
    for (core::Up& part : taken_apart(up)) parts.push_back(std::move(part));
  log::warning("batches are taken apart", {{"node", author.name.node}, {"envelopes", parts.size()}});
  of_stream.apart = parts.size();
  of_stream.waiting.insert(of_stream.waiting.begin(), std::make_move_iterator(parts.begin()),
                           std::make_move_iterator(parts.end()));
  start_lot(author, of_stream);
}

void Gateway::apply_lot(const Author& author, Lot lot, Way way) {
  const auto left = std::make_shared<size_t>(lot.size());
  for (core::Up& one : lot) {
    const auto up = std::make_shared<core::Up>(std::move(one));
    write<core::Ack>(
        [this, author, up, way](sqlite::Connection& db) { return applier_.apply(db, author.name, *up, way); },
        [this, author, up, left](Result<core::Ack> ack) {
          applied(author, *up, std::move(ack));
          if (--*left == 0) end_lot(author, *up);
        });
  }
}

void Gateway::end_lot(const Author& author, const core::Up& up) {
  Lane& of_stream = lane(author, up);
  of_stream.busy = false;
  start_lot(author, of_stream);
}

void Gateway::applied(const Author& author, const core::Up& up, Result<core::Ack> ack) {
  if (!ack) {
    log::warning("a batch failed", {{"node", author.name.node}, {"first", up.first}, {"error", ack.error().message}});
    if (!is_passing(ack.error())) return;
    const auto failed = std::make_shared<core::Up>(up);
    return write<bool>(
        [this, author, failed](sqlite::Connection& db) -> Result<bool> {
          TILL_CHECK(applier_.forget_try(db, author.name, *failed));
          return true;
        },
        [](const Result<bool>&) {});
  }
  answer(author, *ack);
  if (ack->gap || ack->rehello) return;
  int64_t& logged = lane(author, up).logged;
  for (const core::Envelope& e : up.envelopes) {
    if (e.kind != core::Kind::order || e.seq <= logged) continue;
    log::info("order applied", {{"trace_id", to_hex(e.trace)},
                                {"order_id", e.uid},
                                {"store", author.name.store},
                                {"node", author.name.node},
                                {"seq", e.seq}});
  }
  logged = std::max(logged, up.envelopes.back().seq);
}

// ---- out

void Gateway::take(const Author& author, const core::Pull& pull) {
  auto db = ports_.readers.fresh();
  auto page = db ? make_page(**db, identity_, author.name, pull) : Result<core::Page>(db.error());
  if (!page) return log::warning("a pull failed", {{"node", author.name.node}, {"error", page.error().message}});
  pages_.add();
  answer(author, *page);
}

void Gateway::answer(const Author& author, const core::Message& message) {
  const std::string topic = core::topic_of(author.name, message);
  ports_.send({topic, core::seal(message, author.key, topic)});
}

}  // namespace till::hub
