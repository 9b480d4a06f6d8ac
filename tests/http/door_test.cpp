// The door over real sockets: keep-alive, limits, deadlines, caps, answers from other threads, the graceful end.
#include "http/door.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "support/door_fixture.h"

using namespace till;
using namespace till::http;
using namespace till::test;

namespace {

constexpr std::string_view kHello = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view kClose = "Connection: close\r\n";

std::string get(std::string_view target, std::string_view fields = {}) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}
std::string post(std::string_view target, std::string_view body, std::string_view fields = {}) {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

int64_t ms_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count();
}

/// Resident memory of this process in KB.
size_t resident_kb() {
  size_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * 4;
}

DoorSettings patient() {
  DoorSettings settings = quick_settings();
  settings.head_ms = settings.body_ms = settings.idle_ms = settings.write_ms = 10'000;
  return settings;
}

}  // namespace

TEST_CASE("one connection carries many requests") {
  DoorFixture fixture;
  RawClient client = fixture.client();
  for (int i = 0; i < 3; ++i) {
    const Reply reply = client.send(kHello).read();
    CHECK(reply.status == 200);
    CHECK(reply.body == "hello");
    CHECK(reply.headers.at("content-type") == "text/plain");
    CHECK(reply.headers.at("x-content-type-options") == "nosniff");
    CHECK(reply.headers.at("date").size() == 29);
    CHECK(reply.headers.count("connection") == 0);
  }
  CHECK(client.send(post("/echo", "whole")).read().body == "whole");
  CHECK(fixture.door->stats().accepted.value() == 1);
  CHECK(fixture.door->stats().requests.value() == 4);
}

TEST_CASE("requests sent ahead are answered in order") {
  DoorFixture fixture(patient());
  RawClient client = fixture.client();
  client.send(post("/echo", "one") + get("/later") + get("/last") + post("/echo", "two") + get("/hello", kClose));
  for (const char* body : {"one", "later", "last", "two", "hello"}) CHECK(client.read().body == body);
  CHECK(client.is_closed());
}

