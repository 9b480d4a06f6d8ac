// tilld: the composition root. Reads the command line and the settings, and calls one verb (cli/verbs.h, cli/serve.h).
// Exit codes: 0 fine, 1 failed, 2 usage.
#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "base/log.h"
#include "cli/serve.h"
#include "cli/settings.h"
#include "cli/verbs.h"

extern char** environ;

namespace {

constexpr const char* kDefaultData = "/var/lib/tilld";
constexpr const char* kDefaultConfig = "/etc/tilld/tilld.json";

struct Options {
  std::string data = kDefaultData;
  std::string config_file;
  std::vector<std::pair<std::string, std::string>> flags;  // settings given on the command line
  std::string file, email;
  till::cli::NewUser user;
  bool password_stdin = false;
};

till::Result<till::Config> read_config(const Options& options) {
  till::ConfigSources sources;
  sources.file = options.config_file;
  if (sources.file.empty() && access(kDefaultConfig, R_OK) == 0) sources.file = kDefaultConfig;
  sources.environment_prefix = "TILLD_";
  sources.environment = environ;
  sources.flags = options.flags;
  return till::Config::load(till::cli::settings_table(), sources);
}

// What the process is told once, before any thread. Only the daemon logs what goes well: a verb has its own words.
void apply_process_settings(const till::Config& config, bool is_daemon) {
  const auto level = *till::log::parse_level(config.text("log.level"));
  till::log::set_level(is_daemon ? level : std::max(level, till::log::Level::warning));
  if (const std::string& zone = config.text("store.timezone"); !zone.empty()) {
    ::setenv("TZ", zone.c_str(), 1);
    ::tzset();
  }
}

// Every verb: settings first, then the verb.
template <class F>
std::function<void()> run(const Options& options, int& code, F verb, bool is_daemon = false) {
  return [&options, &code, verb, is_daemon] {
    auto config = read_config(options);
    if (!config) {
      code = till::cli::fail(config.error());
      return;
    }
    apply_process_settings(*config, is_daemon);
    code = verb(*config);
  };
}

void add_setting(CLI::App& app, Options& options, const std::string& flag, const std::string& key,
                 const std::string& help) {
  app.add_option_function<std::string>(
      flag, [&options, key](const std::string& text) { options.flags.emplace_back(key, text); }, help);
}

void add_file(CLI::App* verb, Options& options, const char* help) {
  verb->add_option("file", options.file, help)->required();
}

void add_user_verbs(CLI::App& app, Options& o, int& code) {
  auto* user = app.add_subcommand("user", "Who may log in")->require_subcommand(1);
  auto* add = user->add_subcommand("add", "Adds a user; the password is the first line of standard input");
  add->add_option("--email", o.user.email, "log-in name")->required();
  add->add_option("--role", o.user.role, "customer, cashier, inventory_manager, manager or admin")->required();
  add->add_option("--name", o.user.name, "as shown; the e-mail address if left out");
  add->add_flag("--password-stdin", o.password_stdin, "says that the password comes by standard input")->required();
  add->callback(run(o, code, [&o](const till::Config& c) { return till::cli::user_add(c, o.data, o.user); }));
  auto* passwd = user->add_subcommand("passwd", "Gives a user a new password, read from standard input");
  passwd->add_option("--email", o.email, "log-in name")->required();
  passwd->add_flag("--password-stdin", o.password_stdin, "says that the password comes by standard input")->required();
  passwd->callback(run(o, code, [&o](const till::Config& c) { return till::cli::user_passwd(c, o.data, o.email); }));
  user->add_subcommand("list", "Lists the users")->callback(run(o, code, [&o](const till::Config& c) {
    return till::cli::user_list(c, o.data);
  }));
}

void add_product_verbs(CLI::App& app, Options& o, int& code) {
  auto* import = app.add_subcommand("import", "Takes rows in from a file")->require_subcommand(1);
  auto* products = import->add_subcommand("products", "Products from a CSV file, with a result for each row");
  add_file(products, o, "CSV with a header line: sku, name, price, …");
  products->callback(
      run(o, code, [&o](const till::Config& c) { return till::cli::import_products(c, o.data, o.file); }));
  auto* give = app.add_subcommand("export", "Gives rows out")->require_subcommand(1);
  give->add_subcommand("products", "All products as CSV on standard output")
      ->callback(run(o, code, [&o](const till::Config& c) { return till::cli::export_products(c, o.data); }));
}

void add_file_verbs(CLI::App& app, Options& o, int& code) {
  auto* backup =
      app.add_subcommand("backup", "Writes a whole copy of the database to a new file, also while tilld runs");
  add_file(backup, o, "must not exist yet");
  backup->callback(run(o, code, [&o](const till::Config& c) { return till::cli::backup(c, o.data, o.file); }));
  auto* restore = app.add_subcommand("restore", "Puts a backup in the database's place; tilld must be stopped");
  add_file(restore, o, "made by `tilld backup`");
  restore->callback(run(o, code, [&o](const till::Config&) { return till::cli::restore(o.data, o.file); }));
  auto* journal = app.add_subcommand("journal", "The chain of receipts")->require_subcommand(1);
  journal->add_subcommand("verify", "Computes every receipt's hash again; exit code 1 if one is wrong")
      ->callback(run(o, code, [&o](const till::Config&) { return till::cli::journal_verify(o.data); }));
}

void add_node_verbs(CLI::App& app, Options& o, int& code) {
  auto* serve = app.add_subcommand("serve", "Runs the node until it is told to stop");
  add_setting(*serve, o, "--listen", "http.listen", "ADDR:PORT, several with commas");
  serve->callback(run(
      o, code,
      [&o](const till::Config& c) {
        const till::Status ended = till::cli::serve(c, o.data);
        return ended.ok() ? 0 : till::cli::fail(ended.error());
      },
      true));
  app.add_subcommand("init", "Makes the database, the certificate and the first admin")
      ->callback(run(o, code, [&o](const till::Config& c) { return till::cli::init(c, o.data); }));
  app.add_subcommand("doctor", "Looks at everything and says what is wrong and what to do")
      ->callback(run(o, code, [&o](const till::Config& c) { return till::cli::doctor(c, o.data); }));
  app.add_subcommand("openapi", "Prints the OpenAPI document")->callback(run(o, code, [&o](const till::Config& c) {
    return till::cli::openapi(c, o.data);
  }));
  app.add_subcommand("config", "Prints the default settings with their meaning")
      ->callback(run(o, code, [](const till::Config&) { return till::cli::show_default_config(); }));
}

}  // namespace

int main(int argc, char** argv) {
  ::mallopt(M_ARENA_MAX, 2);  // an arena per thread would double the memory of a small machine for nothing
  ::umask(077);               // all that is written here is the shop's own business
  CLI::App app{"tilld: the store terminal's daemon", "tilld"};
  app.set_version_flag("--version", TILL_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  Options options;
  int code = 0;
  app.add_option("--data", options.data, "data directory")->capture_default_str();
  app.add_option("--config", options.config_file, "settings file; /etc/tilld/tilld.json if there is one");
  add_setting(app, options, "--tenant", "store.tenant", "fixed at the first start");
  add_setting(app, options, "--store", "store.store", "fixed at the first start");
  add_setting(app, options, "--node", "store.node", "fixed at the first start");
  add_node_verbs(app, options, code);
  add_user_verbs(app, options, code);
  add_product_verbs(app, options, code);
  add_file_verbs(app, options, code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& usage) {  // CLI11's way to end a parse, also for --help
    const int given = app.exit(usage);
    return given == 0 ? 0 : 2;
  }
  till::log::flush();
  return code;
}
