// A running door and a rude client (support/door_fixture.h).
#include "support/door_fixture.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "crypto/certificate.h"
#include "http/problem.h"

namespace till::test {
namespace {

http::Route route(http::Method method, std::string_view path) {
  return {method, path, "public", 0, http::Lane::read, path, path, nullptr};
}

http::Response say(std::string body) {
  http::Response response;
  response.body = std::move(body);
  response.content_type = "text/plain";
  return response;
}

std::string contents(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

}  // namespace

WillingDispatcher::WillingDispatcher(WorkerPool& workers) : workers_(workers) {
  using http::Method;
  for (std::string_view path :
       {"/hello", "/big", "/later", "/last", "/drop", "/drop-later", "/hold", "/deny", "/stream"}) {
    routes_.push_back(route(Method::get, path));
  }
  routes_.push_back(route(Method::post, "/echo"));
  routes_.push_back(route(Method::post, "/small"));
  routes_.back().max_body = 10;
  routes_.push_back(route(Method::post, "/upload"));
  routes_.back().upload = "text/csv";
}

std::unique_ptr<http::Response> WillingDispatcher::head(http::Exchange& exchange) {
  const std::string& path = exchange.request.path;
  last_address = exchange.request.address;
  for (const http::Route& each : routes_) {
    if (each.path == path) exchange.route = &each;
  }
  if (exchange.route == nullptr) return std::make_unique<http::Response>(refuse(404, "no_route", path, nullptr));
  if (path == "/deny") return std::make_unique<http::Response>(refuse(403, "forbidden", "no", nullptr));
  return nullptr;
}

void WillingDispatcher::handle(std::unique_ptr<http::Exchange> exchange) {
  const http::Request& request = exchange->request;
  handled_by = std::this_thread::get_id();
  auto held = std::make_shared<std::unique_ptr<http::Exchange>>();
  if (request.path == "/hold") {
    std::lock_guard lock(mutex_);
    held_.push_back(std::move(exchange));
    return held_changed_.notify_all();
  }
  if (request.path == "/drop") return;
  if (request.path == "/stream") {
    http::Response opened = open_stream(request);
    return answer(std::move(exchange), std::move(opened));
  }
  if (request.path == "/big") {
    const size_t bytes = std::stoul(*request.query_value("bytes"));
    return answer(std::move(exchange), say(std::string(bytes, 'x')));
  }
  if (request.path == "/upload") {
    uploaded_to = request.body_file;
    return answer(std::move(exchange), say(contents(uploaded_to)));
  }
  if (request.path == "/later" || request.path == "/last" || request.path == "/drop-later") {
    *held = std::move(exchange);
    const bool queued = workers_.submit([this, held] {
      const std::string path = (*held)->request.path;
      if (path == "/later") answer(std::move(*held), say("later"));
      if (path == "/last") {
        answer(std::move(*held), http::LastStep([this](http::Exchange&) {
                 answered_by = std::this_thread::get_id();
                 return say("last");
               }));
      }
    });
    REQUIRE(queued);
    return;
  }
  std::string body = request.method == http::Method::post ? request.body : "hello";
  answer(std::move(exchange), say(std::move(body)));
}

http::Response WillingDispatcher::refuse(int status, std::string_view code, std::string_view detail, http::Exchange*) {
  return http::refusal(status, code, detail, "");
}

void WillingDispatcher::wait_until_held(size_t count) {
  std::unique_lock lock(mutex_);
  REQUIRE(held_changed_.wait_for(lock, std::chrono::seconds(5), [&] { return held_.size() >= count; }));
}

void WillingDispatcher::release(size_t count) {
  wait_until_held(count);
  std::vector<std::unique_ptr<http::Exchange>> free;
  {
    std::lock_guard lock(mutex_);
    std::swap(free, held_);
  }
  for (auto& exchange : free) answer(std::move(exchange), say("held"));
}

RawClient::RawClient(const std::string& address) {
  sockaddr_storage storage{};
  socklen_t size = 0;
  if (address.starts_with("/")) {
    auto& local = reinterpret_cast<sockaddr_un&>(storage);
    local.sun_family = AF_UNIX;
    std::memcpy(local.sun_path, address.c_str(), address.size() + 1);
    size = sizeof(local);
  } else {
    auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    size = sizeof(v4);
  }
  socket_ = http::Fd(::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&storage), size) == 0);
}

RawClient& RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    pollfd ready{socket_.get(), POLLOUT, 0};
    if (::poll(&ready, 1, 2'000) != 1) break;
    const http::Moved moved = http::send_some(socket_.get(), bytes);
    if (moved.state != http::Moved::State::fine) break;
    bytes.remove_prefix(moved.bytes);
  }
  return *this;
}

