// Plays histories of sync: `till_sim --seeds 1000 [--first 0] [--faults loss,cut,…]` (sim/world.h).
// One seed is one history, played again by `--first SEED --seeds 1`. Ends with "N passed, N failed".
#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "sim/world.h"

namespace {

using till::sim::Fault;

const std::map<std::string, Fault> kNames{{"loss", Fault::loss},
                                          {"cut", Fault::cut},
                                          {"crash", Fault::crash},
                                          {"hub_down", Fault::hub_down},
                                          {"clone", Fault::clone},
                                          {"restore", Fault::restore},
                                          {"old_copy", Fault::old_copy},
                                          {"new_disk", Fault::new_disk},
                                          {"hub_restore", Fault::hub_restore},
                                          {"hub_rollback", Fault::hub_rollback}};

struct Totals {
  std::mutex mutex;
  int64_t passed = 0, failed = 0, facts = 0, conflicts = 0, forks = 0, put_back = 0;

  void add(const till::sim::Plan& plan, const till::sim::Verdict& verdict) {
    const std::lock_guard lock(mutex);
    ++(verdict.broken.empty() ? passed : failed);
    facts += verdict.facts;
    conflicts += verdict.conflicts;
    forks += verdict.forks;
    put_back += verdict.put_back;
    if (verdict.broken.empty()) return;
    std::printf("seed %llu:", static_cast<unsigned long long>(plan.seed));
    for (const auto& [name, fault] : kNames)
      if (plan.faults.contains(fault)) std::printf(" %s", name.c_str());
    std::printf("\n");
    for (size_t i = 0; i < verdict.broken.size() && i < 4; ++i) std::printf("  %s\n", verdict.broken[i].c_str());
  }
};

}  // namespace

int main(int argc, char** argv) {
  uint64_t seeds = 1000, first = 0;
  std::vector<std::string> names;
  for (const auto& [name, fault] : kNames) names.push_back(name);
  CLI::App app{"plays histories of sync"};
  app.add_option("--seeds", seeds, "how many histories")->capture_default_str();
  app.add_option("--first", first, "the first seed")->capture_default_str();
  app.add_option("--faults", names, "faults to choose from, or none; all if left out")->delimiter(',');
  CLI11_PARSE(app, argc, argv);
  till::log::set_level(till::log::Level::error);
  std::set<Fault> allowed;
  for (const std::string& name : names) {
    const auto found = kNames.find(name);
    if (found == kNames.end() && name != "none") {
      std::fprintf(stderr, "there is no fault '%s'\n", name.c_str());
      return 2;
    }
    if (found != kNames.end()) allowed.insert(found->second);
  }

  Totals totals;
  std::atomic<uint64_t> next{first};
  std::vector<std::thread> players;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i)
    players.emplace_back([&] {
      for (uint64_t seed = next++; seed < first + seeds; seed = next++) {
        const till::sim::Plan plan = till::sim::plan_of(seed, allowed);
        totals.add(plan, till::sim::World(plan).run());
      }
    });
  for (std::thread& player : players) player.join();
  std::printf("%lld facts, %lld clashes journalled, %lld epochs more than nodes, %lld databases put back\n",
              static_cast<long long>(totals.facts), static_cast<long long>(totals.conflicts),
              static_cast<long long>(totals.forks), static_cast<long long>(totals.put_back));
  std::printf("%lld passed, %lld failed\n", static_cast<long long>(totals.passed),
              static_cast<long long>(totals.failed));
  return totals.failed ? 1 : 0;
}