TEST_CASE("a thousand requests sent ahead are all answered") {
  DoorFixture fixture(patient());
  RawClient client = fixture.client();
  std::string all;
  for (int i = 0; i < 1'000; ++i) all += post("/echo", std::to_string(i));
  std::thread sender([&] { client.send(all); });
  int wrong = 0;
  for (int i = 0; i < 1'000; ++i) wrong += client.read().body != std::to_string(i);
  sender.join();
  CHECK(wrong == 0);
}

TEST_CASE("a request may come byte by byte") {
  DoorFixture fixture(patient());
  CHECK(fixture.client().drip(post("/echo", "drop by drop"), 1).read().body == "drop by drop");
}

TEST_CASE("a client may close its half and still gets its answers") {
  DoorFixture fixture(patient());
  RawClient client = fixture.client();
  client.send(get("/later") + get("/hello")).half_close();
  CHECK(client.read().body == "later");
  CHECK(client.read().body == "hello");
  CHECK(client.is_closed());
  CHECK(fixture.client().send("GET /hel").half_close().is_closed());
  CHECK(fixture.comes_to(fixture.door->stats().open, 0));
}

TEST_CASE("HEAD, close and HTTP/1.0") {
  DoorFixture fixture;
  RawClient client = fixture.client();
  const Reply head = client.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n").read(true);
  CHECK(head.headers.at("content-length") == "5");
  CHECK(client.send(kHello).read().body == "hello");
  const Reply last = client.send(get("/hello", kClose)).read();
  CHECK(last.headers.at("connection") == "close");
  CHECK(client.is_closed(1'000));
  RawClient old = fixture.client();
  CHECK(old.send("GET /hello HTTP/1.0\r\n\r\n").read().headers.at("connection") == "close");
  CHECK(old.is_closed(1'000));
}

TEST_CASE("a refusal after HEAD has its body: what was refused is no HEAD") {
  DoorFixture fixture;
  RawClient client = fixture.client();
  client.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n").read(true);
  const Reply refusal = client.send("rubbish").read();
  CHECK(refusal.status == 400);
  CHECK(refusal.body.size() == std::stoul(refusal.headers.at("content-length")));
}

TEST_CASE("the door refuses with a status, then closes") {
  struct Row {
    std::string request;
    int status;
  };
  const std::vector<Row> rows = {
      {"GET /hello HTTP/1.1\r\n\r\n", 400},
      {"GET /hello HTTP/1.1\nHost: a\n\n", 400},
      {post("/echo", "x", "Content-Encoding: gzip\r\n"), 415},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 411},
      {"POST /echo HTTP/1.1\r\nHost: a\r\n\r\n", 411},
      {post("/echo", "x", "Expect: coffee\r\n"), 417},
      {get("/" + std::string(9'000, 'a')), 414},
      {get("/hello", "A: " + std::string(32'000, 'a') + "\r\n"), 431},
      {"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505},
      {post("/small", "eleven byte"), 413},
      {post("/upload", "a;b", "Content-Type: application/json\r\n"), 415},
      {post("/upload", "a;b"), 415},
  };
  DoorFixture fixture;
  for (const Row& row : rows) {
    CAPTURE(row.request.substr(0, 60));
    RawClient client = fixture.client();
    Reply reply = client.send(row.request).read();
    CHECK(reply.status == row.status);
    CHECK(reply.headers["connection"] == "close");
    CHECK(reply.headers["content-type"] == "application/problem+json");
    CHECK(client.is_closed());
  }
  CHECK(fixture.door->stats().requests.value() == 0);
  CHECK(fixture.door->stats().refused[13].value() == 1);
}

TEST_CASE("what the pipeline refuses at the head closes only if a body was announced") {
  DoorFixture fixture;
  RawClient client = fixture.client();
  CHECK(client.send(get("/deny")).read().status == 403);
  CHECK(client.send(get("/nowhere")).read().status == 404);
  CHECK(client.send(kHello).read().body == "hello");
  CHECK(client.send(post("/nowhere", "lost")).read().headers.at("connection") == "close");
  CHECK(client.is_closed());
}

TEST_CASE("413 arrives although the client goes on sending") {
  DoorFixture fixture;
  for (int i = 0; i < 20; ++i) {
    RawClient client = fixture.client();
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n");
    client.send(std::string(60'000, 'x'));
    CHECK(client.read().status == 413);
  }
}

TEST_CASE("100 Continue is said once the head is admitted") {
  DoorFixture fixture;
  RawClient client = fixture.client();
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.read().status == 100);
  CHECK(client.send("done").read().body == "done");
  client.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.read().status == 413);
}

TEST_CASE("bodies of any size come through whole") {
  DoorFixture fixture(patient());
  RawClient client = fixture.client();
  for (const size_t size : {0U, 1U, 16'383U, 16'384U, 100'000U, 1'048'576U}) {
    std::string body(size, 'a');
    for (size_t i = 0; i < size; i += 7) body[i] = static_cast<char>('a' + i % 26);
    CHECK((client.send(post("/echo", body)).read().body == body));
  }
  CHECK(client.send(get("/big?bytes=20000000")).read().body.size() == 20'000'000);
}

TEST_CASE("an upload is spooled to a private file that is gone with the answer") {
  DoorFixture fixture(patient());
  std::string rows;
  while (rows.size() < 700'000) rows += "sku;name;price\n";
  const Reply reply = fixture.ask(post("/upload", rows, "Content-Type: Text/CSV; charset=utf-8\r\n"));
  CHECK((reply.body == rows));
  CHECK(fixture.dispatcher.uploaded_to.starts_with(fixture.folder + "/upload-"));
  CHECK_FALSE(std::filesystem::exists(fixture.dispatcher.uploaded_to));
  CHECK(fixture.ask(post("/upload", "", "Content-Type: text/csv\r\n")).status == 200);
}

TEST_CASE("an upload that breaks off leaves no file") {
  DoorFixture fixture(patient());
  {
    RawClient client = fixture.client();
    client.send("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Type: text/csv\r\nContent-Length: 900\r\n\r\nhalf");
    for (int i = 0; i < 200 && fixture.door->stats().bytes_in.value() == 0; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  CHECK(fixture.comes_to(fixture.door->stats().open, 0));
  CHECK(fixture.ask(kHello).status == 200);  // a batch later the connection is swept
  size_t uploads = 0;
  for (const auto& entry : std::filesystem::directory_iterator(fixture.folder)) {
    uploads += entry.path().filename().string().starts_with("upload-");
  }
  CHECK(uploads == 0);
}

TEST_CASE("who is slow is told so, who is silent is sent home") {
  DoorFixture fixture;
  const auto start = std::chrono::steady_clock::now();
  RawClient silent = fixture.client();
  RawClient idle = fixture.client();
  CHECK(idle.send(kHello).read().status == 200);
  RawClient head = fixture.client();
  head.send("GET /hello HT");
  RawClient body = fixture.client();
  body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf");
  CHECK(head.read().status == 408);
  CHECK(body.read().status == 408);
  CHECK(silent.is_closed());
  CHECK(idle.is_closed());
  CHECK(ms_since(start) >= 250);
  CHECK(ms_since(start) < 3'000);
  CHECK(fixture.comes_to(fixture.door->stats().open, 0));
}

TEST_CASE("dripping does not buy time") {
  DoorFixture fixture;
  const auto start = std::chrono::steady_clock::now();
  RawClient client = fixture.client();
  std::thread dripper([&] { client.drip(get("/hello", "A: " + std::string(150, 'a') + "\r\n"), 5); });
  CHECK(client.read().status == 408);
  CHECK(ms_since(start) < 1'000);
  dripper.join();
}

TEST_CASE("who does not read its answer is cut off") {
  DoorFixture fixture;
  RawClient client = fixture.client();
  client.send(get("/big?bytes=50000000"));
  CHECK(fixture.comes_to(fixture.door->stats().open, 1));
  CHECK(fixture.comes_to(fixture.door->stats().timed_out, 1));
  CHECK(fixture.comes_to(fixture.door->stats().open, 0));
}

TEST_CASE("answers from other threads come home, last steps run at the door") {
  DoorFixture fixture(patient());
  std::vector<RawClient> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(fixture.client());
  for (int round = 0; round < 20; ++round) {
    for (RawClient& client : clients) client.send(get(round % 2 == 0 ? "/later" : "/last"));
    for (RawClient& client : clients) CHECK(client.read().status == 200);
  }
  CHECK(fixture.dispatcher.answered_by == fixture.dispatcher.handled_by);
}

TEST_CASE("a request that nobody answers gets 500") {
  DoorFixture fixture;
  CHECK(fixture.ask(get("/drop")).status == 500);
  CHECK(fixture.ask(get("/drop-later")).status == 500);
}

TEST_CASE("a client that has gone is not missed") {
  DoorFixture fixture(patient());
  for (int i = 0; i < 10; ++i) {
    RawClient client = fixture.client();
    client.send(get("/hold"));
    fixture.dispatcher.wait_until_held(static_cast<size_t>(i) + 1);
  }
  fixture.dispatcher.release(10);
  CHECK(fixture.comes_to(fixture.door->stats().open, 0));
  CHECK(fixture.ask(kHello).status == 200);
}

TEST_CASE("at the cap the one that has waited longest makes room") {
  DoorSettings settings = patient();
  settings.max_connections = 4;
  DoorFixture fixture(settings);
  RawClient first = fixture.client();
  CHECK(first.send(kHello).read().status == 200);
  RawClient second = fixture.client();
  CHECK(second.send(kHello).read().status == 200);
  RawClient third = fixture.client();
  third.send("GET /hel");
  RawClient held = fixture.client();
  held.send(get("/hold"));
  fixture.dispatcher.wait_until_held(1);
  CHECK(first.send(kHello).read().status == 200);
  CHECK(fixture.ask(kHello).status == 200);
  CHECK(second.is_closed());
  CHECK(fixture.door->stats().evicted.value() == 1);
  fixture.dispatcher.release(1);
  CHECK(held.read().status == 200);
}

TEST_CASE("when descriptors run out somebody who waits makes room") {
  DoorFixture fixture(patient());
  std::vector<RawClient> waiting;
  for (int i = 0; i < 5; ++i) {
    waiting.push_back(fixture.client());
    REQUIRE(waiting.back().send(kHello).read().status == 200);
  }
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  RawClient last = fixture.client();
  CHECK(last.send(kHello).read().status == 200);
  // From here on the client's socket takes the last descriptor that may be had.
  const rlimit none{static_cast<rlim_t>(::dup(0)) + 1, before.rlim_max};
  ::close(static_cast<int>(none.rlim_cur) - 1);
  ::setrlimit(RLIMIT_NOFILE, &none);
  const Reply reply = fixture.ask(kHello);
  ::setrlimit(RLIMIT_NOFILE, &before);
  CHECK(reply.status == 200);
  CHECK(fixture.door->stats().evicted.value() == 1);
  CHECK(waiting.front().is_closed());
}

TEST_CASE("memory stays flat under endless heads") {
  DoorFixture fixture(patient());
  const std::string endless = "GET /hello HTTP/1.1\r\nHost: a\r\nA: " + std::string(32'000, 'a');
  for (int i = 0; i < 50; ++i) CHECK(fixture.ask(endless).status == 431);
  const size_t before = resident_kb();
  for (int i = 0; i < 300; ++i) CHECK(fixture.ask(endless).status == 431);
  CHECK(resident_kb() < before + 1'024);
}

TEST_CASE("the control socket is private, and its callers are local") {
  DoorFixture fixture;
  const std::string path = fixture.door->addresses().at(1);
  struct stat file {};
  REQUIRE(::stat(path.c_str(), &file) == 0);
  CHECK((file.st_mode & 0777) == 0600);
  CHECK(RawClient(path).send(kHello).read().body == "hello");
  CHECK(fixture.dispatcher.last_address == "local");
  fixture.ask(kHello);
  CHECK(fixture.dispatcher.last_address == "127.0.0.1");
  auto second = Listener::control(path);
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().message.find(path) != std::string::npos);
  fixture.door->stop(0);
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a stale control socket is replaced, another file is not") {
  DoorFixture fixture;
  const std::string stale = fixture.folder + "/stale.sock";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, stale.c_str(), stale.size() + 1);
  {
    const Fd dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    REQUIRE(::bind(dead.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  }
  REQUIRE(std::filesystem::exists(stale));
  CHECK(Listener::control(stale).ok());
  const std::string taken = fixture.folder + "/notes.txt";
  std::ofstream(taken) << "keep me";
  CHECK_FALSE(Listener::control(taken).ok());
  CHECK(std::filesystem::file_size(taken) == 7);
  CHECK_FALSE(Listener::control(fixture.folder + std::string(200, 'x')).ok());
}

TEST_CASE("what cannot be listened on is named") {
  DoorFixture fixture;
  for (const char* wrong : {"", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:80x",
                            "shop.example:80", "[::1:80", "300.0.0.1:80"}) {
    CAPTURE(wrong);
    auto listener = Listener::tcp(wrong, nullptr);
    REQUIRE_FALSE(listener.ok());
    CHECK(listener.error().message.find(wrong) != std::string::npos);
  }
  const auto taken = Listener::tcp(fixture.door->addresses().at(0), nullptr);
  REQUIRE_FALSE(taken.ok());
  CHECK(taken.error().message.find("in use") != std::string::npos);
  CHECK(Listener::tcp("localhost:0", nullptr).ok());
}

TEST_CASE("IPv6 is listened on by its name") {
  auto listener = Listener::tcp("[::1]:0", nullptr);
  if (!listener.ok()) return;  // the machine has no IPv6
  CHECK(listener->name().starts_with("[::1]:"));
  CHECK_FALSE(listener->name().ends_with(":0"));
}

TEST_CASE("the graceful end: work in hand is answered, then everybody goes home") {
  DoorFixture fixture(patient());
  RawClient idle = fixture.client();
  CHECK(idle.send(kHello).read().status == 200);
  RawClient held = fixture.client();
  held.send(get("/hold"));
  fixture.dispatcher.wait_until_held(1);
  std::thread stopping([&] { fixture.door->stop(5'000); });
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  CHECK(idle.send(kHello).read().headers.at("connection") == "close");
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  fixture.dispatcher.release(1);
  const Reply last = held.read();
  CHECK(last.body == "held");
  CHECK(last.headers.at("connection") == "close");
  stopping.join();
  CHECK(held.is_closed());
}

TEST_CASE("the end does not wait for ever, and late answers go nowhere") {
  DoorFixture fixture(patient());
  RawClient held = fixture.client();
  held.send(get("/hold"));
  fixture.dispatcher.wait_until_held(1);
  const auto start = std::chrono::steady_clock::now();
  fixture.door->stop(200);
  CHECK(ms_since(start) >= 200);
  CHECK(ms_since(start) < 2'000);
  CHECK(held.is_closed());
  fixture.dispatcher.release(1);
}

TEST_CASE("the hooks are called on the door's thread") {
  std::atomic<size_t> requests{0}, quiet{0}, ticks{0};
  std::thread::id hook_thread;
  DoorSettings settings = patient();
  settings.tick_ms = 20;
  DoorHooks hooks;
  hooks.after_batch = [&](size_t more) {
    requests += more;
    hook_thread = std::this_thread::get_id();
  };
  hooks.quiet = [&] { ++quiet; };
  hooks.tick = [&] { ++ticks; };
  DoorFixture fixture(settings, hooks);
  CHECK(fixture.ask(kHello).status == 200);
  CHECK(fixture.ask(kHello).status == 200);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  fixture.door->stop(0);
  CHECK(requests == 2);
  CHECK(quiet >= 1);
  CHECK(quiet <= 2);
  CHECK(ticks >= 2);
  CHECK(hook_thread == fixture.dispatcher.handled_by);
}
