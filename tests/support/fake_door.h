// A door without sockets: requests go in as values, answers come out as values. Steps that the pipeline wants carried
// to the door's thread wait until the test lets the door turn, as they would in its event loop.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "http/dispatcher.h"

namespace till::test {

/// A request as a test writes it: ask(Method::get, "/things/7").as("cashier").with("if-match", "\"3\"").
struct Ask {
  http::Request request;

  Ask as(std::string_view token) && { return std::move(*this).with("authorization", "Bearer " + std::string(token)); }
  Ask from(std::string_view address) && {
    request.address = address;
    return std::move(*this);
  }
  Ask with(std::string name, std::string value) && {
    request.headers.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
  }
  Ask query(std::string name, std::string value) && {
    request.query.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
  }
  /// A JSON body with its length and type.
  Ask body(std::string json) && {
    request.body = std::move(json);
    request.headers.emplace_back("content-length", std::to_string(request.body.size()));
    return std::move(*this).with("content-type", "application/json");
  }
};

inline Ask ask(http::Method method, std::string path) {
  Ask made;
  made.request.method = method;
  made.request.path = std::move(path);
  made.request.address = "192.0.2.1";
  return made;
}

/// The value of a header line of an answer, "" if it has none.
inline std::string header(const http::Response& response, const std::string& name) {
  const std::string lines = "\r\n" + response.extra_headers;
  const size_t at = lines.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const size_t begin = at + name.size() + 4;
  return lines.substr(begin, lines.find("\r\n", begin) - begin);
}

/// What became of a request.
struct Sent {
  std::unique_ptr<http::Exchange> back;  // not null: the pipeline answered
  http::Answer answer{};
  bool refused_at_head = false;
};

class FakeDoor {
 public:
  explicit FakeDoor(http::Dispatcher& dispatcher) : dispatcher_(dispatcher) {}

  /// Head and, if it is let in, body.
  std::shared_ptr<Sent> send(Ask asked) {
    auto sent = std::make_shared<Sent>();
    auto exchange = std::make_unique<http::Exchange>();
    exchange->request = std::move(asked.request);
    exchange->reply = [sent](std::unique_ptr<http::Exchange> back, http::Answer answer) {
      sent->back = std::move(back);
      sent->answer = std::move(answer);
    };
    if (auto refusal = dispatcher_.head(*exchange)) {
      sent->answer = std::move(*refusal);
      exchange->reply = {};  // it holds `sent`, which is about to hold it
      sent->back = std::move(exchange);
      sent->refused_at_head = true;
    } else {
      dispatcher_.handle(std::move(exchange));
    }
    return sent;
  }

  /// Runs what was carried to the door's thread; null while the pipeline has not answered.
  static const http::Response* turn(Sent& sent) {
    if (!sent.back) return nullptr;
    if (auto* step = std::get_if<http::LastStep>(&sent.answer)) sent.answer = (*step)(*sent.back);
    return std::get_if<http::Response>(&sent.answer);
  }

 private:
  http::Dispatcher& dispatcher_;
};

}  // namespace till::test
