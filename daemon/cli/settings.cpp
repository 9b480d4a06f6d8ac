#include "cli/settings.h"

#include <algorithm>
#include <charconv>

namespace till::cli {
namespace {

// "standard=190000" → the class and its rate in ppm.
Result<std::pair<std::string, int64_t>> read_tax_class(const Config& config, const std::string& text) {
  const size_t equals = text.find('=');
  int64_t ppm = -1;
  const char* const end = text.data() + text.size();
  const bool read = equals != std::string::npos && equals > 0 &&
                    std::from_chars(text.data() + equals + 1, end, ppm) == std::from_chars_result{end, std::errc{}};
  if (!read || ppm < 0 || ppm > domain::kPpm)
    return config.refuse("tax.classes", '"' + text + "\" is not NAME=PPM with a rate up to 1000000");
  return std::pair(text.substr(0, equals), ppm);
}

Setting choice(std::string_view name, std::string standard, std::string_view help,
               std::vector<std::string_view> allowed) {
  return {.name = name, .standard = std::move(standard), .help = help, .allowed = std::move(allowed)};
}

// Names stand in MQTT topics, receipt numbers and file names.
Status check_name(const Config& config, std::string_view key) {
  const std::string& name = config.text(key);
  const bool fine = !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
  });
  if (fine) return {};
  return config.refuse(key, "must be 1 to 64 letters, digits and dashes");
}

}  // namespace

const Settings& settings_table() {
  // clang-format off
  static const Settings table = {
      {"store.tenant", "shop", "The merchant. Fixed at the first start"},
      {"store.store", "main", "The shop floor. Fixed at the first start"},
      {"store.node", "A1", "This terminal; begins every receipt number. Fixed at the first start"},
      {"store.currency", "EUR", "ISO 4217 code of all prices. Fixed at the first start"},
      {"store.timezone", "", "IANA name such as Europe/Berlin; empty: the machine's. Decides the business date"},
      {"store.day_starts_min", int64_t{0}, "Minutes after midnight at which the business day begins", 0, 1439},
      {"tax.classes", std::vector<std::string>{"standard=190000", "reduced=70000", "zero=0"}, "Tax classes as NAME=PPM; 190000 is 19 %"},
      {"selling.prices_include_tax", true, "False: tax comes on top of prices"},
      choice("selling.rounding", "line", "Where tax is rounded to the minor unit", {"line", "order"}),
      choice("selling.override", "manager", "The lowest role that may sell at another price or give a discount", {"cashier", "manager", "admin"}),
      {"idempotency.days", int64_t{30}, "How long an Idempotency-Key is remembered", 1, 3650},
      {"http.listen", std::vector<std::string>{"127.0.0.1:8080"}, "Addresses as ADDR:PORT; port 0 takes a free one"},
      {"http.plain_lan", false, "True: no TLS on addresses that are not loopback. Only behind a proxy of your own"},
      {"http.max_connections", int64_t{16384}, "Connections in all; beyond that the oldest idle one goes", 16, 100000},
      {"http.max_per_address", int64_t{1024}, "Connections of one address, loopback excepted", 1, 100000},
      {"http.idle_s", int64_t{60}, "Seconds a connection may wait between requests", 1, 3600},
      {"http.cors_origins", std::vector<std::string>{}, "Web pages of these origins may call the API; empty: none"},
      {"limits.public_per_s", int64_t{10}, "Requests a second of one address without a log-in; 0: no limit", 0, 100000},
      {"limits.customer_per_s", int64_t{20}, "Requests a second of one customer; 0: no limit", 0, 100000},
      {"limits.strict_per_min", int64_t{10}, "Log-ins and the like a minute from one address; 0: no limit", 0, 100000},
      {"auth.password_cost", int64_t{5}, "yescrypt's cost: 1 (1 MB) to 11; 5 takes 16 MB and tens of milliseconds", 1, 11},
      {"workers.threads", int64_t{2}, "Threads for slow work: reports, imports, password checks", 1, 16},
      {"workers.queue", int64_t{256}, "Slow requests that may wait; beyond that the answer is 503", 1, 10000},
      {"database.cache_kib", int64_t{2048}, "Page cache of each connection", 256, 1048576},
      {"database.checkpoint_kib", int64_t{4096}, "WAL size at which a quiet moment is used to fold it into the file", 64, 1048576},
      {"database.checkpoint_limit_kib", int64_t{16384}, "WAL size at which selling waits for that", 64, 1048576},
      choice("log.level", "info", "Least level that is written", {"debug", "info", "warning", "error"}),
  };
  // clang-format on
  return table;
}

std::string default_config() {
  return render_default_config(settings_table(), "TILLD_",
                               "tilld's settings: every key with its default. Flags beat environment beats this file.");
}

Result<services::Settings> store_settings(const Config& config) {
  services::Settings settings;
  settings.prices.prices_include_tax = config.flag("selling.prices_include_tax");
  settings.prices.rounding =
      config.text("selling.rounding") == "order" ? domain::Rounding::order : domain::Rounding::line;
  settings.override_role = *parse_enum<domain::Role>(config.text("selling.override"));
  settings.day_starts_min = config.integer("store.day_starts_min");
  settings.once_days = config.integer("idempotency.days");
  settings.tax_classes.clear();
  for (const std::string& text : config.list("tax.classes")) {
    TILL_TRY(auto tax_class, read_tax_class(config, text));
    settings.tax_classes.insert(std::move(tax_class));
  }
  if (settings.tax_classes.empty()) return config.refuse("tax.classes", "needs at least one class");
  return settings;
}

Result<store::Names> first_names(const Config& config) {
  store::Names names{config.text("store.tenant"), config.text("store.store"), config.text("store.node"),
                     config.text("store.currency")};
  TILL_CHECK(check_name(config, "store.tenant"));
  TILL_CHECK(check_name(config, "store.store"));
  TILL_CHECK(check_name(config, "store.node"));
  const bool fine = names.currency.size() == 3 && std::all_of(names.currency.begin(), names.currency.end(),
                                                              [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!fine) return config.refuse("store.currency", "must be three capital letters");
  return names;
}

Status check_names(const Config& config, const store::Identity& identity) {
  const std::pair<std::string_view, const std::string&> fixed[] = {{"store.tenant", identity.tenant},
                                                                   {"store.store", identity.store},
                                                                   {"store.node", identity.node},
                                                                   {"store.currency", identity.currency}};
  for (const auto& [key, value] : fixed) {
    const std::string& wanted = config.text(key);
    if (config.given(key) && wanted != value)
      return config.refuse(key, '"' + wanted + "\" is asked for, but this database was made for \"" + value + '"');
  }
  return {};
}

}  // namespace till::cli
