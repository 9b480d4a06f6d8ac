#include "sync/hub/settings.h"

#include "runtime/settings.h"
#include "sync/mqtt/config.h"

namespace till::hub {
namespace {

constexpr std::string_view kSqlite = "sqlite:";

Result<Place> read_place(const Config& config) {
  const std::string& url = config.text("hub.database");
  if (url.starts_with("postgresql:") || url.starts_with("postgres:"))
    return config.refuse("hub.database", "this tillhub keeps its database in SQLite; give it as sqlite:FILE");
  const std::string path = url.starts_with(kSqlite) ? url.substr(kSqlite.size()) : "";
  const size_t slash = path.rfind('/');
  Place place = slash == std::string::npos ? Place{".", path} : Place{path.substr(0, slash), path.substr(slash + 1)};
  if (place.folder.empty()) place.folder = "/";
  if (place.file.empty() || place.file == "." || place.file == "..")
    return config.refuse("hub.database", '"' + url + "\" is not sqlite:FILE");
  return place;
}

}  // namespace

const till::Settings& settings_table() {
  // clang-format off
  static const till::Settings own = {
      {"hub.tenant", "shop", "The merchant whose stores report here. Fixed at the first start"},
      {"hub.currency", "EUR", "ISO 4217 code of all prices. Fixed at the first start"},
      {"hub.database", "sqlite:/var/lib/tillhub/hub.db", "sqlite:FILE; the file's folder is this hub's alone"},
      {"backup.alarm_days", int64_t{7}, "Days without a backup after which an alarm is raised; 0: never", 0, 3650},
  };
  // clang-format on
  static const till::Settings table = runtime::with_host_settings(
      joined({own, mqtt::setting_rows("mqtt://127.0.0.1:1883",
                                      "The broker: mqtt://HOST:PORT, or mqtts://HOST:PORT with TLS")}),
      "127.0.0.1:8090");
  return table;
}

std::string default_config() {
  return render_default_config(
      settings_table(), "TILLHUB_",
      "tillhub's settings: every key with its default. Flags beat environment beats this file.");
}

Result<Settings> read_settings(const Config& config) {
  Settings settings;
  TILL_CHECK(runtime::check_host_settings(config));
  TILL_TRY(settings.place, read_place(config));
  TILL_CHECK(runtime::check_name(config, "hub.tenant"));
  TILL_CHECK(runtime::check_currency(config, "hub.currency"));
  settings.names = {config.text("hub.tenant"), config.text("hub.currency")};
  TILL_TRY(settings.link, mqtt::read_settings(config));
  settings.backup_alarm_days = config.integer("backup.alarm_days");
  return settings;
}

Status check_names(const Config& config, const Names& names) {
  const std::pair<std::string_view, const std::string&> fixed[] = {{"hub.tenant", names.tenant},
                                                                   {"hub.currency", names.currency}};
  for (const auto& [key, value] : fixed) TILL_CHECK(runtime::check_fixed(config, key, value));
  return {};
}

}  // namespace till::hub
