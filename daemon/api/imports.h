// Products in and out as CSV: import jobs with a result for each row, and the export.
#pragma once

#include "http/route.h"
#include "services/imports.h"

namespace till::api {

http::Routes import_routes(services::Imports& imports);

}  // namespace till::api
