// The life of a request between the door and the shop: ids, route, gate, lane, answer. Implements Dispatcher over the
// route table; built once by main(), told what the shop is through ports. head(), handle(), refuse() and every finish
// run on the door's thread; a slow handler runs on the executor's, work on the writer's.
// One of the three places that catch: an exception of a handler is a bug, logged with its text, answered without.
#pragma once

#include <memory>

#include "base/random.h"
#include "http/cors.h"
#include "http/gate.h"
#include "http/logbook.h"
#include "http/own_routes.h"
#include "http/router.h"

namespace till::http {

/// Runs a task on the worker pool, now or later, once; false: the pool is full, and it will not run.
using Executor = std::function<bool(Task<void()>)>;

/// What the pipeline stands on. All of it outlives the pipeline, and the executor and the writer are stopped before it
/// is destroyed.
struct Ports {
  Clock& clock;
  Random& random;
  IdSource& ids;
  Authenticator& authenticator;
  WriteLane& writer;  // submit() is called on the door's thread and on those of the executor
  OnceStore& once;
  Registry& metrics;
  Executor slow;
};

struct PipelineSettings {
  GateSettings gate{};
  std::vector<std::string> cors_origins{};
  Site site{};
};

class Pipeline final : public Dispatcher {
 public:
  /// Takes the shop's routes and adds its own (http/own_routes.h). An Error names the route that does not fit.
  static Result<std::unique_ptr<Pipeline>> create(Routes routes, Ports ports, PipelineSettings settings);

  std::unique_ptr<Response> head(Exchange& exchange) override;
  void handle(std::unique_ptr<Exchange> exchange) override;
  Response refuse(int status, std::string_view code, std::string_view detail, Exchange* known) override;

  [[nodiscard]] const Routes& routes() const { return routes_; }
  [[nodiscard]] const Logbook& logbook() const { return logbook_; }

 private:
  /// Where a piece of the way runs: at the door the answer is made at once, elsewhere it is carried there.
  enum class Place : uint8_t { door, elsewhere };

  Pipeline(Ports ports, PipelineSettings settings);

  std::unique_ptr<Response> unrouted(Exchange& exchange, const Router::Match& match);
  void run(std::unique_ptr<Exchange> exchange, Place place);
  void write(std::unique_ptr<Exchange> exchange, Work work, Place place);
  void conclude(std::unique_ptr<Exchange> exchange, Result<Response> result, Place place);
  Response finish(Exchange& exchange, Result<Response> result);
  void dress(const Exchange& exchange, Response& response) const;

  Ports ports_;
  Cors cors_;
  Gate gate_;
  Site site_;
  Routes routes_;
  Router router_;
  Logbook logbook_;
};

}  // namespace till::http
