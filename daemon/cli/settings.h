// tilld's settings: every key with its default and its meaning, in one table; and what the services make of them.
#pragma once

#include "base/config.h"
#include "services/context.h"
#include "store/identity.h"

namespace till::cli {

/// The table from which files, environment (TILLD_…) and flags are read and config/tilld.json is written.
const Settings& settings_table();

/// The table as a file to begin with: what config/tilld.json holds.
std::string default_config();

/// The store's rules. Error: invalid, naming where the setting came from and its key, as Config::load does.
Result<services::Settings> store_settings(const Config& config);

/// What a first start fixes. Errors as above.
Result<store::Names> first_names(const Config& config);

/// Refuses settings that ask for another tenant, store, node or currency than the database has.
Status check_names(const Config& config, const store::Identity& identity);

}  // namespace till::cli
