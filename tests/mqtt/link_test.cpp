// The link against a real Mosquitto: what it promises when the broker is killed, frozen, full, strict or not there.
#include "sync/mqtt/link.h"

#include <doctest/doctest.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>

#include "crypto/certificate.h"
#include "support/broker.h"

extern char** environ;

using namespace till;
using namespace std::chrono_literals;
using test::Broker;

namespace {

/// A link, and what it told.
class Party {
 public:
  explicit Party(mqtt::Settings settings)
      : link_(quick(std::move(settings)), clock_, random_, [this](mqtt::Event event) {
          std::unique_lock lock(mutex_);
          changed_.wait(lock, [this] { return !held_; });
          events_.push_back(std::move(event));
          changed_.notify_all();
        }) {
    link_.start();
  }
  ~Party() {
    hold(false);
    link_.stop();
  }

  mqtt::Link& link() { return link_; }
  Status publish(const std::string& topic, std::string_view text, bool retained = false) {
    return link_.publish({topic, Bytes(text.begin(), text.end()), retained});
  }
  /// Until the link has taken it; fails the test if it is not connected.
  void must_publish(const std::string& topic, std::string_view text, bool retained = false) {
    for (;;) {
      const size_t rooms = count<mqtt::Room>();
      Status taken = publish(topic, text, retained);
      if (taken) return;
      REQUIRE(taken.error().code == Code::busy);
      REQUIRE(comes<mqtt::Room>(rooms + 1));
    }
  }

  template <class Kind>
  size_t count() {
    std::lock_guard lock(mutex_);
    return count_locked<Kind>();
  }
  /// Waits until so many events of a kind have come.
  template <class Kind>
  bool comes(size_t times = 1, std::chrono::seconds patience = 10s) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return count_locked<Kind>() >= times; });
  }
  /// All events of a kind.
  template <class Kind>
  std::vector<Kind> all() {
    std::lock_guard lock(mutex_);
    std::vector<Kind> found;
    for (const mqtt::Event& event : events_) {
      if (const Kind* kind = std::get_if<Kind>(&event)) found.push_back(*kind);
    }
    return found;
  }
  /// While held, the handler does not return from the next event.
  void hold(bool held) {
    {
      std::lock_guard lock(mutex_);
      held_ = held;
    }
    changed_.notify_all();
  }
  /// Index of the first event, of any kind, is of this kind.
  template <class Kind>
  bool begins_with() {
    std::lock_guard lock(mutex_);
    return !events_.empty() && std::holds_alternative<Kind>(events_.front());
  }

 private:
  static mqtt::Settings quick(mqtt::Settings settings) {
    settings.max_pause_ms = 500;
    return settings;
  }
  template <class Kind>
  size_t count_locked() const {
    return static_cast<size_t>(std::count_if(
        events_.begin(), events_.end(), [](const mqtt::Event& event) { return std::holds_alternative<Kind>(event); }));
  }

  SystemClock clock_;
  SystemRandom random_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<mqtt::Event> events_;
  bool held_ = false;
  mqtt::Link link_;
};

mqtt::Settings to(const Broker& broker, const std::string& name, std::vector<std::string> filters = {}) {
  return {.url = broker.url(), .client_id = name, .subscriptions = std::move(filters)};
}

std::string text_of(const mqtt::Message& message) { return std::string(as_text(message.payload)); }

/// Speaks just enough MQTT 3.1.1 to publish (QoS 0) what the link would not.
class RudePublisher {
 public:
  explicit RudePublisher(int port) : socket_(test::connect_to(port)) {
    send(std::string("\x10\x10\0\4MQTT\4\2\0\x3c\0\4rude", 18));
  }
  void publish(const std::string& topic, size_t payload_bytes) {
    const size_t rest = 2 + topic.size() + payload_bytes;
    std::string packet(1, '\x30');
    for (size_t left = rest; left > 0; left /= 128)
      packet.push_back(static_cast<char>(left % 128 | (left > 127 ? 128 : 0)));
    packet += std::string(1, '\0') + static_cast<char>(topic.size()) + topic + std::string(payload_bytes, 'x');
    send(packet);
  }

 private:
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      REQUIRE(sent > 0);
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }

  http::Fd socket_;
};

