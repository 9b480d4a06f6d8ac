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
  check_clock(findings);
  const auto settings = read_settings(config);
  if (!settings) {
    findings.wrong(settings.error().message, "mend the key that is named");
    return 1;
  }
  findings.fine("settings: understood");
  const Place& place = settings->place;
  check_folder(place.folder, "tillhub serve", findings);
  check_database(place.folder + "/" + place.file, kMigrations, "tillhub serve",
                 "stop tillhub and put a backup in its place", findings);
  return findings.any_wrong() ? 1 : 0;
}

}  // namespace till::hub
