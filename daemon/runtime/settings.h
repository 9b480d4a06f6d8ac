// What the settings of our programs have in common: the rows that a Host reads, and the checks that a table cannot
// make.
#pragma once

#include "base/config.h"

namespace till::runtime {

/// A program's own rows and behind them those of the Host. `listen`: where it serves if nobody says otherwise.
Settings with_host_settings(Settings own, const std::string& listen);

/// True if the address (ADDR:PORT, as in http.listen) is of this machine and reached from nowhere else.
bool is_loopback(std::string_view address);
/// Refuses a setting for trying things out, `key`, where it is in force and somebody could listen to the door from
/// another machine. Errors as below.
Status check_loopback_only(const Config& config, std::string_view key);

/// What the Host's own rows cannot say about each other. Errors as below.
Status check_host_settings(const Config& config);

/// Tenants, stores and nodes: their names stand in MQTT topics, receipt numbers and file names. Errors: invalid, as
/// Config::refuse names the key.
Status check_name(const Config& config, std::string_view key);
/// ISO 4217. Errors as above.
Status check_currency(const Config& config, std::string_view key);
/// Refuses a setting that asks for another value than the one that the first start fixed. Errors as above.
Status check_fixed(const Config& config, std::string_view key, const std::string& value);

}  // namespace till::runtime
