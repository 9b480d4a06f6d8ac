// tillhub's settings: every key with its default and its meaning, in one table; and what the hub makes of them. On the
// main thread, before anything is opened.
#pragma once

#include "base/config.h"
#include "sync/hub/identity.h"
#include "sync/mqtt/settings.h"

namespace till::hub {

/// The table from which files, environment (TILLHUB_…) and flags are read and config/tillhub.json is written.
const till::Settings& settings_table();

/// The table as a file to begin with: what config/tillhub.json holds.
std::string default_config();

/// Where the database lies: its folder holds the control socket and the secrets, too.
struct Place {
  std::string folder, file;  // "/var/lib/tillhub", "hub.db"
};

struct Settings {
  Place place;
  Names names;
  mqtt::Settings link;            // to the broker: URL and log-in; the rest is the service's
  int64_t backup_alarm_days = 0;  // 0: no alarm
};

/// Errors: invalid, naming where the setting came from and its key, as Config::load does.
Result<Settings> read_settings(const Config& config);

/// Refuses settings that ask for another tenant or currency than the database has.
Status check_names(const Config& config, const Names& names);

}  // namespace till::hub
