// What happens in the shop, live (20-api, Live). Who may see which event is the event's own matter.
#include "api/events.h"

#include "api/routes.h"

namespace till::api {

Routes event_routes(http::EventStreams& streams) {
  // clang-format off
  return {
    route(Method::get, "/api/v1/events", Role::customer, Lane::read, "events.stream",
        "What happens, live as server-sent events; customers hear of what is theirs",
        [&streams](Request& request) -> HandlerResult {
          TILL_TRY(Response opened, streams.open(request));
          return opened;
        })
        .reads({"Last-Event-ID"}).gives_text(http::kEventStream),
  };
  // clang-format on
}

}  // namespace till::api
