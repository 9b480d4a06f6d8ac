// The OpenAPI 3.1 document of a route table (D6). Pure: the same table gives the same text, so that a golden file can
// hold it. Called by http/own_routes.h on the slow lane, and by tests.
#pragma once

#include <string>
#include <string_view>

#include "http/route.h"

namespace till::http {

/// JSON. Operations are tagged by the first part of their name ("products.get": products) and carry x-role, x-lane
/// and, where they hold, x-own-rows, x-open-to-restricted and x-max-bytes (of the body).
/// Only components that an operation refers to are written. The dialects' routes are left out: there are no schemas of
/// their bodies.
std::string openapi_document(const Routes& routes, std::string_view title, std::string_view version);

/// "products" of "products.get".
std::string_view tag_of(const Route& route);
std::string_view to_string(Lane lane);

/// What a well-known query parameter means ("limit", "cursor" …); one sentence for any.
std::string_view query_help(std::string_view name);

}  // namespace till::http
