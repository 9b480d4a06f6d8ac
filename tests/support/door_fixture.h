// A running door with a dispatcher that does what the path says, and a client that is as rude as the test wants: it
// drips, pipelines, half-closes, stays silent. Everything on loopback.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/worker.h"
#include "http/door.h"

namespace till::test {

/// GET /hello → "hello" · POST /echo → its body · POST /small takes 10 bytes · POST /upload takes text/csv to a file
/// and answers what the file holds · GET /big?bytes=n · GET /later, /last (a LastStep) and /drop-later from a worker ·
/// GET /drop never answers · GET /hold waits for release() · /deny is refused at the head with 403 · GET /stream is
/// answered by open_stream.
class WillingDispatcher final : public http::Dispatcher {
 public:
  explicit WillingDispatcher(WorkerPool& workers);

  std::unique_ptr<http::Response> head(http::Exchange& exchange) override;
  void handle(std::unique_ptr<http::Exchange> exchange) override;
  http::Response refuse(int status, std::string_view code, std::string_view detail, http::Exchange*) override;

  /// Waits until `count` requests are held, then answers them all from this thread.
  void release(size_t count);
  void wait_until_held(size_t count);

  std::function<http::Response(const http::Request&)> open_stream;  // on the door's thread
  std::string uploaded_to;                                          // where the last upload was spooled
  std::string last_address;                                         // of the last request
  std::thread::id answered_by;                                      // thread of the last LastStep
  std::thread::id handled_by;                                       // thread of the last handle()

 private:
  WorkerPool& workers_;
  http::Routes routes_;
  std::mutex mutex_;
  std::condition_variable held_changed_;
  std::vector<std::unique_ptr<http::Exchange>> held_;
};

/// One answer as it came.
struct Reply {
  int status = 0;                                // 0: the connection ended first
  std::map<std::string, std::string> headers{};  // names in lower case
  std::string body{};
};

class RawClient {
 public:
  /// "127.0.0.1:port", or the path of a UNIX socket.
  explicit RawClient(const std::string& address);
  RawClient(RawClient&&) = default;

  RawClient& send(std::string_view bytes);  // what the other side does not take is lost
  RawClient& drip(std::string_view bytes, int gap_ms);
  RawClient& half_close();
  /// The next answer; `to_head` if it has no body in spite of its length.
  Reply read(bool to_head = false, int within_ms = 5'000);
  /// Reads on until `text` has come, and past it; false if it does not come in time.
  bool hears(std::string_view text, int within_ms = 5'000);
  /// What came and was not read yet, with whatever comes within the time.
  std::string overhear(int within_ms);
  /// True if the other side closes within the time, whatever it says before.
  bool is_closed(int within_ms = 5'000);
  [[nodiscard]] int fd() const { return socket_.get(); }

 private:
  bool more(int within_ms);

  http::Fd socket_;
  std::string received_;
};

/// Short patience, so that tests about it are short.
http::DoorSettings quick_settings();

class DoorFixture {
 public:
  explicit DoorFixture(http::DoorSettings settings = quick_settings(), http::DoorHooks hooks = {});
  ~DoorFixture();

  RawClient client() { return RawClient(door->addresses().at(0)); }
  RawClient tls_client() { return RawClient(door->addresses().at(2)); }
  [[nodiscard]] int tls_port() const;
  /// One request on a connection of its own.
  Reply ask(std::string_view request) { return client().send(request).read(); }
  /// Waits until the counter has the value, at most five seconds.
  bool comes_to(const http::Counter& counter, uint64_t value) const;

  std::string folder;  // spool, control socket, cert.pem, key.pem; removed at the end
  SystemClock clock;
  SystemRandom random;
  WorkerPool workers{2, 1'000};
  WillingDispatcher dispatcher{workers};
  std::unique_ptr<http::TlsServer> tls;
  std::unique_ptr<http::Door> door;  // listens in the clear, on the control socket and with TLS, in this order
};

}  // namespace till::test
