// What a program tells its link to the broker once, and what travels over it. Plain values, filled by the composition
// roots from their settings and read by client.cpp, which knows Paho's words for them, and by link.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace till::mqtt {

/// Bound of a payload in both directions: a batch is at most 128 KB (30-sync), one large envelope alone may be more.
inline constexpr size_t kMaxPayload = size_t{4} << 20;

/// A publish of ours, or one that arrived. Always QoS 1.
struct Message {
  std::string topic;
  Bytes payload{};
  bool retained = false;
};

/// Said by the broker when we vanish without a goodbye and are not back after `delay_s`.
struct Will {
  Message message;
  uint32_t delay_s = 0;
};

struct Settings {
  std::string url;        // mqtt://HOST[:1883], or mqtts://HOST[:8883] with TLS
  std::string client_id;  // node and epoch: a second client of one name throws out the first
  std::string username{};
  std::string password{};
  std::string ca_file{};    // PEM, mqtts only; empty: the machine's authorities
  std::string cert_file{};  // PEM, mqtts only: our own certificate, if the broker wants one
  std::string key_file{};
  std::vector<std::string> subscriptions{};  // topic filters, subscribed at every connect
  std::optional<Will> will{};
  int keep_alive_s = 30;
  size_t window = 8;  // unacknowledged publishes; well below a broker's Receive Maximum (Mosquitto: 20)
  /// Between two tries to connect. Not longer: 30 s after a line is back nothing may be unacknowledged (invariant 12).
  int64_t max_pause_ms = 20'000;
};

/// Paho's name for `url`: "tcp://host:port" or "ssl://host:port". Invalid: anything that is no mqtt(s) URL of a host
/// and a port, such as one with a path or a password in it.
Result<std::string> server_uri(std::string_view url);

}  // namespace till::mqtt