RawClient& RawClient::drip(std::string_view bytes, int gap_ms) {
  for (char byte : bytes) {
    send({&byte, 1});
    std::this_thread::sleep_for(std::chrono::milliseconds(gap_ms));
  }
  return *this;
}

RawClient& RawClient::half_close() {
  ::shutdown(socket_.get(), SHUT_WR);
  return *this;
}

bool RawClient::more(int within_ms) {
  pollfd ready{socket_.get(), POLLIN, 0};
  if (::poll(&ready, 1, within_ms) != 1) return false;
  char bytes[16 * 1024];
  const http::Moved moved = http::receive_some(socket_.get(), bytes);
  if (moved.state != http::Moved::State::fine) return false;
  received_.append(bytes, moved.bytes);
  return true;
}

Reply RawClient::read(bool to_head, int within_ms) {
  size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!more(within_ms)) return {};
  }
  Reply reply;
  reply.status = std::stoi(received_.substr(9, 3));
  std::istringstream lines(received_.substr(0, end));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::string name = line.substr(0, line.find(':'));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    const size_t value = line.find(':') + 2;
    reply.headers[name] = line.substr(value, line.find('\r') - value);
  }
  received_.erase(0, end + 4);
  const size_t length =
      to_head || !reply.headers.count("content-length") ? 0 : std::stoul(reply.headers["content-length"]);
  while (received_.size() < length) {
    if (!more(within_ms)) return {};
  }
  reply.body = received_.substr(0, length);
  received_.erase(0, length);
  return reply;
}

bool RawClient::hears(std::string_view text, int within_ms) {
  size_t at = 0, seen = 0;  // not again from the beginning: megabytes may come before it
  while ((at = received_.find(text, seen)) == std::string::npos) {
    seen = received_.size() - std::min(received_.size(), text.size());
    if (!more(within_ms)) return false;
  }
  received_.erase(0, at + text.size());
  return true;
}

std::string RawClient::overhear(int within_ms) {
  while (more(within_ms)) {
  }
  return std::exchange(received_, {});
}

bool RawClient::is_closed(int within_ms) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(within_ms);
  while (std::chrono::steady_clock::now() < until) {
    pollfd ready{socket_.get(), POLLIN, 0};
    if (::poll(&ready, 1, within_ms) != 1) return false;
    char bytes[16 * 1024];
    if (::recv(socket_.get(), bytes, sizeof(bytes), 0) <= 0) return true;
  }
  return false;
}

http::DoorSettings quick_settings() {
  http::DoorSettings settings;
  settings.head_ms = 300;
  settings.body_ms = 300;
  settings.idle_ms = 300;
  settings.write_ms = 300;
  settings.linger_ms = 200;
  return settings;
}

DoorFixture::DoorFixture(http::DoorSettings settings, http::DoorHooks hooks) {
  char name[] = "/tmp/door-test-XXXXXX";
  folder = ::mkdtemp(name);
  settings.spool_folder = folder;
  auto handshakes = [this](Task<void()> task) { return workers.submit(std::move(task)); };
  door = std::make_unique<http::Door>(std::move(settings), dispatcher, clock, handshakes, std::move(hooks));
  REQUIRE(door->listen("127.0.0.1:0").ok());
  REQUIRE(door->listen_control(folder + "/control.sock").ok());
  auto made = crypto::make_device_certificate({"till-test", {"localhost"}, {"127.0.0.1"}}, clock.now(), random);
  REQUIRE(made.ok());
  std::ofstream(folder + "/cert.pem") << made->certificate_pem;
  std::ofstream(folder + "/key.pem") << made->key_pem;
  auto loaded = http::TlsServer::load(folder + "/cert.pem", folder + "/key.pem", random);
  REQUIRE(loaded.ok());
  tls = std::move(loaded).value();
  REQUIRE(door->listen_tls("127.0.0.1:0", *tls).ok());
  REQUIRE(door->start().ok());
}

DoorFixture::~DoorFixture() {
  door.reset();
  workers.stop(WorkerPool::Stop::drop);
  std::filesystem::remove_all(folder);
}

int DoorFixture::tls_port() const {
  const std::string address = door->addresses().at(2);
  return std::stoi(address.substr(address.rfind(':') + 1));
}

bool DoorFixture::comes_to(const http::Counter& counter, uint64_t value) const {
  for (int i = 0; i < 500 && counter.value() != value; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return counter.value() == value;
}

}  // namespace till::test
