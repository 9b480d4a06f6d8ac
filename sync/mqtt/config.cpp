#include "sync/mqtt/config.h"

namespace till::mqtt {

till::Settings setting_rows(const std::string& url, std::string_view help) {
  return {
      {"mqtt.url", url, help},
      {"mqtt.username", "", "Log-in at the broker; empty: none"},
      {.name = "mqtt.password", .standard = "", .help = "Its password", .secret = true},
      {"mqtt.ca_file", "", "mqtts: PEM file of the authorities to trust; empty: the machine's"},
      {"mqtt.cert_file", "", "mqtts: PEM file of our own certificate, if the broker wants one"},
      {"mqtt.key_file", "", "mqtts: PEM file of its key"},
  };
}

Result<Settings> read_settings(const Config& config) {
  Settings settings;
  settings.url = config.text("mqtt.url");
  if (const auto uri = server_uri(settings.url); !uri) return config.refuse("mqtt.url", uri.error().message);
  settings.username = config.text("mqtt.username");
  settings.password = config.text("mqtt.password");
  settings.ca_file = config.text("mqtt.ca_file");
  settings.cert_file = config.text("mqtt.cert_file");
  settings.key_file = config.text("mqtt.key_file");
  return settings;
}

bool is_loopback(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view place = url.substr(scheme + 3);
  const std::string_view host = place.substr(0, place.starts_with('[') ? place.find(']') + 1 : place.find(':'));
  const bool is_number = host.find_first_not_of("0123456789.") == host.npos;  // 127.shop.test is somewhere
  return host == "localhost" || host == "[::1]" || (is_number && host.starts_with("127."));
}

}  // namespace till::mqtt
