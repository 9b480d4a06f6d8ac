// tilld: the composition root. Names the settings and the verbs; each verb is a function of cli/verbs.h or, for what
// every program of ours can, of runtime/verbs.h.
#include <cstdlib>

#include "cli/app.h"
#include "cli/settings.h"
#include "cli/sync_verbs.h"
#include "cli/verbs.h"
#include "runtime/command_line.h"

namespace {

using till::Config;
using till::runtime::CommandLine;

// Decides business dates; libc reads it once.
void set_time_zone(const Config& config) {
  const std::string& zone = config.text("store.timezone");
  if (zone.empty()) return;
  ::setenv("TZ", zone.c_str(), 1);
  ::tzset();
}

struct Asked {
  std::string data = "/var/lib/tilld";
  std::string file{};
};

void add_file(CLI::App* verb, Asked& asked, const char* help) {
  verb->add_option("file", asked.file, help)->required();
}

void add_node_verbs(CommandLine& line, Asked& asked) {
  CLI::App& app = line.app();
  auto* serve = line.add_verb(
      app, "serve", "Runs the node until it is told to stop",
      [&](const Config& config) { return till::cli::serve(config, asked.data); }, CommandLine::Kind::daemon);
  line.add_setting(*serve, "--listen", "http.listen", "ADDR:PORT, several with commas");
  line.add_setting(*serve, "--mqtt", "mqtt.url", "the broker of headquarters, mqtt://HOST:PORT");
  line.add_verb(app, "init", "Makes the database, the certificate and the first admin",
                [&](const Config& config) { return till::cli::init(config, asked.data); });
  line.add_verb(app, "doctor", "Looks at everything and says what is wrong and what to do",
                [&](const Config& config) { return till::cli::doctor(config, asked.data); });
}

void add_sync_verbs(CommandLine& line, Asked& asked) {
  auto* sync = line.app().add_subcommand("sync", "How this node stands with headquarters")->require_subcommand(1);
  line.add_verb(*sync, "status", "The line, and what headquarters does not have yet",
                [&](const Config& config) { return till::cli::sync_status(config, asked.data); });
  line.add_verb(*sync, "verify", "Checks what is kept for sync; exit code 1 if something is wrong",
                [&](const Config& config) { return till::cli::sync_verify(config, asked.data); });
  line.add_verb(*sync, "conflicts", "What two sides changed, newest first, with both values",
                [&](const Config& config) { return till::cli::sync_conflicts(config, asked.data); });
}

void add_shop_verbs(CommandLine& line, Asked& asked) {
  CLI::App& app = line.app();
  auto* import = app.add_subcommand("import", "Takes rows in from a file")->require_subcommand(1);
  add_file(
      line.add_verb(*import, "products", "Products from a CSV file, with a result for each row",
                    [&](const Config& config) { return till::cli::import_products(config, asked.data, asked.file); }),
      asked, "CSV with a header line: sku, name, price, …");
  auto* give = app.add_subcommand("export", "Gives rows out")->require_subcommand(1);
  line.add_verb(*give, "products", "All products as CSV on standard output",
                [&](const Config& config) { return till::cli::export_products(config, asked.data); });
  add_file(line.add_verb(app, "restore", "Puts a backup in the database's place; tilld must be stopped",
                         [&](const Config&) { return till::cli::restore(asked.data, asked.file); }),
           asked, "made by `tilld backup`");
  line.add_verb(app, "rebuild", "Goes on with what is left of a damaged database; tilld must be stopped",
                [&](const Config& config) { return till::cli::rebuild(config, asked.data); });
  auto* journal = app.add_subcommand("journal", "The chain of receipts")->require_subcommand(1);
  line.add_verb(*journal, "verify", "Computes every receipt's hash again; exit code 1 if one is wrong",
                [&](const Config&) { return till::cli::journal_verify(asked.data); });
}

}  // namespace

int main(int argc, char** argv) {
  CommandLine line({.program = till::cli::tilld(),
                    .purpose = "the store terminal's daemon",
                    .environment = "TILLD_",
                    .config_file = "/etc/tilld/tilld.json",
                    .settings = till::cli::settings_table(),
                    .default_config = till::cli::default_config(),
                    .prepare = set_time_zone});
  Asked asked;
  line.app().add_option("--data", asked.data, "data directory")->capture_default_str();
  line.add_setting(line.app(), "--tenant", "store.tenant", "fixed at the first start");
  line.add_setting(line.app(), "--store", "store.store", "fixed at the first start");
  line.add_setting(line.app(), "--node", "store.node", "fixed at the first start");
  add_node_verbs(line, asked);
  line.add_common_verbs([&](const Config& config) { return till::cli::entrance(config, asked.data); });
  add_shop_verbs(line, asked);
  add_sync_verbs(line, asked);
  return line.run(argc, argv);
}