double seconds_of(const std::function<void()>& act) {
  const auto began = std::chrono::steady_clock::now();
  act();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

}  // namespace

TEST_CASE("a thousand messages arrive in the order in which they were published, and the window never overflows") {
  Broker broker;
  Party hub(to(broker, "hub", {"till/1/shop/+/+/up/#"})), node(to(broker, "node"));
  REQUIRE(hub.comes<mqtt::Connected>());
  REQUIRE(node.comes<mqtt::Connected>());
  for (int i = 0; i < 1000; ++i) node.must_publish("till/1/shop/main/A1/up/sale", std::to_string(i));
  REQUIRE(hub.comes<mqtt::Message>(1000, 30s));
  const auto messages = hub.all<mqtt::Message>();
  REQUIRE(messages.size() == 1000);
  for (size_t i = 0; i < 1000; ++i) REQUIRE(text_of(messages[i]) == std::to_string(i));
  CHECK(hub.begins_with<mqtt::Connected>());
  CHECK(node.count<mqtt::Refused>() == 0);
}

TEST_CASE("one message after the other takes milliseconds: nobody waits for the other end's TCP") {
  Broker broker("allow_anonymous true\nset_tcp_nodelay true\n");
  Party node(to(broker, "node", {"a/#"}));
  REQUIRE(node.comes<mqtt::Connected>());
  std::vector<double> trips_s;
  for (size_t i = 1; i <= 40; ++i) {
    trips_s.push_back(seconds_of([&] {
      node.must_publish("a/1", std::string(1000, 'x'));
      REQUIRE(node.comes<mqtt::Message>(i));
    }));
    std::this_thread::sleep_for(5ms);
  }
  std::sort(trips_s.begin(), trips_s.end());
  CHECK(trips_s[trips_s.size() / 2] < 0.02);  // with Nagle's algorithm it is 0.04
}

TEST_CASE("every byte and the retained mark arrive; an empty payload does, too") {
  Broker broker;
  Party node(to(broker, "node"));
  REQUIRE(node.comes<mqtt::Connected>());
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  node.must_publish("a/head", bytes, true);
  node.must_publish("a/bell", "");
  Party late(to(broker, "late", {"a/#"}));
  REQUIRE(late.comes<mqtt::Message>());
  CHECK(text_of(late.all<mqtt::Message>()[0]) == bytes);
  CHECK(late.all<mqtt::Message>()[0].retained);
  node.must_publish("a/bell", "");
  REQUIRE(late.comes<mqtt::Message>(2));
  CHECK(late.all<mqtt::Message>()[1].payload.empty());
  CHECK_FALSE(late.all<mqtt::Message>()[1].retained);
}

TEST_CASE("a broker that is killed and started again is found again, with all subscriptions, each time") {
  Broker broker;
  Party hub(to(broker, "hub", {"a/#", "b/#"})), node(to(broker, "node"));
  for (size_t life = 1; life <= 3; ++life) {
    CAPTURE(life);
    REQUIRE(hub.comes<mqtt::Connected>(life));
    REQUIRE(node.comes<mqtt::Connected>(life));
    node.must_publish("a/1", "first");
    node.must_publish("b/1", "second");
    REQUIRE(hub.comes<mqtt::Message>(2 * life));
    const size_t ends = node.count<mqtt::Disconnected>();
    broker.kill();
    REQUIRE(node.comes<mqtt::Disconnected>(ends + 1));
    REQUIRE(hub.comes<mqtt::Disconnected>(ends + 1));
    CHECK(node.publish("a/1", "nobody there").error().code == Code::offline);
    CHECK(node.all<mqtt::Disconnected>().back().reason.code == Code::offline);
    broker.start();
  }
}

TEST_CASE("without a broker it keeps trying, the first time too, and says offline") {
  Broker broker;
  broker.kill();
  Party node(to(broker, "node"));
  CHECK(node.publish("a", "b").error().code == Code::offline);
  REQUIRE(node.comes<mqtt::Disconnected>(2));
  broker.start();
  REQUIRE(node.comes<mqtt::Connected>());
}

