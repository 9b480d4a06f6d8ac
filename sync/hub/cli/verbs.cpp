#include "sync/hub/cli/verbs.h"

#include "runtime/doctor.h"
#include "runtime/serve.h"
#include "sync/hub/hub_app.h"
#include "sync/hub/migrations.h"

namespace till::hub {

runtime::Program tillhub() { return {"tillhub", TILL_VERSION}; }

Result<runtime::Entrance> entrance(const Config& config) {
  TILL_TRY(const Settings settings, read_settings(config));
  return runtime::Entrance{tillhub(), settings.place.folder,
                           [&config](bool make) -> Result<std::unique_ptr<runtime::Host>> {
                             TILL_TRY(auto app, HubApp::open(tillhub(), config, make));
                             return std::unique_ptr<runtime::Host>(std::move(app));
                           }};
}

int serve(const Config& config) {
  runtime::block_stop_signals();
  auto app = HubApp::open(tillhub(), config, true);
  if (!app) return runtime::fail(tillhub(), app.error());
  const Status ended = runtime::serve(**app);
  return ended.ok() ? 0 : runtime::fail(tillhub(), ended.error());
}

int doctor(const Config& config) {
  runtime::Findings findings;
  SystemClock clock;
  SystemRandom random;
  const auto settings = read_settings(config);
  if (!settings) {
    findings.wrong(settings.error().message, "mend the key that is named");
    findings.print();
    return 1;
  }
  findings.fine("settings: understood");
  const std::string &folder = settings->place.folder, database = folder + "/" + settings->place.file;
  const runtime::Occupant occupant = runtime::find_occupant(folder);
  if (!occupant.there) check_addresses(config, findings);
  check_limits(occupant, config, tillhub(), findings);
  check_leftovers(database, findings);
  check_clock(clock, database, findings);
  check_certificate(folder, clock, random, findings);
  check_secrets(folder, findings);
  check_occupant(occupant, tillhub(), folder, findings);
  check_folder(folder, config.integer("disk.reserve_mib") << 20, "tillhub serve", findings);
  check_database(database, kMigrations, "tillhub serve", "stop tillhub and put a backup in its place", !occupant.there,
                 findings);
  findings.print();
  return findings.any_wrong() ? 1 : 0;
}

}  // namespace till::hub
