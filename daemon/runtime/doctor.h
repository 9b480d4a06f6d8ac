// What a program's `doctor` looks at that every program has, and how it says what it finds: a line each, and what to do
// about what is wrong. Reads only. On the main thread.
#pragma once

#include "runtime/program.h"
#include "sqlite/migrate.h"

namespace till::runtime {

class Findings {
 public:
  void fine(const std::string& what);
  void wrong(const std::string& what, const std::string& advice);
  /// `what` if the status is ok, its error and the advice if not.
  void check(const Status& status, const std::string& what, const std::string& advice);
  [[nodiscard]] bool any_wrong() const { return any_; }

 private:
  bool any_ = false;
};

/// That it shows a time at which this program can run.
void check_clock(Findings& findings);
/// That nobody else may read it and that there is room. `maker`: the verb that makes it.
void check_folder(const std::string& path, const std::string& maker, Findings& findings);
/// That it is ours, known and whole. `maker` as above; `cure`: what helps against a damaged one.
void check_database(const std::string& path, const std::vector<sqlite::Migration>& migrations, const std::string& maker,
                    const std::string& cure, Findings& findings);

}  // namespace till::runtime
