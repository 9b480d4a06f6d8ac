// The crash machine: plays each scenario once, cuts the power at its places and starts the product from what is left;
// then lets disks lie, and lets each write, sync and allocation of a small day fail.
//
//     test_crash [--images 100000] [--only sale]… [--seed 1]
//     test_crash --only sale --at 1234 --variant 7 --seed 1 --liars 0      one image again
//
// Ends with "N passed, N failed": scenarios and kinds of failures.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>

#include "crash/cut.h"
#include "crash/failures.h"
#include "crash/memory.h"
#include "crash/processes.h"
#include "crash/vfs.h"

namespace till::crash {
namespace {

constexpr int64_t kLyingPart = 10;  // of the images, one in so many is of a disk that lies
// Percent of the syncs. Not all of them: a disk on which nothing ever lasts is as empty as that of a first start.
constexpr std::array<int, 4> kLiars{1, 5, 20, 50};

struct Options {
  int64_t images = 108'000;  // some scenarios have fewer places than their share: a hundred thousand are left
  std::vector<std::string> only{};
  std::optional<size_t> at{};
  Which which{};
};

std::vector<Scenario> scenarios() {
  std::vector<Scenario> all;
  for (auto some : {shop_scenarios(), file_scenarios(), sync_scenarios()})
    std::move(some.begin(), some.end(), std::back_inserter(all));
  return all;
}

Report report_of(const Tally& tally) {
  return {{{"images", tally.images}, {"different", tally.different}, {"found damaged", tally.damaged}}, tally.faults};
}

Trial cuts(const Scenario& scenario, int64_t images, uint64_t seed) {
  return {scenario.name, [=](Share share) {
            Cutter cutter(scenario);
            Report report = report_of(cutter.cut(images, {.seed = seed}, share));
            if (share.part == 0) report.counts.emplace_back("places", static_cast<int64_t>(cutter.places()));
            return report;
          }};
}

// A file that was restored has no seal before its first start: what is lost of it until then may look like a hole.
// Where half of the syncs lie, one image in seven hundred is not found out (daemon/sqlite/README.md).
int most_liars(const std::string& scenario) { return scenario == "restore" ? 20 : 100; }

Trial lies(const Scenario& scenario, int64_t images, uint64_t seed) {
  return {scenario.name + " lied to", [=](Share share) {
            Cutter cutter(scenario);
            Tally all;
            for (const int liars : kLiars)
              if (liars <= most_liars(scenario.name))
                all.add(cutter.cut(images / std::ssize(kLiars),
                                   {.seed = seed + static_cast<uint64_t>(liars), .liars = liars}, share));
            return report_of(all);
          }};
}

Trial failures(const std::string& name, Failing kind, bool lasting) {
  return {name, [=](Share share) {
            const Failures found = fail_each(kind, lasting, share);
            return Report{{{"failures", found.tried}, {"restarts", found.restarts}}, found.faults};
          }};
}

std::vector<Trial> trials(const Options& options) {
  const auto is_wanted = [&only = options.only](const std::string& name) {
    return only.empty() || std::find(only.begin(), only.end(), name) != only.end();
  };
  std::vector<Trial> all;
  const std::vector<Scenario> known = scenarios();
  const auto wanted =
      std::count_if(known.begin(), known.end(), [&](const Scenario& one) { return is_wanted(one.name); });
  const int64_t images = options.images / std::max<int64_t>(1, wanted);
  for (const Scenario& scenario : known) {
    all.push_back(cuts(scenario, images - images / kLyingPart, options.which.seed));
    all.push_back(lies(scenario, images / kLyingPart, options.which.seed));
  }
  all.push_back(failures("full once", Failing::full, false));
  all.push_back(failures("full", Failing::full, true));
  all.push_back(failures("write fails", Failing::write, false));
  all.push_back(failures("sync fails", Failing::sync, false));
  all.push_back(failures("no memory once", Failing::allocation, false));
  all.push_back(failures("no memory", Failing::allocation, true));
  std::erase_if(all, [&](const Trial& trial) { return !is_wanted(trial.name); });
  return all;
}

int try_again(const Options& options) {
  for (const Scenario& scenario : scenarios()) {
    if (options.only.empty() || scenario.name != options.only[0]) continue;
    Which which = options.which;
    which.place = *options.at;
    Cutter cutter(scenario);
    const std::string fault = cutter.check(which);
    std::printf("%s%s\n", cutter.what_led_to(which.place).c_str(), fault.empty() ? "right" : fault.c_str());
    return fault.empty() ? 0 : 1;
  }
  std::fprintf(stderr, "--at wants one scenario, with --only\n");
  return 2;
}

int run(const Options& options) {
  if (options.at) return try_again(options);
  const auto began = std::chrono::steady_clock::now();
  int passed = 0, failed = 0;
  int64_t images = 0, different = 0;
  in_processes(trials(options), [&](const std::string& name, const Report& report) {
    ++(report.faults.empty() ? passed : failed);
    std::printf("%-18s", name.c_str());
    for (const auto& [what, count] : report.counts) {
      std::printf(" %8lld %s", static_cast<long long>(count), what.c_str());
      if (what == "images") images += count;
      if (what == "different") different += count;
    }
    std::printf("\n");
    for (const std::string& fault : report.faults) std::printf("    %s %s\n", name.c_str(), fault.c_str());
    std::fflush(stdout);
  });
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::printf("%lld images, %lld different, %.1f s\n", static_cast<long long>(images),
              static_cast<long long>(different), seconds);
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed > 0 ? 1 : 0;
}

}  // namespace
}  // namespace till::crash

int main(int argc, char** argv) {
  till::crash::Options options;
  CLI::App app{"cuts the power"};
  app.add_option("--images", options.images, "about so many")->capture_default_str();
  app.add_option("--only", options.only, "scenarios, or kinds of failures");
  app.add_option("--seed", options.which.seed, "of what chance decides")->capture_default_str();
  app.add_option("--at", options.at, "operations of the log that were done");
  app.add_option("--variant", options.which.variant, "with --at");
  app.add_option("--liars", options.which.liars, "with --at: percent of the syncs that lie");
  CLI11_PARSE(app, argc, argv);
  till::crash::install_memory();
  till::crash::install_vfs();
  return till::crash::run(options);
}
