// Headquarters' API, in the node's manner and on the node's paths: each line of a table is one route (D6). Handlers
// parse, call one function of the hub and shape the answer.
#pragma once

#include "access/routes.h"
#include "http/handler.h"
#include "sqlite/reader.h"
#include "sqlite/writer.h"
#include "sync/hub/applier.h"
#include "sync/hub/catalogue.h"

namespace till::hub::api {

using access::route;
using access::slice_of;
using domain::Role;
using http::Lane;
using http::Method;
using http::Once;
using http::Request;
using http::Response;
using http::Routes;
using HandlerResult = Result<http::Outcome>;

/// What the routes work with; it outlives them.
struct Office {
  Clock& clock;
  IdSource& ids;
  const Applier& applier;
  const Catalogue& catalogue;
  sqlite::Writer& writer;
  sqlite::Readers& readers;
  int64_t backup_alarm_days = 0;
  std::function<bool()> connected;  // to the broker

  /// The calling thread's connection, with a snapshot that holds every commit so far.
  [[nodiscard]] Result<sqlite::Connection*> read() const { return readers.fresh(); }
};

using Handle = HandlerResult (*)(const Office& office, const Request& request);
inline http::Handler with(const Office& office, Handle handle) {
  return [&office, handle](Request& request) { return handle(office, request); };
}

/// A write: change(db) on the writer's thread gives what shape(result) answers with after the commit.
template <class F, class G>
http::Work work(const Office& office, F change, G shape) {
  return [&office, change = std::move(change), shape = std::move(shape)]() mutable -> Result<http::Finish> {
    auto made = change(office.writer.connection());
    if (!made) return std::move(made).error();
    return http::Finish(
        [made = std::move(made), shape = std::move(shape)]() -> Result<Response> { return shape(*made); });
  };
}

Routes catalogue_routes(const Office& office);
Routes order_routes(const Office& office);
Routes node_routes(const Office& office);
Routes conflict_routes(const Office& office);
Routes quarantine_routes(const Office& office);
Routes status_routes(const Office& office);

/// All of them, in the order of the documents.
Routes hub_routes(const Office& office);

}  // namespace till::hub::api
