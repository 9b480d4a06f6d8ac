// Trials side by side, on all cores: each in processes of its own, so that none meets what another one left in memory.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "crash/cut.h"

namespace till::crash {

struct Report {
  std::vector<std::pair<std::string, int64_t>> counts{};
  std::vector<std::string> faults{};
};

struct Trial {
  std::string name;
  std::function<Report(Share)> run;
};

/// Runs them all and tells of each when all its shares are in, in their order. A process that ends badly is a fault.
void in_processes(const std::vector<Trial>& trials, const std::function<void(const std::string&, const Report&)>& tell);

}  // namespace till::crash
