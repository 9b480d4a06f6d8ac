// The routes of the older shop systems that tilld replaces (20-api, Dialects; README.md tells where each feature went):
// two tables of lines, each of which names the canonical route it stands for. Built once at start, behind all other
// routes; a line that names no route, or reaches beyond its role, stops the start.
#pragma once

#include "api/dialects/line.h"

namespace till::dialects {

struct Settings {
  bool classic = true;
  bool v1 = true;
  std::string currency{"EUR"};
  bool test_cards = false;  // payments run in test mode
};

/// The routes of the dialects that are switched on. `canonical`: all other routes; they are copied where they are used.
/// Error: invalid, naming the line that does not fit.
Result<http::Routes> routes(const http::Routes& canonical, const Settings& settings, IdSource& ids);

/// The tables, in the order of the documents.
Lines classic_lines();
Lines v1_lines();

}  // namespace till::dialects
