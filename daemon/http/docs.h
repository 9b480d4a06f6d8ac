// The API as a page for people: plain HTML from the route table, no script, nothing loaded from elsewhere. Pure; called
// by http/own_routes.h on the slow lane. The `type` of every problem document points into it.
#pragma once

#include <string>
#include <string_view>

#include "http/route.h"

namespace till::http {

/// A whole HTML document; all text in it is escaped.
std::string docs_page(const Routes& routes, std::string_view title, std::string_view version);

}  // namespace till::http
