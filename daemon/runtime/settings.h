// What the settings of our programs have in common: the rows that a Host reads, and the checks that a table cannot
// make.
#pragma once

#include "base/config.h"

namespace till::runtime {

/// A program's own rows and behind them those of the Host. `listen`: where it serves if nobody says otherwise.
Settings with_host_settings(Settings own, const std::string& listen);

/// Tenants, stores and nodes: their names stand in MQTT topics, receipt numbers and file names. Errors: invalid, as
/// Config::refuse names the key.
Status check_name(const Config& config, std::string_view key);
/// ISO 4217. Errors as above.
Status check_currency(const Config& config, std::string_view key);
/// Refuses a setting that asks for another value than the one that the first start fixed. Errors as above.
Status check_fixed(const Config& config, std::string_view key, const std::string& value);

}  // namespace till::runtime
