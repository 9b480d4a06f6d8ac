// The route of the running settings.
#pragma once

#include "base/config.h"
#include "http/route.h"

namespace till::api {

/// `config` must outlive the routes.
http::Routes config_routes(const Config& config);

}  // namespace till::api
