// Between the door (bytes, sockets, time) and the pipeline (routes, rights, lanes). The door calls head() as soon as a
// request's head is complete and handle() when its body is whole; the pipeline answers exactly once, from any thread.
// http/pipeline.h implements it over the route table; tests put fakes behind the door.
// How the door writes a Response: status line, Content-Type (if there is a body), Content-Length, extra_headers. For
// HEAD it counts the body and leaves it out; 204 and 304 have neither body nor length; a stream ends with its
// connection (RFC 9112 §6.3).
#pragma once

#include <memory>
#include <variant>

#include "http/route.h"

namespace till::http {

struct Exchange;

/// The end of a request that was worked on elsewhere: runs on the door's thread and makes the answer.
using LastStep = Task<Response(Exchange&)>;
/// An answer that is ready, or the step that makes it. The first is the cheap path of the read lane.
using Answer = std::variant<Response, LastStep>;

/// One request on its way. Made by the door, owned by whoever works on it.
struct Exchange {
  Request request;
  const Route* route = nullptr;  // set by head()
  int64_t started_us = 0;        // monotonic, when the first byte came
  std::string answer_headers{};  // whole lines that head() wants on the answer; handle() puts them there
  /// Ends the exchange: the door sends the Response, or carries the LastStep to its own thread, runs it there and
  /// sends what it returns. Any thread; once. Called by answer() below.
  Task<void(std::unique_ptr<Exchange>, Answer)> reply;
};

/// Gives the exchange back to its door. `reply` leaves the exchange first, for it is called with it.
inline void answer(std::unique_ptr<Exchange> exchange, Answer with) {
  auto reply = std::move(exchange->reply);
  reply(std::move(exchange), std::move(with));
}

class Dispatcher {
 public:
  virtual ~Dispatcher() = default;

  /// The head is complete (method, path, query, headers, address): route, authentication, role and rate limit are
  /// decided here, before a byte of the body is read. A Response ends the exchange: the door sends it, and closes if
  /// the head announced a body (nobody will read it); otherwise the connection lives on. Null: go on; exchange.route
  /// says how large a body may be and whether it is spooled. Door's thread.
  virtual std::unique_ptr<Response> head(Exchange& exchange) = 0;

  /// The request is whole. Answers through answer(), now or later. Door's thread.
  virtual void handle(std::unique_ptr<Exchange> exchange) = 0;

  /// A refusal by the door itself (400, 408, 411, 413, 414, 415, 431, 503 …) as a problem document, so that there is
  /// one place that makes them. `known` is what there is of the exchange, or null. Door's thread.
  virtual Response refuse(int status, std::string_view code, std::string_view detail, Exchange* known) = 0;
};

}  // namespace till::http
