#include "crash/processes.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <sstream>
#include <thread>

#include "base/result.h"

namespace till::crash {
namespace {

constexpr size_t kParts = 2;  // of each trial: the machine that runs them has as many cores at least

/// A process at work; what it says comes through the pipe.
struct Worker {
  pid_t pid = -1;
  int pipe = -1;
  size_t trial = 0;
};

// One line a count ("images 12"), then one line a fault ("! …").
std::string written(const Report& report) {
  std::ostringstream text;
  for (const auto& [what, count] : report.counts) text << count << " " << what << "\n";
  for (std::string fault : report.faults) {
    std::replace(fault.begin(), fault.end(), '\n', ' ');
    text << "! " << fault << "\n";
  }
  return text.str();
}

void add(Report& report, const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("! ")) {
      report.faults.push_back(line.substr(2));
      continue;
    }
    const size_t space = line.find(' ');
    const std::string what = line.substr(space + 1);
    const int64_t count = std::stoll(line.substr(0, space));
    const auto known = std::find_if(report.counts.begin(), report.counts.end(),
                                    [&what](const auto& entry) { return entry.first == what; });
    if (known != report.counts.end())
      known->second += count;
    else
      report.counts.emplace_back(what, count);
  }
}

Worker start(const Trial& trial, size_t index, Share share) {
  int ends[2];
  TILL_ASSERT(::pipe(ends) == 0);
  std::fflush(stdout);
  const pid_t pid = ::fork();
  TILL_ASSERT(pid >= 0);
  if (pid > 0) {
    ::close(ends[1]);
    return {pid, ends[0], index};
  }
  ::close(ends[0]);
  // The product logs each damage it meets: here that is a hundred thousand times.
  TILL_ASSERT(std::getenv("TILL_CRASH_LOG") || std::freopen("/dev/null", "w", stderr));
  std::string text;
  try {
    text = written(trial.run(share));
  } catch (const std::exception& why) {  // story.h, must()
    text = written({.faults = {std::string("uncut: ") + why.what()}});
  }
  const bool said = ::write(ends[1], text.data(), text.size()) == std::ssize(text);
  ::_exit(said ? 0 : 1);
}

std::string finish(const Worker& worker) {
  std::string text;
  char piece[4096];
  for (ssize_t got = 0; (got = ::read(worker.pipe, piece, sizeof piece)) > 0;)
    text.append(piece, static_cast<size_t>(got));
  ::close(worker.pipe);
  int status = 0;
  ::waitpid(worker.pid, &status, 0);
  return status == 0 ? text : text + "! a process ended badly; TILL_CRASH_LOG=1 shows what it said\n";
}

}  // namespace

void in_processes(const std::vector<Trial>& trials,
                  const std::function<void(const std::string&, const Report&)>& tell) {
  std::deque<Worker> working;
  std::vector<Report> reports(trials.size());
  std::vector<size_t> missing(trials.size(), kParts);
  const auto collect = [&] {
    const Worker first = working.front();
    working.pop_front();
    add(reports[first.trial], finish(first));
    if (--missing[first.trial] == 0) tell(trials[first.trial].name, reports[first.trial]);
  };
  for (size_t i = 0; i < trials.size(); ++i) {
    for (size_t part = 0; part < kParts; ++part) {
      if (working.size() >= std::max<size_t>(kParts, std::thread::hardware_concurrency())) collect();
      working.push_back(start(trials[i], i, {part, kParts}));
    }
  }
  while (!working.empty()) collect();
}

}  // namespace till::crash
