// tillhub: the composition root. Names the settings and the verbs; each verb is a function of cli/verbs.h or, for what
// every program of ours can, of runtime/verbs.h.
#include "runtime/command_line.h"
#include "sync/hub/cli/sync_verbs.h"
#include "sync/hub/cli/verbs.h"
#include "sync/hub/settings.h"

using till::Config;
using till::runtime::CommandLine;

int main(int argc, char** argv) {
  CommandLine line({.program = till::hub::tillhub(),
                    .purpose = "headquarters' end of all stores",
                    .environment = "TILLHUB_",
                    .config_file = "/etc/tillhub/tillhub.json",
                    .settings = till::hub::settings_table(),
                    .default_config = till::hub::default_config()});
  CLI::App& app = line.app();
  line.add_setting(app, "--db", "hub.database", "sqlite:FILE");
  line.add_setting(app, "--tenant", "hub.tenant", "fixed at the first start");
  auto* serve =
      line.add_verb(app, "serve", "Runs the hub until it is told to stop", till::hub::serve, CommandLine::Kind::daemon);
  line.add_setting(*serve, "--listen", "http.listen", "ADDR:PORT, several with commas");
  line.add_setting(*serve, "--mqtt", "mqtt.url", "the broker: mqtt://HOST:PORT or mqtts://HOST:PORT");
  line.add_verb(app, "doctor", "Looks at everything and says what is wrong and what to do", till::hub::doctor);
  till::hub::add_sync_verbs(line);
  line.add_common_verbs(till::hub::entrance);
  return line.run(argc, argv);
}
