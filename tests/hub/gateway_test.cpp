// The hub's end of the wire: who is heard, what is dropped and counted, answers after the commit, one bad node that
// stalls nobody (30-sync, Topics; 31-sync-review C1, C6).
#include "sync/hub/gateway.h"

#include "hub/hub_fixture.h"
#include "sync/core/seal.h"

using namespace till;
using core::NodeName;
using test::HubFixture;
using test::Till;
using test::uuid;

namespace {

const Uuid kCup = uuid(1);

/// A gateway over a real writer; the test turns its wheel.
struct Wire : HubFixture {
  sqlite::Writer writer{open(folder.file("hub.db")), {}};
  sqlite::Readers readers{folder.file("hub.db"), writer, 256};
  Registry metrics{};
  std::vector<mqtt::Message> sent{};
  std::mutex mutex{};
  std::condition_variable wake{};
  std::deque<Task<void()>> tasks{};
  hub::Gateway gateway;

  explicit Wire(bool introduce = true)
      : gateway(identity, applier, introduce,
                {writer, readers, metrics, [this](mqtt::Message message) { sent.push_back(std::move(message)); },
                 [this](Task<void()> task) {
                   std::lock_guard lock(mutex);
                   tasks.push_back(std::move(task));
                   wake.notify_one();
                 }}) {
    db.reset();  // the writer is the one writer now
    writer.start();
  }
  ~Wire() { writer.stop(); }

  /// Runs what is due until `count` messages went out, or for two seconds.
  void turn(size_t count) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    while (gateway.work() || (sent.size() < count && std::chrono::steady_clock::now() < until)) {
      std::deque<Task<void()>> due;
      {
        std::unique_lock lock(mutex);
        wake.wait_for(lock, std::chrono::milliseconds(5), [this] { return !tasks.empty(); });
        due.swap(tasks);
      }
      for (Task<void()>& task : due) task();
    }
  }
  void send(const NodeName& from, const core::Message& message, const core::Key& key) {
    const std::string topic = core::topic_of(from, message);
    gateway.receive({topic, core::seal(message, key, topic)});
  }
  template <class T>
  T answer(const NodeName& to, const core::Key& key, size_t index) {
    REQUIRE(sent.size() > index);
    auto opened = core::open(sent[index].payload, key, sent[index].topic);
    REQUIRE(opened.ok());
    CHECK(core::topic_of(to, *opened) == sent[index].topic);
    T* found = std::get_if<T>(&*opened);
    REQUIRE(found);
    return *found;
  }
  bool counted(const std::string& reason, int64_t count) {
    return metrics.render().find("till_hub_refused_total{reason=\"" + reason + "\"} " + std::to_string(count) + "\n") !=
           std::string::npos;
  }
  int64_t facts() { return readers.fresh().value()->value<int64_t>("SELECT count(*) FROM facts").value().value_or(-1); }
};

constexpr core::Key kKey{1, 2, 3}, kOther{9};

core::Hello hello(const Till& till, const core::Key& key) {
  core::Hello hello{.session = till.session(), .build = "test"};
  hello.session.nonce = {7};
  hello.key = key;
  return hello;
}

}  // namespace

TEST_CASE("a node introduces itself, sells, and pulls; every answer echoes its session and is signed for its topic") {
  Wire wire;
  Till a(wire, "s1", "A1");
  wire.send(a.name(), hello(a, kKey), kKey);
  wire.turn(1);
  const auto welcome = wire.answer<core::Welcome>(a.name(), kKey, 0);
  CHECK(welcome.session.nonce == core::Nonce{7});
  CHECK(welcome.session.hub_epoch == wire.identity.epoch);
  CHECK(welcome.marks.size() == core::kStreamCount);
  for (int i = 0; i < 3; ++i) wire.send(a.name(), a.sell(kCup, 1000).batch(), kKey);
  wire.turn(4);
  CHECK(wire.answer<core::Ack>(a.name(), kKey, 3).mark.applied == 3);
  CHECK(wire.facts() == 3);
  core::Pull pull{.session = a.session(), .scope = core::Scope::store, .id = 5};
  pull.heads[0] = 3;
  wire.send(a.name(), pull, kKey);
  wire.turn(5);
  const auto page = wire.answer<core::Page>(a.name(), kKey, 4);
  CHECK(page.id == 5);
  CHECK(page.last);
  CHECK(page.marks[0].applied == 3);
}

TEST_CASE("whoever does not sign with the key that is kept is not heard") {
  Wire wire;
  Till a(wire, "s1", "A1");
  wire.send(a.name(), hello(a, kKey), kKey);
  wire.turn(1);
  wire.send(a.name(), hello(a, kOther), kOther);  // somebody else by its name
  wire.send(a.name(), a.sell(kCup, 1000).batch(), kOther);
  wire.turn(1);
  CHECK(wire.sent.size() == 1);
  CHECK(wire.counted("hmac", 2));
  CHECK(wire.facts() == 0);
}

