// Streams over real sockets: the head, parts, slow readers, clients that go or talk, many at once, the end.
#include <doctest/doctest.h>
#include <httplib.h>

#include <atomic>
#include <chrono>

#include "http/event_streams.h"
#include "support/door_fixture.h"

using namespace till;
using namespace till::http;
using namespace till::test;

namespace {

constexpr std::string_view kAsk = "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n";

/// Everybody is a cashier while `open` says so.
class Entrance final : public Authenticator {
 public:
  std::atomic<bool> open{true};
  Result<Caller> authenticate(std::string_view) override {
    if (!open) return Error{Code::unauthorized, "over", "session_ended"};
    return Caller{.rights = 1};
  }
};

DoorSettings calm() {
  DoorSettings settings = quick_settings();
  settings.head_ms = settings.idle_ms = 10'000;
  settings.tick_ms = 50;
  return settings;
}

struct EventDoor {
  EventFeed feed{};
  Entrance entrance{};
  Registry metrics{};
  SystemClock clock{};
  SystemRandom random{};
  EventStreams streams;
  DoorFixture fixture;

  explicit EventDoor(StreamLimits limits = {}, DoorSettings settings = calm())
      : streams(feed, entrance, clock, random, metrics, limits), fixture(std::move(settings)) {
    feed.on_publish(fixture.door->bell());
    fixture.dispatcher.open_stream = [this](const Request& request) {
      Request known = request;
      known.caller.rights = 1;
      if (request.address != "local") known.headers.emplace_back("authorization", "Bearer x");
      auto opened = streams.open(known);
      return opened.ok() ? *opened : Response{.status = 503};
    };
  }
  RawClient listener() {
    RawClient client = fixture.client();
    client.send(kAsk);
    REQUIRE(client.hears("event: ready\ndata: {}\n\n"));
    return client;
  }
  void happen(std::string data) { feed.publish({.name = "order.paid", .data = std::move(data), .rights = 1}); }
  [[nodiscard]] bool open_streams_come_to(int64_t count) {
    Gauge& open = metrics.gauge("till_event_streams", "");
    for (int i = 0; i < 500 && open.value() != count; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return open.value() == count;
  }
};

TEST_CASE("a stream has a head without a length and goes on after it") {
  EventDoor shop;
  RawClient client = shop.fixture.client();
  Reply head = client.send(kAsk).read();
  CHECK(head.status == 200);
  CHECK(head.headers["content-type"] == "text/event-stream");
  CHECK(head.headers["connection"] == "close");
  CHECK(head.headers.count("content-length") == 0);
  CHECK(head.headers.count("transfer-encoding") == 0);
  CHECK(client.hears("event: ready"));
  shop.happen("{\"id\":\"one\"}");
  CHECK(client.hears("data: {\"id\":\"one\"}\n\n"));
  std::this_thread::sleep_for(std::chrono::milliseconds(600));  // longer than any patience here
  shop.happen("{\"id\":\"two\"}");
  CHECK(client.hears("data: {\"id\":\"two\"}\n\n"));
}

TEST_CASE("over the control socket and for HTTP/1.0 it is the same") {
  EventDoor shop;
  RawClient old = shop.fixture.client();
  old.send("GET /stream HTTP/1.0\r\n\r\n");
  RawClient local(shop.fixture.door->addresses().at(1));
  local.send(kAsk);
  CHECK(old.hears("event: ready"));
  CHECK(local.hears("event: ready"));
  shop.happen("{\"id\":\"one\"}");
  CHECK(old.hears("one"));
  CHECK(local.hears("one"));
}

TEST_CASE("over TLS it is the same, and it ends with a goodbye") {
  EventDoor shop;
  httplib::SSLClient client("localhost", shop.fixture.tls_port());
  client.set_ca_cert_path((shop.fixture.folder + "/cert.pem").c_str());
  std::string told;
  const auto reply = client.Get("/stream", [&](const char* bytes, size_t count) {
    told.append(bytes, count);
    if (told.ends_with("event: ready\ndata: {}\n\n")) shop.happen('"' + std::string(100'000, 'x') + '"');
    if (told.ends_with("xx\"\n\n")) shop.entrance.open = false;
    return true;
  });
  REQUIRE(reply);
  CHECK(reply->status == 200);
  CHECK(told.find(std::string(100'000, 'x')) != std::string::npos);
}

TEST_CASE("HEAD tells of a stream and opens none") {
  EventDoor shop;
  RawClient client = shop.fixture.client();
  const Reply head = client.send("HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n").read(true);
  CHECK(head.headers.at("content-type") == "text/event-stream");
  CHECK(client.is_closed(1'000));
  CHECK(shop.open_streams_come_to(0));
}

TEST_CASE("a client that goes frees its place at once; one that talks is closed") {
  EventDoor shop;
  { RawClient gone = shop.listener(); }
  CHECK(shop.open_streams_come_to(0));
  RawClient half = shop.listener();
  half.half_close();
  CHECK(half.is_closed());
  RawClient talker = shop.listener();
  talker.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(talker.overhear(1'000).find("hello") == std::string::npos);
  RawClient ahead = shop.fixture.client();
  ahead.send(std::string(kAsk) + std::string(kAsk));
  CHECK(ahead.is_closed());
  CHECK(shop.open_streams_come_to(0));
  CHECK(shop.fixture.comes_to(shop.fixture.door->stats().open, 0));
}

TEST_CASE("when the session ends the stream does, also if nothing happens, and tells nothing more") {
  EventDoor shop;
  RawClient client = shop.listener();
  shop.entrance.open = false;
  shop.happen("{\"id\":\"secret\"}");
  CHECK(client.overhear(1'000).find("secret") == std::string::npos);
  CHECK(client.is_closed());
  shop.entrance.open = true;
  RawClient quiet = shop.listener();
  shop.entrance.open = false;
  CHECK(quiet.is_closed(1'000));
  CHECK(shop.open_streams_come_to(0));
}

TEST_CASE("an event larger than a socket's buffer comes whole, in order, in pieces") {
  EventDoor shop({}, [] {
    DoorSettings settings = calm();
    settings.write_ms = 10'000;
    return settings;
  }());
  RawClient client = shop.listener();
  const std::string large(3'000'000, 'x');
  shop.happen('"' + large + '"');
  shop.happen("{\"id\":\"last\"}");
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  CHECK(client.hears("data: \"" + large + "\"\n\n"));
  CHECK(client.hears("last"));
}

TEST_CASE("a reader that takes nothing is closed, and others do not notice") {
  EventDoor shop;
  RawClient stuck = shop.listener();
  RawClient quick = shop.listener();
  const std::string large(1'000'000, 'x');
  for (int i = 0; i < 20; ++i) shop.happen('"' + large + '"');
  for (int i = 0; i < 20; ++i) CHECK(quick.hears("data: \"" + large));
  CHECK(shop.open_streams_come_to(1));
  CHECK(shop.fixture.door->stats().timed_out.value() == 1);
  shop.happen("{\"id\":\"after\"}");
  CHECK(quick.hears("after"));
}

TEST_CASE("a slow reader falls out of the ring, is told so, and goes on") {
  EventDoor shop({}, [] {
    DoorSettings settings = calm();
    settings.write_ms = 10'000;
    return settings;
  }());
  RawClient slow = shop.listener();
  const std::string filling(4'000, 'x');
  for (int i = 0; i < 8'000; ++i) shop.happen('"' + filling + '"');  // 32 MB: more than the kernel keeps
  shop.happen("{\"id\":\"newest\"}");
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  for (int i = 0; i < 8'000; ++i) shop.happen('"' + filling + '"');
  CHECK(slow.hears("event: reset\n", 10'000));
  // What came before it caught up may fall to one more reset, which tells of it as well.
  bool goes_on = false;
  for (int i = 0; i < 20 && !goes_on; ++i) {
    shop.happen("{\"id\":\"after\"}");
    goes_on = slow.hears("after", 500);
  }
  CHECK(goes_on);
}

TEST_CASE("64 streams hear every event of a busy shop in order; the one that comes after them is turned away") {
  EventDoor shop;
  std::vector<RawClient> clients;
  for (int i = 0; i < 64; ++i) clients.push_back(shop.listener());
  CHECK(shop.fixture.client().send(kAsk).read().status == 503);
  std::thread busy([&shop] {
    for (int i = 0; i < 1'000; ++i) {
      shop.happen(std::to_string(i));
      if (i % 50 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  for (RawClient& client : clients) {
    bool all = true;
    for (int i = 0; i < 1'000 && all; ++i) all = client.hears("data: " + std::to_string(i) + "\n\n");
    CHECK(all);
  }
  busy.join();
  CHECK(shop.metrics.counter("till_events_sent_total", "").value() == 64'000);
}

TEST_CASE("an event is there at once, and those of a moment come together") {
  EventDoor shop({}, [] {
    DoorSettings settings = calm();
    settings.tick_ms = 10'000;  // so that nothing but the bell wakes the door
    return settings;
  }());
  RawClient client = shop.listener();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  for (int i = 0; i < 5; ++i) {
    const auto start = std::chrono::steady_clock::now();
    shop.happen("{\"id\":\"" + std::to_string(i) + "\"}");
    CHECK(client.hears("{\"id\":\"" + std::to_string(i) + "\"}"));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(1'000));
  }
}

TEST_CASE("a full house evicts no stream") {
  DoorSettings settings = calm();
  settings.max_connections = 4;
  EventDoor shop({}, settings);
  RawClient client = shop.listener();
  std::vector<RawClient> crowd;
  for (int i = 0; i < 20; ++i) crowd.push_back(shop.fixture.client());
  CHECK(shop.fixture.comes_to(shop.fixture.door->stats().accepted, 21));
  shop.happen("{\"id\":\"one\"}");
  CHECK(client.hears("one"));
}

TEST_CASE("when the door stops, streams end at once, and a bell that rings later rings nobody") {
  EventDoor shop;
  RawClient client = shop.listener();
  const auto start = std::chrono::steady_clock::now();
  shop.fixture.door->stop(10'000);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(2'000));
  CHECK(client.is_closed(1'000));
  shop.fixture.door.reset();
  shop.happen("{}");
  CHECK(shop.feed.newest() == 1);
}

}  // namespace
