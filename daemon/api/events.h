// The route of the live events.
#pragma once

#include "http/event_streams.h"
#include "http/route.h"

namespace till::api {

http::Routes event_routes(http::EventStreams& streams);

}  // namespace till::api
