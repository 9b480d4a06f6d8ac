#include "cli/settings.h"

#include <algorithm>
#include <charconv>

#include "domain/scan_code.h"
#include "runtime/settings.h"
#include "sync/mqtt/config.h"

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

}  // namespace

const Settings& settings_table() {
  // clang-format off
  static const Settings own = {
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
      {"scan.patterns", std::vector<std::string>{}, "Labels such as 21IIIIIPPPPPC: I item, P price, W grams, N pieces, C check digit"},
      {"orders.reserved_min", int64_t{60}, "Minutes for which the goods of an order that is not paid are held back", 1, 525'600},
      {"orders.most_unpaid", int64_t{20}, "Orders of one customer that hold goods back at a time", 1, 10'000},
      choice("payments.mode", "off", "Cards. test: published test tokens decide, nobody pays. Only on loopback", {"off", "test"}),
      {"dialects.classic", true, "The routes of three older shop systems: /auth, /products, /cart, /orders, /order, /payment, /inventory"},
      {"dialects.v1", true, "The routes of another one, below /v1"},
  };
  // clang-format on
  static const Settings table = runtime::with_host_settings(
      joined(
          {own, mqtt::setting_rows("", "The broker of headquarters, mqtt://HOST:PORT; empty: this node has no hub")}),
      "127.0.0.1:8080");
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
  settings.reserve_min = config.integer("orders.reserved_min");
  settings.most_unpaid = config.integer("orders.most_unpaid");
  if (config.text("payments.mode") == "test") {
    TILL_CHECK(runtime::check_loopback_only(config, "payments.mode"));
    settings.cards = services::CardMode::test;
  }
  settings.tax_classes.clear();
  for (const std::string& text : config.list("tax.classes")) {
    TILL_TRY(auto tax_class, read_tax_class(config, text));
    settings.tax_classes.insert(std::move(tax_class));
  }
  settings.scan_patterns = config.list("scan.patterns");
  for (const std::string& pattern : settings.scan_patterns)
    if (const Status checked = domain::check_pattern(pattern); !checked.ok())
      return config.refuse("scan.patterns", '"' + pattern + "\" " + checked.error().message);
  if (settings.tax_classes.empty()) return config.refuse("tax.classes", "needs at least one class");
  return settings;
}

Result<store::Names> first_names(const Config& config) {
  store::Names names{config.text("store.tenant"), config.text("store.store"), config.text("store.node"),
                     config.text("store.currency")};
  for (const char* key : {"store.tenant", "store.store", "store.node"}) TILL_CHECK(runtime::check_name(config, key));
  TILL_CHECK(runtime::check_currency(config, "store.currency"));
  return names;
}

Status check_names(const Config& config, const store::Identity& identity) {
  const std::pair<std::string_view, const std::string&> fixed[] = {{"store.tenant", identity.tenant},
                                                                   {"store.store", identity.store},
                                                                   {"store.node", identity.node},
                                                                   {"store.currency", identity.currency}};
  for (const auto& [key, value] : fixed) TILL_CHECK(runtime::check_fixed(config, key, value));
  return {};
}

}  // namespace till::cli
