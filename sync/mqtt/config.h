// The settings about the broker that our programs share: the rows of their tables, and what they say to a link.
#pragma once

#include "base/config.h"
#include "sync/mqtt/settings.h"

namespace till::mqtt {

/// mqtt.url, mqtt.username, …. `url`: where the broker is if nobody says otherwise; `help`: what an empty one means.
till::Settings setting_rows(const std::string& url, std::string_view help);

/// Without client id, will and subscriptions. Error: invalid, as Config::refuse names the key.
Result<Settings> read_settings(const Config& config);

/// True for a broker on this machine: what goes there has passed no wire.
bool is_loopback(std::string_view url);

}  // namespace till::mqtt