TEST_CASE("a silent broker fills the window: busy at once; when it speaks again there is room, and nothing was lost") {
  Broker broker;
  Party hub(to(broker, "hub", {"a/#"})), node(to(broker, "node"));
  REQUIRE(hub.comes<mqtt::Connected>());
  REQUIRE(node.comes<mqtt::Connected>());
  broker.freeze();
  const double took_s = seconds_of([&] {
    for (int i = 0; i < 8; ++i) CHECK(node.publish("a/1", std::string(100'000, 'x')));
    for (int i = 0; i < 100; ++i) CHECK(node.publish("a/1", "no room").error().code == Code::busy);
  });
  CHECK(took_s < 0.2);
  CHECK(node.count<mqtt::Room>() == 0);
  broker.thaw();
  REQUIRE(node.comes<mqtt::Room>());
  CHECK(node.publish("a/1", "again"));
  REQUIRE(hub.comes<mqtt::Message>(9));
  CHECK(node.count<mqtt::Room>() == 1);
  CHECK(node.count<mqtt::Disconnected>() == 0);
}

TEST_CASE("payloads above the limit leave neither this nor that way; the connection lives on") {
  Broker broker;
  Party hub(to(broker, "hub", {"a/#"}));
  REQUIRE(hub.comes<mqtt::Connected>());
  CHECK(hub.link().publish({"a/1", Bytes(mqtt::kMaxPayload + 1)}).error().code == Code::too_large);
  CHECK(hub.link().publish({"a/1", Bytes(mqtt::kMaxPayload)}));
  REQUIRE(hub.comes<mqtt::Message>());
  CHECK(hub.all<mqtt::Message>()[0].payload.size() == mqtt::kMaxPayload);

  RudePublisher stranger(broker.port());
  stranger.publish("a/2", mqtt::kMaxPayload + 1);
  stranger.publish("a/3", 10 * mqtt::kMaxPayload);  // the broker keeps this one from us
  stranger.publish("a/4", 5);
  REQUIRE(hub.comes<mqtt::Message>(2));
  CHECK(hub.all<mqtt::Message>()[1].topic == "a/4");
  CHECK(hub.link().stats().oversized.load() == 1);
  CHECK(hub.count<mqtt::Disconnected>() == 0);
}

TEST_CASE("a handler that sleeps costs messages, counted, and not memory without end") {
  Broker broker("allow_anonymous true\nmax_queued_messages 0\n");
  Party hub(to(broker, "hub", {"a/#"})), node(to(broker, "node"));
  REQUIRE(hub.comes<mqtt::Connected>());
  REQUIRE(node.comes<mqtt::Connected>());
  hub.hold(true);
  const std::string large(mqtt::kMaxPayload, 'x');
  for (int i = 0; i < 100; ++i) node.must_publish("a/1", large);
  for (int tries = 0; tries < 500 && hub.link().stats().received < 100; ++tries) std::this_thread::sleep_for(20ms);
  REQUIRE(hub.link().stats().received == 100);
  const uint64_t lost = hub.link().stats().overrun;
  CHECK(lost > 0);
  hub.hold(false);
  CHECK(hub.comes<mqtt::Message>(100 - lost));
  node.must_publish("a/1", "and on");
  CHECK(hub.comes<mqtt::Message>(101 - lost));
}

TEST_CASE("a wrong password is unauthorized, and a publish that the ACL denies is refused, not a success") {
  const test::TempFolder folder;
  Broker broker(test::with_users(folder, {{"A1", "right"}}, "user A1\ntopic write a/allowed\ntopic read a/#\n"));
  mqtt::Settings wrong = to(broker, "wrong");
  wrong.username = "A1";
  wrong.password = "left";
  Party stranger(wrong);
  REQUIRE(stranger.comes<mqtt::Disconnected>());
  const Error no_entry = stranger.all<mqtt::Disconnected>()[0].reason;
  CHECK((no_entry.code == Code::unauthorized || no_entry.code == Code::forbidden));
  CHECK(stranger.count<mqtt::Connected>() == 0);

  mqtt::Settings right = to(broker, "right", {"a/#"});
  right.username = "A1";
  right.password = "right";
  Party node(right);
  REQUIRE(node.comes<mqtt::Connected>());
  CHECK(node.publish("a/denied", "x"));
  REQUIRE(node.comes<mqtt::Refused>());
  CHECK(node.all<mqtt::Refused>()[0].topic == "a/denied");
  CHECK(node.all<mqtt::Refused>()[0].reason.code == Code::forbidden);
  CHECK(node.publish("a/allowed", "y"));
  REQUIRE(node.comes<mqtt::Message>());
  CHECK(node.all<mqtt::Message>()[0].topic == "a/allowed");
  CHECK(node.link().stats().refused == 1);
}

TEST_CASE("by the rules that are shipped, a node speaks for itself alone and the hub hears it") {
  const test::TempFolder folder;
  std::ifstream shipped(TEST_SOURCE_DIR "/../config/mosquitto.acl");
  const std::string rules{std::istreambuf_iterator<char>(shipped), {}};
  Broker broker(test::with_users(folder, {{"hub", "h"}, {"A1", "a"}}, rules));
  mqtt::Settings hub_settings = to(broker, "hub", {"till/1/shop/+/+/hello", "till/1/shop/+/+/up/+"});
  hub_settings.username = "hub";
  hub_settings.password = "h";
  mqtt::Settings node_settings = to(broker, "node", {"till/1/shop/main/A1/welcome", "till/1/shop/head/#"});
  node_settings.username = "A1";
  node_settings.password = "a";
  Party hub(hub_settings), node(node_settings);
  REQUIRE(hub.comes<mqtt::Connected>());
  REQUIRE(node.comes<mqtt::Connected>());

  node.must_publish("till/1/shop/main/A1/hello", "");
  node.must_publish("till/1/shop/main/A1/up/sale", "");
  CHECK(hub.comes<mqtt::Message>(2));
  hub.must_publish("till/1/shop/main/A1/welcome", "");
  hub.must_publish("till/1/shop/head/@store/main", "7", true);
  CHECK(node.comes<mqtt::Message>(2));

  const char* denied[] = {"till/1/shop/main/B1/hello", "till/1/shop/main/A1/welcome", "till/1/shop/head/@tenant",
                          "till/1/other/main/A1/hello"};
  for (const char* topic : denied) node.must_publish(topic, "");
  REQUIRE(node.comes<mqtt::Refused>(4));
  for (size_t i = 0; i < 4; ++i) CHECK(node.all<mqtt::Refused>()[i].topic == denied[i]);
  CHECK(hub.count<mqtt::Message>() == 2);
}

TEST_CASE("of two clients of one name the elder is thrown out") {
  Broker broker;
  Party elder(to(broker, "node"));
  REQUIRE(elder.comes<mqtt::Connected>());
  Party younger(to(broker, "node"));
  REQUIRE(elder.comes<mqtt::Disconnected>());
  const Code code = elder.all<mqtt::Disconnected>()[0].reason.code;
  CHECK((code == Code::conflict || code == Code::offline));  // Mosquitto 2.0.11 does not say why
}

TEST_CASE("with TLS the certificate must be trusted and made out for the host of the URL") {
  const test::TempFolder folder;
  SystemClock clock;
  SystemRandom random;
  auto made =
      crypto::make_device_certificate({.common_name = "broker", .addresses = {"127.0.0.1"}}, clock.now(), random);
  REQUIRE(made);
  const std::string certificate = folder.file("cert.pem"), key = folder.file("key.pem");
  std::ofstream(certificate) << made->certificate_pem;
  std::ofstream(key) << made->key_pem;
  Broker broker("allow_anonymous true\ncertfile " + certificate + "\nkeyfile " + key + "\n");
  const std::string port = std::to_string(broker.port());

  mqtt::Settings settings{.url = "mqtts://127.0.0.1:" + port, .client_id = "node", .ca_file = certificate};
  SUBCASE("trusted, of that name") { CHECK(Party(settings).comes<mqtt::Connected>()); }
  SUBCASE("of another name") {
    settings.url = "mqtts://localhost:" + port;
    Party node(settings);
    CHECK(node.comes<mqtt::Disconnected>(2));
    CHECK(node.count<mqtt::Connected>() == 0);
  }
  SUBCASE("not trusted") {
    settings.ca_file.clear();
    Party node(settings);
    CHECK(node.comes<mqtt::Disconnected>(2));
    CHECK(node.count<mqtt::Connected>() == 0);
  }
}

TEST_CASE("stop is quick: connected, with a frozen broker, while connecting to a void, and before start") {
  Broker broker;
  SystemClock clock;
  SystemRandom random;
  SUBCASE("connected: what was published before is on its way") {
    Party hub(to(broker, "hub", {"a/#"})), node(to(broker, "node"));
    REQUIRE(hub.comes<mqtt::Connected>());
    REQUIRE(node.comes<mqtt::Connected>());
    CHECK(node.publish("a/state", "closing"));
    CHECK(seconds_of([&] { node.link().stop(); }) < 3);
    CHECK(hub.comes<mqtt::Message>());
    CHECK(node.count<mqtt::Disconnected>() == 0);
    CHECK(node.publish("a/state", "closed").error().code == Code::offline);
  }
  SUBCASE("frozen, with publishes unanswered") {
    Party node(to(broker, "node"));
    REQUIRE(node.comes<mqtt::Connected>());
    broker.freeze();
    for (int i = 0; i < 8; ++i) CHECK(node.publish("a/1", std::string(200'000, 'x')));
    CHECK(seconds_of([&] { node.link().stop(); }) < 4);
  }
  SUBCASE("a host that answers nothing") {
    mqtt::Settings settings = to(broker, "node");
    settings.url = "mqtt://192.0.2.1:1883";  // TEST-NET-1
    Party node(settings);
    std::this_thread::sleep_for(300ms);
    CHECK(seconds_of([&] { node.link().stop(); }) < 4);
  }
  SUBCASE("a broker that takes the connection and says nothing") {
    broker.freeze();
    Party node(to(broker, "node"));
    std::this_thread::sleep_for(300ms);
    CHECK(seconds_of([&] { node.link().stop(); }) < 4);
  }
  SUBCASE("never started") {
    mqtt::Link link(to(broker, "node"), clock, random, [](mqtt::Event) {});
    link.stop();
  }
}

TEST_CASE("settings that can never work are told as such") {
  Broker broker;
  mqtt::Settings settings = to(broker, "node");
  settings.url = "http://hub";
  Party node(settings);
  REQUIRE(node.comes<mqtt::Disconnected>(2));
  CHECK(node.all<mqtt::Disconnected>()[0].reason.code == Code::invalid);
}

// What the next case starts as a process of its own and kills.
TEST_CASE("victim" * doctest::skip()) {
  SystemClock clock;
  SystemRandom random;
  mqtt::Settings settings{.url = std::getenv("TILL_TEST_BROKER"), .client_id = "victim"};
  settings.will = mqtt::Will{.message = {"a/state", Bytes{'g', 'o', 'n', 'e'}, true}, .delay_s = 1};
  mqtt::Link link(settings, clock, random, [&](mqtt::Event event) {
    if (std::holds_alternative<mqtt::Connected>(event)) static_cast<void>(link.publish({"a/state", Bytes{'u', 'p'}}));
  });
  link.start();
  std::this_thread::sleep_for(60s);
}

TEST_CASE("the will is said after its delay when the process vanishes, and not after a goodbye") {
  Broker broker;
  Party hub(to(broker, "hub", {"a/#"}));
  REQUIRE(hub.comes<mqtt::Connected>());
  ::setenv("TILL_TEST_BROKER", broker.url().c_str(), 1);
  char program[] = "/proc/self/exe", which[] = "--test-case=victim", really[] = "--no-skip";
  char* words[] = {program, which, really, nullptr};
  pid_t pid = -1;
  REQUIRE(::posix_spawn(&pid, program, nullptr, nullptr, words, environ) == 0);
  REQUIRE(hub.comes<mqtt::Message>());
  CHECK(text_of(hub.all<mqtt::Message>()[0]) == "up");
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  const double waited_s = seconds_of([&] { REQUIRE(hub.comes<mqtt::Message>(2)); });
  CHECK(text_of(hub.all<mqtt::Message>()[1]) == "gone");
  CHECK(waited_s > 0.5);

  mqtt::Settings polite = to(broker, "polite");
  polite.will = mqtt::Will{.message = {"a/polite", Bytes{'g', 'o', 'n', 'e'}}};
  {
    Party guest(polite);
    REQUIRE(guest.comes<mqtt::Connected>());
  }
  std::this_thread::sleep_for(300ms);
  CHECK(hub.count<mqtt::Message>() == 2);
}