TEST_CASE("a stranger is not heard before its hello, and not at all where keys are handed out by enrolment") {
  for (const bool introduce : {true, false}) {
    Wire wire(introduce);
    Till a(wire, "s1", "A1");
    wire.send(a.name(), a.sell(kCup, 1000).batch(), kKey);
    if (!introduce) wire.send(a.name(), hello(a, kKey), kKey);
    wire.turn(0);
    CHECK(wire.sent.empty());
    CHECK(wire.counted("unknown_node", introduce ? 1 : 2));
  }
}

TEST_CASE("what is damaged, replayed elsewhere, or no business of the hub's is dropped and counted") {
  Wire wire;
  Till a(wire, "s1", "A1"), b(wire, "s1", "B1");
  for (const Till* till : {&a, &b}) wire.send(till->name(), hello(*till, kKey), kKey);
  wire.turn(2);
  const std::string topic = core::up_topic(a.name(), core::Stream::sale);
  const Bytes good = core::seal(a.sell(kCup, 1000).batch(), kKey, topic);
  Bytes bent = good;
  bent.back() ^= 1;
  wire.gateway.receive({topic, bent});
  wire.gateway.receive({topic, Bytes(good.begin(), good.begin() + 10)});
  wire.gateway.receive({topic, {}});
  wire.gateway.receive({core::up_topic(b.name(), core::Stream::sale), good});  // replayed as another's
  wire.gateway.receive({core::up_topic(a.name(), core::Stream::bulk), good});  // or in another stream
  wire.turn(0);
  CHECK(wire.counted("hmac", 3));
  CHECK(wire.counted("truncated", 2));
  wire.gateway.receive({topic, core::seal(a.batch(core::Stream::bulk), kKey, topic)});
  wire.turn(0);
  CHECK(wire.counted("author", 1));
  for (const char* wrong : {"till/1/other/s1/A1/hello", "till/1/shop/s1/A1/welcome", "x", "till/1/shop/s 1/A1/hello"})
    wire.gateway.receive({wrong, good});
  CHECK(wire.counted("topic", 4));
  CHECK(wire.facts() == 0);
  wire.gateway.receive({topic, good});
  wire.turn(3);
  CHECK(wire.facts() == 1);
}

TEST_CASE("a node that floods is bounded; the others are answered meanwhile") {
  Wire wire;
  Till loud(wire, "s1", "A1"), quiet(wire, "s1", "B1");
  for (const Till* till : {&loud, &quiet}) wire.send(till->name(), hello(*till, kKey), kKey);
  wire.turn(2);
  for (int i = 0; i < 200; ++i) wire.send(loud.name(), core::Pull{.session = loud.session(), .id = i}, kKey);
  wire.send(quiet.name(), core::Pull{.session = quiet.session(), .id = 1000}, kKey);
  CHECK(wire.counted("overrun", 200 - static_cast<int64_t>(hub::Gateway::kMostPerNode)));
  wire.gateway.work();
  CHECK(wire.answer<core::Page>(quiet.name(), kKey, 3).id == 1000);
  wire.turn(0);
  CHECK(wire.sent.size() == 3 + hub::Gateway::kMostPerNode);
}

TEST_CASE("C6: a sale that brings the writer's job down is quarantined after its tries; those around it arrive") {
  Wire wire;
  Till a(wire, "s1", "A1");
  wire.send(a.name(), hello(a, kKey), kKey);
  wire.turn(1);
  const core::Up up = a.sell(kCup, 1000).sell(kCup, 2000).sell(kCup, 4000).batch();
  const std::string trigger = "CREATE TRIGGER poison BEFORE INSERT ON facts WHEN hex(new.uid) = upper('" +
                              to_hex(up.envelopes[1].uid.bytes) + "') BEGIN SELECT raise(ABORT, 'poison'); END";
  REQUIRE(wire.writer.run([&](sqlite::Connection& db) { return db.execute(trigger); }).ok());
  for (int sent = 0; sent < 6 && wire.facts() < 2; ++sent) {  // as a node does that hears no answer
    wire.send(a.name(), up, kKey);
    wire.turn(wire.sent.size() + 3);
  }
  CHECK(wire.facts() == 2);
  const auto held = wire.readers.fresh().value()->value<Uuid>("SELECT uid FROM quarantine").value();
  CHECK(held == up.envelopes[1].uid);
  CHECK(wire.answer<core::Ack>(a.name(), kKey, wire.sent.size() - 1).mark.applied == 3);
}
