// The API as a Postman collection (format v2.1), made from the route table: a folder for each resource, in the order of
// the table, with bodies made from the schemas. It is a program, too: played from top to bottom against a new shop (by
// Postman or newman) each request gets what it needs from the answers before it, and asserts its status. So log-in
// comes first and what takes things away comes last, in reverse. Pure; called by http/own_routes.h on the slow lane.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/route.h"

namespace till::http {

/// What the schema cannot know of one request. Bodies may name variables: a row that an answer showed is kept as
/// {{product_id}}, {{product_version}} and so on, its lists by their first item ({{order_line_id}}).
struct Sample {
  std::string_view route;   // its name
  std::string_view body{};  // JSON; empty: made from the schema
  std::string_view row{};   // prefix of the variables of the row it shows and of those it is about; empty: by the tag
  std::vector<std::pair<std::string_view, std::string_view>> first{};  // asked before, in the caller's name: routes
                                                                       // without parameters, bodies; rows are kept
  int status = 0;                                                      // 0: the route's success
  bool shown = false;                                                  // its answer is kept though it makes no row
  int place = 0;                          // below 0: with the log-in; above: at the end, where DELETE is 5
  std::string_view token{};               // variable of the bearer token, if not {{token}}
  std::vector<std::string_view> lines{};  // JavaScript of the test, after the assertion
};
using Samples = std::vector<Sample>;

/// JSON. Its variables base, email, password and new_password are the player's to set.
std::string postman_collection(const Routes& routes, std::string_view title, const Samples& samples);

}  // namespace till::http
