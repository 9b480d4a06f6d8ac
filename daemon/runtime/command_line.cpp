#include "runtime/command_line.h"

#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "base/log.h"

namespace till::runtime {
namespace {

// A verb that asks the program: how to reach it first, then the verb.
template <class F>
CommandLine::Verb asking(const Program& program, const CommandLine::Way& way, F verb) {
  return [program, way, verb](const Config& config) {
    const auto entrance = way(config);
    return entrance ? verb(*entrance) : fail(program, entrance.error());
  };
}

}  // namespace

CommandLine::CommandLine(About about)
    : about_(std::move(about)), app_(about_.program.name + ": " + about_.purpose, about_.program.name) {
  ::mallopt(M_ARENA_MAX, 2);  // an arena per thread would double the memory of a small machine for nothing
  ::umask(077);               // all that is written here is the shop's own business
  app_.set_version_flag("--version", about_.program.version);
  app_.require_subcommand(1);
  app_.fallthrough();
  app_.add_option("--config", config_file_, "settings file; " + about_.config_file + " if there is one");
}

void CommandLine::add_setting(CLI::App& to, const std::string& flag, const std::string& key, const std::string& help) {
  to.add_option_function<std::string>(
      flag, [this, key](const std::string& text) { flags_.emplace_back(key, text); }, help);
}

CLI::App* CommandLine::add_verb(CLI::App& to, const std::string& name, const std::string& help, Verb verb, Kind kind) {
  CLI::App* added = to.add_subcommand(name, help);
  added->callback([this, verb = std::move(verb), kind] {
    const auto config = read_config();
    if (!config) {
      code_ = fail(about_.program, config.error());
      return;
    }
    prepare(*config, kind);
    code_ = verb(*config);
  });
  return added;
}

void CommandLine::add_user_verbs(const Way& way) {
  const auto take_password = [this](CLI::App* verb) {
    verb->add_flag("--password-stdin", password_stdin_, "says that the password comes by standard input")->required();
  };
  auto* user = app_.add_subcommand("user", "Who may log in")->require_subcommand(1);
  auto* add = add_verb(*user, "add", "Adds a user; the password is the first line of standard input",
                       asking(about_.program, way, [this](const Entrance& e) { return user_add(e, user_); }));
  add->add_option("--email", user_.email, "log-in name")->required();
  add->add_option("--role", user_.role, "customer, cashier, inventory_manager, manager or admin")->required();
  add->add_option("--name", user_.name, "as shown; the e-mail address if left out");
  take_password(add);
  auto* passwd =
      add_verb(*user, "passwd", "Gives a user a new password, read from standard input",
               asking(about_.program, way, [this](const Entrance& e) { return user_passwd(e, user_.email); }));
  passwd->add_option("--email", user_.email, "log-in name")->required();
  take_password(passwd);
  add_verb(*user, "list", "Lists the users", asking(about_.program, way, user_list));
}

void CommandLine::add_common_verbs(const Way& way) {
  add_user_verbs(way);
  auto* copy = add_verb(
      app_, "backup", "Writes a whole copy of the database to a new file, also while " + about_.program.name + " runs",
      asking(about_.program, way, [this](const Entrance& e) { return backup(e, file_); }));
  copy->add_option("file", file_, "must not exist yet")->required();
  add_verb(app_, "openapi", "Prints the OpenAPI document", asking(about_.program, way, openapi));
  add_verb(app_, "postman", "Prints the API as a Postman collection", asking(about_.program, way, postman));
  add_verb(app_, "config", "Prints the default settings with their meaning", [this](const Config&) {
    std::fwrite(about_.default_config.data(), 1, about_.default_config.size(), stdout);
    return 0;
  });
}

Result<Config> CommandLine::read_config() const {
  ConfigSources sources;
  sources.file = config_file_;
  if (sources.file.empty() && ::access(about_.config_file.c_str(), R_OK) == 0) sources.file = about_.config_file;
  sources.environment_prefix = about_.environment;
  sources.environment = environ;
  sources.flags = flags_;
  return Config::load(about_.settings, sources);
}

// What the process is told once, before any thread.
void CommandLine::prepare(const Config& config, Kind kind) const {
  const auto level = *log::parse_level(config.text("log.level"));
  log::set_level(kind == Kind::daemon ? level : std::max(level, log::Level::warning));
  if (about_.prepare) about_.prepare(config);
}

int CommandLine::run(int argc, char** argv) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::ParseError& usage) {  // CLI11's way to end a parse, also for --help
    return app_.exit(usage) == 0 ? 0 : 2;
  }
  log::flush();
  return code_;
}

}  // namespace till::runtime
