// Between the door (bytes, sockets, time) and the pipeline (routes, rights, lanes). The door calls head() as soon as a
// request's head is complete and handle() when its body is whole; the pipeline answers exactly once through `reply`,
// from any thread. http/pipeline.h implements it over the route table; tests put fakes behind the door.
#pragma once

#include <memory>

#include "http/route.h"

namespace till::http {

/// One request on its way. Made by the door, owned by whoever works on it.
struct Exchange {
  Request request;
  const Route* route = nullptr;  // set by head()
  int64_t started_us = 0;        // monotonic, when the first byte came
  /// Sends the answer and ends the exchange. Any thread; once.
  Task<void(std::unique_ptr<Exchange>, Response)> reply;
};

class Dispatcher {
 public:
  virtual ~Dispatcher() = default;

  /// The head is complete (method, path, query, headers, address): route, authentication, role and rate limit are
  /// decided here, before a byte of the body is read. A Response is the refusal: the door sends it and closes. Null:
  /// go on; exchange.route says how large a body may be and whether it is spooled. Door's thread.
  virtual std::unique_ptr<Response> head(Exchange& exchange) = 0;

  /// The request is whole. Answers through exchange->reply, now or later. Door's thread.
  virtual void handle(std::unique_ptr<Exchange> exchange) = 0;

  /// A refusal by the door itself (400, 408, 411, 413, 414, 415, 431, 503 …) as a problem document, so that there is
  /// one place that makes them.
  virtual Response refuse(int status, std::string_view code, std::string_view detail, const Request* request) = 0;
};

}  // namespace till::http
