// Tells systemd how we are (sd_notify(3)'s protocol: datagrams to NOTIFY_SOCKET); without systemd it does nothing.
#pragma once

#include <string_view>

namespace till::runtime {

/// "READY=1", "WATCHDOG=1", "STOPPING=1".
void notify_systemd(std::string_view state);

}  // namespace till::runtime
