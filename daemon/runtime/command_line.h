// The command line that our programs share: where settings come from (flags beat environment beat file), the verbs that
// every program has, and the exit codes 0 fine, 1 failed, 2 usage. Each main.cpp builds one, adds what is its own, and
// runs it. The only place, with those mains, that knows CLI11.
#pragma once

#include <CLI/CLI.hpp>

#include "base/config.h"
#include "runtime/verbs.h"

namespace till::runtime {

struct About {
  Program program;
  std::string purpose;      // one line of --help
  std::string environment;  // "TILLD_": http.listen is TILLD_HTTP_LISTEN
  std::string config_file;  // read if it is there and --config says nothing
  const Settings& settings;
  std::string default_config;                            // what `config` prints
  std::function<void(const Config&)> prepare = nullptr;  // what else the process is told before any thread, or none
};

class CommandLine {
 public:
  using Verb = std::function<int(const Config&)>;
  /// How a verb with these settings reaches the program.
  using Way = std::function<Result<Entrance>(const Config&)>;
  enum class Kind { verb, daemon };  // only a daemon logs what goes well: a verb has its own words

  explicit CommandLine(About about);

  [[nodiscard]] CLI::App& app() { return app_; }
  /// A flag that gives a setting.
  void add_setting(CLI::App& to, const std::string& flag, const std::string& key, const std::string& help);
  /// A verb that is called with the settings in force, once they hold.
  CLI::App* add_verb(CLI::App& to, const std::string& name, const std::string& help, Verb verb, Kind kind = Kind::verb);
  /// user add|passwd|list, backup, openapi, config.
  void add_common_verbs(const Way& way);
  /// Parses, runs the verb that was asked for, gives the exit code.
  int run(int argc, char** argv);

 private:
  void add_user_verbs(const Way& way);
  Result<Config> read_config() const;
  void prepare(const Config& config, Kind kind) const;

  const About about_;
  CLI::App app_;
  std::string config_file_;
  std::vector<std::pair<std::string, std::string>> flags_;
  NewUser user_;  // what the verb's own flags say
  std::string file_;
  bool password_stdin_ = false;
  int code_ = 0;
};

}  // namespace till::runtime
