// What a program's `doctor` looks at that every program has: each check names what it found and what to do about it.
// Reads only, but for a port it listens on for a moment and a folder's lock that it holds as long. On the main thread.
// Files and clock are looked at in doctor.cpp, secrets in doctor_secrets.cpp, the process in doctor_process.cpp.
#pragma once

#include <sys/types.h>

#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/config.h"
#include "runtime/operator_client.h"
#include "sqlite/migrate.h"

namespace till::runtime {

enum class Grade : uint8_t { fine, note, wrong };

struct Finding {
  Grade grade;
  std::string what;
  std::string advice{};  // none for what is fine
};

class Findings {
 public:
  void fine(std::string what) { all_.push_back({Grade::fine, std::move(what)}); }
  /// Worth knowing, but nothing is broken.
  void note(std::string what, std::string advice) { all_.push_back({Grade::note, std::move(what), std::move(advice)}); }
  void wrong(std::string what, std::string advice) {
    all_.push_back({Grade::wrong, std::move(what), std::move(advice)});
  }
  /// `what` if the status is ok, its error and the advice if not.
  void check(const Status& status, const std::string& what, const std::string& advice);

  [[nodiscard]] const std::vector<Finding>& all() const { return all_; }
  [[nodiscard]] bool any_wrong() const;
  /// The worst last, where a terminal stands still; among equals in the order in which they were found.
  void print() const;

 private:
  std::vector<Finding> all_;
};

/// That it shows a time at which this program can run, and none before the last write to `written`, a file.
void check_clock(Clock& clock, const std::string& written, Findings& findings);
/// That it is private, one user's in all that it holds, and can be written; that there is room, with the reserve.
/// `maker`: the verb that makes it.
void check_folder(const std::string& path, int64_t reserve_bytes, const std::string& maker, Findings& findings);
/// That it is ours, known and whole. `maker` as above; `cure`: what helps against a damaged one; `at_rest`: no process
/// has it open. True if it is.
bool check_database(const std::string& path, const std::vector<sqlite::Migration>& migrations, const std::string& maker,
                    const std::string& cure, bool at_rest, Findings& findings);
/// Files beside a database that somebody has to look at some day: damaged ones, those that a restore replaced.
void check_leftovers(const std::string& database, Findings& findings);

/// That keys and passwords are this user's alone and whole.
void check_secrets(const std::string& folder, Findings& findings);
/// That the device's certificate can be shown to a till: its days, its key. Where there is none yet, nothing.
void check_certificate(const std::string& folder, Clock& clock, Random& random, Findings& findings);

/// Who works in a folder.
struct Occupant {
  bool there = false;
  std::unique_ptr<OperatorClient> line{};  // null: nobody answers on the control socket
  pid_t pid = 0;                           // of him who answers
};
Occupant find_occupant(const std::string& folder);
/// That it answers, and can write.
void check_occupant(const Occupant& occupant, const Program& program, const std::string& folder, Findings& findings);
/// That nobody else has the addresses of http.listen. For a program that does not run.
void check_addresses(const Config& config, Findings& findings);
/// That the running program may open as many files as it may have connections, and is watched.
void check_limits(const Occupant& occupant, const Config& config, const Program& program, Findings& findings);

}  // namespace till::runtime
