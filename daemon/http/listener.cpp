// Listening sockets (http/listener.h).
#include "http/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

namespace till::http {
namespace {

constexpr int kBacklog = 4096;
constexpr std::string_view kControlAddress = "local";

struct Address {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  template <class T>
  T& as() {
    return reinterpret_cast<T&>(storage);
  }
};

Error cannot_listen(const std::string& where, int cause) {
  return {Code::invalid, "cannot listen on " + where + ": " + std::strerror(cause)};
}

std::optional<Address> parse_address(const std::string& text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data() + colon + 1, end, port);
  if (failed != std::errc{} || stop != end) return std::nullopt;
  std::string host = text.substr(0, colon);
  if (host == "localhost") host = "127.0.0.1";
  Address address;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    auto& v6 = address.as<sockaddr_in6>();
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    address.size = sizeof(v6);
    if (::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6.sin6_addr) != 1) return std::nullopt;
  } else {
    auto& v4 = address.as<sockaddr_in>();
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    address.size = sizeof(v4);
    if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) != 1) return std::nullopt;
  }
  return address;
}

/// "192.168.1.7", "fe80::1"; an IPv4 client of an IPv6 socket is shown as what it is.
std::string host_of(Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.storage.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &address.as<sockaddr_in>().sin_addr, text.data(), text.size());
  } else {
    ::inet_ntop(AF_INET6, &address.as<sockaddr_in6>().sin6_addr, text.data(), text.size());
  }
  const std::string_view host(text.data());
  return std::string(host.starts_with("::ffff:") ? host.substr(7) : host);
}

std::string bound_name(int socket) {
  Address address;
  ::getsockname(socket, address.get(), &address.size);
  const bool v4 = address.storage.ss_family == AF_INET;
  const uint16_t port = ntohs(v4 ? address.as<sockaddr_in>().sin_port : address.as<sockaddr_in6>().sin6_port);
  std::string name;
  name.append(v4 ? "" : "[").append(host_of(address)).append(v4 ? ":" : "]:").append(std::to_string(port));
  return name;
}

void set_option(int socket, int level, int option) {
  const int on = 1;
  ::setsockopt(socket, level, option, &on, sizeof(on));
}

bool answers(Address& address) {
  const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(probe.get(), address.get(), address.size) == 0;
}

bool may_control(int socket) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == ::geteuid();
}

}  // namespace

Result<Listener> Listener::tcp(const std::string& text, const TlsServer* tls) {
  auto address = parse_address(text);
  if (!address) return Error{Code::invalid, "cannot listen on " + text + ": it is not ADDRESS:PORT"};
  Fd socket(::socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return cannot_listen(text, errno);
  set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR);
  set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY);  // accepted sockets inherit it
  if (::bind(socket.get(), address->get(), address->size) != 0 || ::listen(socket.get(), kBacklog) != 0) {
    return cannot_listen(text, errno);
  }
  std::string name = bound_name(socket.get());
  return Listener(std::move(socket), tls, std::move(name), false);
}

Result<Listener> Listener::control(const std::string& path) {
  Address address;
  auto& local = address.as<sockaddr_un>();
  if (path.size() >= sizeof(local.sun_path)) return cannot_listen(path, ENAMETOOLONG);
  local.sun_family = AF_UNIX;
  std::memcpy(local.sun_path, path.c_str(), path.size() + 1);
  address.size = sizeof(local);
  if (answers(address)) return cannot_listen(path, EADDRINUSE);
  struct stat found {};
  if (::lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode)) ::unlink(path.c_str());
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return cannot_listen(path, errno);
  ::fchmod(socket.get(), 0600);  // before bind, so that the file is never open to others
  if (::bind(socket.get(), address.get(), address.size) != 0 || ::listen(socket.get(), kBacklog) != 0) {
    return cannot_listen(path, errno);
  }
  return Listener(std::move(socket), nullptr, path, true);
}

Listener::~Listener() {
  if (is_file_ && socket_) ::unlink(name_.c_str());
}

Listener::Guest Listener::accept() const {
  Address address;
  Fd socket(::accept4(fd(), address.get(), &address.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket) return {Fd(), {}, errno};
  if (!is_file_) return {std::move(socket), host_of(address)};
  if (!may_control(socket.get())) return {Fd(), {}, EPERM};
  return {std::move(socket), std::string(kControlAddress)};
}

bool Listener::has_guest() const {
  pollfd waiting{fd(), POLLIN, 0};
  return ::poll(&waiting, 1, 0) == 1;
}

}  // namespace till::http
