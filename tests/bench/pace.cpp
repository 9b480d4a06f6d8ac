// A client that asks at a fixed rate, as shops do, and not as fast as it is answered: latency counts from the moment a
// request was due, so a stall shows in every request that had to wait for it (wrk would just ask less). One thread, one
// request at a time on each connection; a request that is due while all are busy waits, and its waiting counts.
//
//     bench_pace PORT CONNECTIONS SECONDS SALES_PER_S LOOKUPS_PER_S SEARCHES_PER_S PRODUCTS      token in BENCH_TOKEN
// → one line of JSON: for sales, lookups and searches how many, how many were refused, and percentiles in milliseconds.
// The first half second is not counted. Ends badly if a connection is closed or nothing is answered for ten seconds.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "vocabulary.h"

namespace {

constexpr int64_t kWarmUpNs = 500'000'000, kPatienceNs = 10'000'000'000, kNever = INT64_MAX;

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "pace: %s\n", why.c_str());
  std::exit(1);
}

int64_t now_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

/// What the requests are made of.
class Script {
 public:
  Script(std::string token, int products) : token_(std::move(token)), products_(static_cast<unsigned>(products)) {}

  std::string lookup() { return get("/api/v1/products/by-barcode/" + barcode()); }
  /// What a clerk has typed when he pauses: the beginning of a word, or a word and the beginning of another.
  std::string search() {
    std::string typed = random_() % 3 == 0 ? till::bench::some_word(random_) + "+" : "";
    typed += till::bench::some_word(random_).substr(0, 3 + random_() % 3);
    return get("/api/v1/products?limit=20&q=" + typed);
  }
  std::string sale() {
    std::string body = R"({"fulfilment":"counter","lines":[)";
    for (int n = 0; n < 3; ++n) body += (n ? "," : "") + (R"({"barcode":")" + barcode() + R"(","quantity":1000})");
    body += R"(],"payments":[{"method":"cash","tendered":100000000}]})";
    return "POST /api/v1/orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token_ +
           "\r\nIdempotency-Key: " + key() +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

 private:
  [[nodiscard]] std::string get(const std::string& target) const {
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token_ + "\r\n\r\n";
  }
  std::string barcode() { return std::to_string(4'000'000'000'000 + random_() % products_); }
  /// Shaped like a UUIDv7: grows with time.
  std::string key() {
    char text[48];
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    const auto at = static_cast<unsigned long long>(ms);
    std::snprintf(text, sizeof text, "%08llx-%04llx-7%03x-8%03x-%012llx", at >> 16, at & 0xFFFF, count_ >> 12 & 0xFFF,
                  count_ & 0xFFF, static_cast<unsigned long long>(random_()) & 0xFFFF'FFFF'FFFF);
    ++count_;
    return text;
  }

  const std::string token_;
  const unsigned products_;
  std::mt19937_64 random_{std::random_device{}()};
  unsigned count_ = 0;
};

/// One kind of request: when the next is due, and what became of those before.
struct Stream {
  using Make = std::string (Script::*)();
  Stream(const char* the_name, Make the_make, double per_s, int64_t begin)
      : name(the_name),
        make(the_make),
        gap_ns(per_s > 0 ? static_cast<int64_t>(1e9 / per_s) : 0),
        due_ns(per_s > 0 ? begin : kNever) {}

  [[nodiscard]] double percentile_ms(double percent) const {
    if (taken_ns.empty()) return 0;
    const auto index = static_cast<size_t>(static_cast<double>(taken_ns.size() - 1) * percent / 100);
    return static_cast<double>(taken_ns[index]) / 1e6;
  }
  void print() {
    std::sort(taken_ns.begin(), taken_ns.end());
    std::printf(R"("%s": {"count": %zu, "refused": %d, "p50": %.3f, "p90": %.3f, "p99": %.3f, "max": %.3f})", name,
                taken_ns.size(), refused, percentile_ms(50), percentile_ms(90), percentile_ms(99), percentile_ms(100));
  }

