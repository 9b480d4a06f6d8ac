// The life of a request (http/pipeline.h).
#include "http/pipeline.h"

#include <exception>

#include "http/conditional.h"
#include "http/once.h"
#include "http/problem.h"
#include "http/route_check.h"
#include "http/trace.h"

namespace till::http {
namespace {

/// An exchange seen from two sides: from the task that was queued, and from the one who queues it and gets it back
/// where the queue is full. Only one of them ever takes it.
using Shared = std::shared_ptr<std::unique_ptr<Exchange>>;

Shared share(std::unique_ptr<Exchange> exchange) {
  return std::make_shared<std::unique_ptr<Exchange>>(std::move(exchange));
}

/// Whatever a handler throws becomes an internal Error; its text goes to the log and nowhere else.
template <class Call>
auto guarded(Call&& call) -> decltype(call()) {
  try {
    return call();
  } catch (const std::exception& bug) {
    return Error{Code::internal, std::string("exception: ") + bug.what(), "exception"};
  } catch (...) {
    return Error{Code::internal, "exception of an unknown kind", "exception"};
  }
}

Error busy(std::string_view why) { return {Code::busy, std::string(why), {}, {}, {}, 0, 1}; }

bool is_media_type(std::string_view header, std::string_view wanted) {
  const std::string_view type = header.substr(0, header.find(';'));
  return type.substr(0, type.find_last_not_of(' ') + 1) == wanted;
}

/// JSON is UTF-8 (RFC 8259 §8.1), so a charset may only say so.
bool is_json(std::string_view header) {
  if (!is_media_type(header, "application/json")) return false;
  const size_t semicolon = header.find(';');
  if (semicolon == std::string_view::npos) return true;
  std::string_view parameter = header.substr(semicolon + 1);
  parameter.remove_prefix(std::min(parameter.size(), parameter.find_first_not_of(' ')));
  return parameter == "charset=utf-8" || parameter == "charset=UTF-8" || parameter == "charset=\"utf-8\"";
}

bool takes_body(const Route& route, const Request& request) {
  const std::string* length = request.header("content-length");
  if (!length || *length == "0") return true;
  const std::string* type = request.header("content-type");
  if (!type) return false;
  return route.upload.empty() ? is_json(*type) : is_media_type(*type, route.upload);
}

std::string_view status_member(const Exchange& exchange) {
  return exchange.route ? exchange.route->problem_status_member : std::string_view();
}

}  // namespace

Result<std::unique_ptr<Pipeline>> Pipeline::create(Routes routes, Ports ports, PipelineSettings settings) {
  std::unique_ptr<Pipeline> made(new Pipeline(std::move(ports), std::move(settings)));
  made->routes_ = std::move(routes);
  for (Route& own : own_routes(made->site_, made->routes_, made->ports_.metrics))
    made->routes_.push_back(std::move(own));
  TILL_CHECK(check_routes(made->routes_));
  TILL_TRY(made->router_, Router::build(made->routes_));
  made->logbook_.open(made->routes_);
  return made;
}

Pipeline::Pipeline(Ports ports, PipelineSettings settings)
    : ports_(std::move(ports)),
      cors_(std::move(settings.cors_origins)),
      gate_(ports_.authenticator, ports_.clock, ports_.random, std::move(settings.gate)),
      site_(std::move(settings.site)),
      logbook_(ports_.clock, ports_.metrics) {}

std::unique_ptr<Response> Pipeline::head(Exchange& exchange) {
  Request& request = exchange.request;
  identify(request, ports_.ids);
  const Router::Match match = router_.find(request.method, request.path, request.params);
  exchange.route = match.route;
  if (!match.route) return unrouted(exchange, match);
  exchange.answer_headers = cors_.headers(request);
  if (Status admitted = gate_.admit(exchange); !admitted.ok()) {
    return std::make_unique<Response>(finish(exchange, std::move(admitted).error()));
  }
  request.caller.trace = trace_bytes(request.traceparent);  // now, for the gate made the caller anew
  if (takes_body(*match.route, request)) return nullptr;
  const std::string_view wanted = match.route->upload.empty() ? "application/json" : match.route->upload;
  return std::make_unique<Response>(
      refuse(415, "unsupported_media_type", "the body must be " + std::string(wanted), &exchange));
}

/// No such path, no such method on it, or OPTIONS, which the trie alone can answer.
std::unique_ptr<Response> Pipeline::unrouted(Exchange& exchange, const Router::Match& match) {
  const Request& request = exchange.request;
  if (!match.allowed) {
    return std::make_unique<Response>(finish(exchange, Error{Code::not_found, "there is no such path", "no_route"}));
  }
  const std::string allow = allow_header(match.allowed);
  Response response;
  if (request.method == Method::options) {
    response.status = 204;
    exchange.answer_headers = cors_.headers(request, allow);
  } else {
    response = refusal(405, "method_not_allowed", "this path takes " + allow, request.request_id);
  }
  response.add("Allow", allow);
  return std::make_unique<Response>(finish(exchange, std::move(response)));
}

void Pipeline::handle(std::unique_ptr<Exchange> exchange) {
  Request& request = exchange->request;
  if (request.once) hash_body(*request.once, request.body);
  if (exchange->route->lane != Lane::slow) return run(std::move(exchange), Place::door);
  Shared shared = share(std::move(exchange));
  if (ports_.slow([this, shared] { run(std::move(*shared), Place::elsewhere); })) return;
  conclude(std::move(*shared), busy("too much slow work at once, try again"), Place::door);
}

void Pipeline::run(std::unique_ptr<Exchange> exchange, Place place) {
  Result<Outcome> outcome = guarded([&] { return exchange->route->handler(exchange->request); });
  if (!outcome.ok()) return conclude(std::move(exchange), std::move(outcome).error(), place);
  if (auto* response = std::get_if<Response>(&*outcome)) {
    return conclude(std::move(exchange), std::move(*response), place);
  }
  write(std::move(exchange), std::move(std::get<Work>(*outcome)), place);
}

void Pipeline::write(std::unique_ptr<Exchange> exchange, Work work, Place place) {
  const Request& request = exchange->request;
  if (request.once && exchange->route->once != Once::by_effect) {
    work = remember(ports_.once, *request.once, std::move(work));
  }
  Shared shared = share(std::move(exchange));
  const bool queued = ports_.writer.submit(
      [work = std::move(work)]() mutable { return guarded([&] { return work(); }); },
      [this, shared](Result<Finish> done) {
        answer(std::move(*shared), LastStep([this, done = std::move(done)](Exchange& back) mutable {
                 if (!done.ok()) return finish(back, std::move(done).error());
                 return finish(back, guarded([&] { return (*done)(); }));
               }));
      });
  if (!queued) conclude(std::move(*shared), busy("too many changes at once, try again"), place);
}

void Pipeline::conclude(std::unique_ptr<Exchange> exchange, Result<Response> result, Place place) {
  if (place == Place::door) {
    Response response = finish(*exchange, std::move(result));
    return answer(std::move(exchange), std::move(response));
  }
  answer(std::move(exchange), LastStep([this, result = std::move(result)](Exchange& back) mutable {
           return finish(back, std::move(result));
         }));
}

/// Every answer passes here, on the door's thread, once.
Response Pipeline::finish(Exchange& exchange, Result<Response> result) {
  if (!result.ok()) logbook_.failed(exchange, result.error());
  Response response =
      result.ok() ? std::move(*result) : problem(result.error(), exchange.request.request_id, status_member(exchange));
  dress(exchange, response);
  logbook_.answered(exchange, response);
  return response;
}

void Pipeline::dress(const Exchange& exchange, Response& response) const {
  const Request& request = exchange.request;
  if (response.version) {
    response.add("ETag", etag(*response.version));
    const bool reading = request.method == Method::get || request.method == Method::head;
    const std::string* known = request.header("if-none-match");
    if (reading && known && !response.live && response.status == 200 && names_version(*known, *response.version)) {
      response.status = 304;
      response.body.clear();
    }
  }
  if (response.extra_headers.find("Cache-Control:") == std::string::npos) {
    response.add("Cache-Control", response.version ? "private, no-cache" : "no-store");
  }
  response.add("X-Request-Id", request.request_id);
  response.add("traceparent", request.traceparent);
  response.extra_headers += exchange.answer_headers;
}

Response Pipeline::refuse(int status, std::string_view code, std::string_view detail, Exchange* known) {
  Exchange blank;
  blank.started_us = ports_.clock.monotonic_us();
  Exchange& exchange = known ? *known : blank;
  if (exchange.request.request_id.empty()) identify(exchange.request, ports_.ids);
  return finish(exchange, refusal(status, code, detail, exchange.request.request_id, status_member(exchange)));
}

}  // namespace till::http
