// Where the door listens: TCP in the clear, TCP with TLS, or the control socket. Opened by the composition root's
// thread before the door runs; afterwards the door's.
#pragma once

#include <string>

#include "base/result.h"
#include "http/fd.h"
#include "http/tls.h"

namespace till::http {

/// Gives up its file at its end. Peers of the control socket must run as this user or as root.
class Listener {
 public:
  /// "127.0.0.1:8080", "[::1]:0"; port 0 takes a free one. With `tls` (which must outlive the listener) clients must
  /// speak TLS. Errors name the address and the reason.
  static Result<Listener> tcp(const std::string& address, const TlsServer* tls);
  /// A UNIX socket, mode 0600. A stale file of a dead process is replaced; one that answers is an error.
  static Result<Listener> control(const std::string& path);
  Listener(Listener&&) = default;
  Listener& operator=(Listener&&) = delete;
  ~Listener();

  struct Guest {
    Fd socket;
    std::string address;
    int cause = 0;  // errno, if there is no socket: EAGAIN when nobody waits any more
  };
  /// The next client. A stranger on the control socket is shut out here: cause EPERM.
  Guest accept() const;
  /// Whether somebody waits to be accepted. Without a free descriptor accept() cannot tell.
  [[nodiscard]] bool has_guest() const;

  [[nodiscard]] int fd() const { return socket_.get(); }
  [[nodiscard]] const TlsServer* tls() const { return tls_; }
  /// As bound: with the port that was taken.
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  Listener(Fd socket, const TlsServer* tls, std::string name, bool is_file)
      : socket_(std::move(socket)), tls_(tls), name_(std::move(name)), is_file_(is_file) {}

  Fd socket_;
  const TlsServer* tls_;
  std::string name_;
  bool is_file_;
};

}  // namespace till::http