  const char* name;
  Make make;
  int64_t gap_ns, due_ns;
  int refused = 0;
  std::vector<int64_t> taken_ns{};
};

struct Connection {
  int fd = -1;
  Stream* busy_with = nullptr;
  int64_t due_ns = 0;
  std::string received{};
};

int connect_to(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("cannot connect");
  return fd;
}

/// The status of the answer, once it is whole; 0 before.
int finished(const std::string& received) {
  const size_t end = received.find("\r\n\r\n");
  if (end == std::string::npos) return 0;
  const size_t length = received.find("Content-Length: ");
  const size_t body = length < end ? std::strtoul(received.c_str() + length + 16, nullptr, 10) : 0;
  return received.size() >= end + 4 + body ? std::atoi(received.c_str() + 9) : 0;
}

class Client {
 public:
  Client(Script& script, int port, int connections) : script_(script), connections_(static_cast<size_t>(connections)) {
    for (Connection& connection : connections_) connection.fd = connect_to(port);
  }

  void run(std::vector<Stream>& streams, int64_t begin, int64_t end) {
    begin_ = begin;
    for (;;) {
      const int64_t now = now_ns();
      Stream& next = *std::min_element(streams.begin(), streams.end(),
                                       [](const Stream& a, const Stream& b) { return a.due_ns < b.due_ns; });
      const bool over = next.due_ns >= end;
      if (!over && next.due_ns <= now && ask(next, (script_.*next.make)())) continue;
      if (over && !any_busy()) return;
      wait(over || next.due_ns <= now ? kPatienceNs : next.due_ns - now);
    }
  }

 private:
  [[nodiscard]] bool any_busy() const {
    return std::any_of(connections_.begin(), connections_.end(),
                       [](const Connection& c) { return c.busy_with != nullptr; });
  }

  /// False if all connections are busy.
  bool ask(Stream& stream, const std::string& request) {
    const auto free =
        std::find_if(connections_.begin(), connections_.end(), [](const Connection& c) { return !c.busy_with; });
    if (free == connections_.end()) return false;
    if (::send(free->fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
      fail("cannot send");
    free->busy_with = &stream;
    free->due_ns = stream.due_ns;
    stream.due_ns += stream.gap_ns;
    return true;
  }

  void wait(int64_t for_ns) {
    polled_.clear();
    for (const Connection& c : connections_) polled_.push_back({c.fd, static_cast<short>(c.busy_with ? POLLIN : 0), 0});
    const timespec timeout{for_ns / 1'000'000'000, for_ns % 1'000'000'000};
    const int ready = ::ppoll(polled_.data(), polled_.size(), &timeout, nullptr);
    if (ready == 0 && for_ns == kPatienceNs) fail("no answer for ten seconds");
    for (size_t i = 0; ready > 0 && i < polled_.size(); ++i)
      if (polled_[i].revents != 0) receive(connections_[i]);
  }

  void receive(Connection& connection) {
    char bytes[16'384];
    const ssize_t got = ::recv(connection.fd, bytes, sizeof bytes, 0);
    if (got <= 0) fail("a connection was closed");
    connection.received.append(bytes, static_cast<size_t>(got));
    const int status = finished(connection.received);
    if (status == 0) return;
    Stream& stream = *connection.busy_with;
    if (status >= 300) ++stream.refused;
    if (connection.due_ns >= begin_ + kWarmUpNs) stream.taken_ns.push_back(now_ns() - connection.due_ns);
    connection.busy_with = nullptr;
    connection.received.clear();
  }

  Script& script_;
  std::vector<Connection> connections_;
  std::vector<pollfd> polled_;
  int64_t begin_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const char* token = std::getenv("BENCH_TOKEN");
  if (argc != 8 || !token)
    fail("usage: BENCH_TOKEN=… bench_pace PORT CONNECTIONS SECONDS SALES_PER_S LOOKUPS_PER_S SEARCHES_PER_S PRODUCTS");
  ::prctl(PR_SET_TIMERSLACK, 1);  // wake when due, not up to 50 µs later
  Script script(token, std::atoi(argv[7]));
  Client client(script, std::atoi(argv[1]), std::atoi(argv[2]));
  const int64_t begin = now_ns();
  std::vector<Stream> streams{{"sales", &Script::sale, std::atof(argv[4]), begin},
                              {"lookups", &Script::lookup, std::atof(argv[5]), begin},
                              {"searches", &Script::search, std::atof(argv[6]), begin}};
  client.run(streams, begin, begin + static_cast<int64_t>(std::atof(argv[3]) * 1e9));
  const char* before = "{";
  for (Stream& stream : streams) {
    std::printf("%s", before);
    stream.print();
    before = ", ";
  }
  std::printf("}\n");
  return 0;
}
