#include "sync/mqtt/settings.h"

#include <charconv>

namespace till::mqtt {

namespace {

constexpr std::string_view kPlain = "mqtt://", kTls = "mqtts://";
constexpr std::string_view kHostLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
constexpr std::string_view kAddressLetters = "0123456789abcdefABCDEF:.";  // IPv6, in brackets

bool is_host(std::string_view host) {
  const bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
  if (bracketed) return host.substr(1, host.size() - 2).find_first_not_of(kAddressLetters) == host.npos;
  return !host.empty() && host.find_first_not_of(kHostLetters) == host.npos;
}

std::optional<uint16_t> parse_port(std::string_view text) {
  uint16_t port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failed != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

Result<std::string> server_uri(std::string_view url) {
  const Error wrong{Code::invalid, "the broker's URL is not of the form mqtt://HOST:PORT or mqtts://HOST:PORT"};
  const bool tls = url.starts_with(kTls);
  if (!tls && !url.starts_with(kPlain)) return wrong;
  const std::string_view authority = url.substr(tls ? kTls.size() : kPlain.size());

  const size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
  const size_t colon = authority.find(':', bracket == authority.npos ? 0 : bracket);
  const std::string_view host = authority.substr(0, colon);
  std::optional<uint16_t> port = tls ? 8883 : 1883;
  if (colon != authority.npos) port = parse_port(authority.substr(colon + 1));
  if (!is_host(host) || !port) return wrong;
  return (tls ? "ssl://" : "tcp://") + std::string(host) + ":" + std::to_string(*port);
}

}  // namespace till::mqtt
