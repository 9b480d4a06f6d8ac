#include "runtime/operator_client.h"

#include <httplib.h>
#include <sys/socket.h>

#include <condition_variable>
#include <deque>
#include <mutex>

#include "base/file.h"
#include "runtime/host.h"

namespace till::runtime {
namespace {

constexpr int kBackup_s = 600;  // that of a large file takes its time
constexpr int kQuestion_s = 3;

class Remote final : public OperatorClient {
 public:
  Remote(const std::string& folder, int patience_s) : socket_(folder + "/" + kControlSocket), patience_s_(patience_s) {}

  Result<Answer> ask(http::Method method, const std::string& target, const std::string& body,
                     const std::string& content_type) override {
    httplib::Client client(socket_);
    client.set_address_family(AF_UNIX);
    client.set_read_timeout(patience_s_);
    httplib::Request request;
    request.method = to_string(method);
    request.path = target;
    request.headers.emplace("Host", "localhost");
    if (!body.empty()) {
      request.body = body;
      request.headers.emplace("Content-Type", content_type);
    }
    auto result = client.send(request);
    if (!result)
      return Error{.code = Code::offline,
                   .message = socket_ + ": it does not answer: " + httplib::to_string(result.error())};
    return Answer{result->status, result->body};
  }

 private:
  const std::string socket_;
  const int patience_s_;
};

// The pipeline in this process: this thread plays the door's and runs the last steps that other threads send home.
class InProcess final : public OperatorClient {
 public:
  explicit InProcess(std::unique_ptr<Host> host) : host_(std::move(host)) {}

  Result<Answer> ask(http::Method method, const std::string& target, const std::string& body,
                     const std::string& content_type) override {
    auto exchange = std::make_unique<http::Exchange>();
    http::Request& request = exchange->request;
    request.method = method;
    const size_t mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark != std::string::npos) {
      httplib::Params params;
      httplib::detail::parse_query_text(target.substr(mark + 1), params);
      request.query.assign(params.begin(), params.end());
    }
    request.headers = {{"host", "localhost"}};
    if (!body.empty()) request.headers.emplace_back("content-type", content_type);
    request.address = "local";
    exchange->started_us = host_->clock().monotonic_us();
    exchange->reply = [this](std::unique_ptr<http::Exchange> done, http::Answer answer) {
      std::lock_guard lock(mutex_);
      home_.emplace(std::move(done), std::move(answer));
      arrived_.notify_one();
    };
    if (auto refusal = host_->pipeline().head(*exchange)) return Answer{refusal->status, refusal->body};
    if (exchange->route->upload.empty()) {
      request.body = body;
    } else {
      request.body_file = host_->data().file(kSpool) + "/upload-command-line";
      TILL_CHECK(write_file(request.body_file, body, 0600));
    }
    host_->pipeline().handle(std::move(exchange));
    return wait();
  }

 private:
  Answer wait() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return home_.has_value(); });
    auto [exchange, answer] = std::move(*home_);
    home_.reset();
    lock.unlock();
    http::Response response;
    if (auto* step = std::get_if<http::LastStep>(&answer)) {
      response = (*step)(*exchange);
    } else {
      response = std::move(std::get<http::Response>(answer));
    }
    return {response.status, std::move(response.body)};
  }

  std::unique_ptr<Host> host_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::optional<std::pair<std::unique_ptr<http::Exchange>, http::Answer>> home_;
};

}  // namespace

Result<std::unique_ptr<OperatorClient>> OperatorClient::reach(const Entrance& entrance, bool make) {
  auto host = entrance.open(make);
  if (host) return std::unique_ptr<OperatorClient>(new InProcess(std::move(*host)));
  if (host.error().code != Code::busy) return std::move(host).error();
  return std::unique_ptr<OperatorClient>(new Remote(entrance.folder, kBackup_s));
}

std::unique_ptr<OperatorClient> OperatorClient::to_running(const std::string& folder) {
  return std::make_unique<Remote>(folder, kQuestion_s);
}

}  // namespace till::runtime
