#include "runtime/settings.h"

#include <algorithm>

namespace till::runtime {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_small(char c) { return c >= 'a' && c <= 'z'; }

}  // namespace

Settings with_host_settings(Settings own, const std::string& listen) {
  // clang-format off
  const Settings shared = {
      {"idempotency.days", int64_t{30}, "How long an Idempotency-Key is remembered", 1, 3650},
      {"http.listen", std::vector<std::string>{listen}, "Addresses as ADDR:PORT; port 0 takes a free one"},
      {"http.plain_lan", false, "True: no TLS on addresses that are not loopback. Only behind a proxy of your own"},
      {"http.max_connections", int64_t{16384}, "Connections in all; beyond that the oldest idle one goes", 16, 100000},
      {"http.max_per_address", int64_t{1024}, "Connections of one address, loopback excepted", 1, 100000},
      {"http.idle_s", int64_t{60}, "Seconds a connection may wait between requests", 1, 3600},
      {"http.max_streams", int64_t{64}, "Event streams that may be open at once; beyond that the answer is 503", 1, 4096},
      {"http.cors_origins", std::vector<std::string>{}, "Web pages of these origins may call the API; empty: none"},
      {"limits.public_per_s", int64_t{10}, "Requests a second of one address without a log-in; 0: no limit", 0, 100000},
      {"limits.customer_per_s", int64_t{20}, "Requests a second of one customer; 0: no limit", 0, 100000},
      {"limits.strict_per_min", int64_t{10}, "Log-ins and the like a minute from one address; 0: no limit", 0, 100000},
      {"auth.password_cost", int64_t{5}, "yescrypt's cost: 1 (1 MB) to 11; 5 takes 16 MB and tens of milliseconds", 1, 11},
      {"auth.open_roles", false, "True: whoever registers may ask for any role. Refused unless all of http.listen is loopback"},
      {"workers.threads", int64_t{2}, "Threads for slow work: reports, imports, password checks", 1, 16},
      {"workers.queue", int64_t{256}, "Slow requests that may wait; beyond that the answer is 503", 1, 10000},
      {"database.cache_kib", int64_t{2048}, "Page cache of each connection", 256, 1048576},
      {"database.checkpoint_kib", int64_t{4096}, "WAL size at which a quiet moment is used to fold it into the file", 64, 1048576},
      {"database.checkpoint_limit_kib", int64_t{16384}, "WAL size at which writing waits for that", 64, 1048576},
      {"disk.reserve_mib", int64_t{16}, "Room kept back for the day the disk is full; 0: none", 0, 65536},
      {.name = "log.level", .standard = "info", .help = "Least level that is written",
       .allowed = {"debug", "info", "warning", "error"}},
  };
  // clang-format on
  own.insert(own.end(), shared.begin(), shared.end());
  return own;
}

// The door takes addresses in numbers and the name localhost, nothing that a name server could turn elsewhere.
bool is_loopback(std::string_view address) {
  const std::string_view host = address.substr(0, address.rfind(':'));
  if (host == "localhost" || host == "[::1]") return true;
  return host.starts_with("127.") &&
         std::all_of(host.begin(), host.end(), [](char c) { return is_digit(c) || c == '.'; });
}

Status check_loopback_only(const Config& config, std::string_view key) {
  const auto& listen = config.list("http.listen");
  if (std::all_of(listen.begin(), listen.end(), is_loopback)) return {};
  return config.refuse(key, "is only for a machine of its own: all of http.listen must be loopback");
}

Status check_host_settings(const Config& config) {
  return config.flag("auth.open_roles") ? check_loopback_only(config, "auth.open_roles") : Status();
}

Status check_name(const Config& config, std::string_view key) {
  const std::string& name = config.text(key);
  const bool fine = !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return is_digit(c) || is_capital(c) || is_small(c) || c == '-';
  });
  if (fine) return {};
  return config.refuse(key, "must be 1 to 64 letters, digits and dashes");
}

Status check_currency(const Config& config, std::string_view key) {
  const std::string& code = config.text(key);
  if (code.size() == 3 && std::all_of(code.begin(), code.end(), is_capital)) return {};
  return config.refuse(key, "must be three capital letters");
}

Status check_fixed(const Config& config, std::string_view key, const std::string& value) {
  const std::string& wanted = config.text(key);
  if (!config.given(key) || wanted == value) return {};
  return config.refuse(key, '"' + wanted + "\" is asked for, but this database was made for \"" + value + '"');
}

}  // namespace till::runtime
