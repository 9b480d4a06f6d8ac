// A Mosquitto of a test's own: on loopback, on a port that was free, in memory only (nothing of value is in a broker,
// D12), killed as rudely as the test wants and gone at the end, also when the test crashes. Tests need the package
// `mosquitto` (toolchains/packages); without it they fail.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>

#include "http/fd.h"
#include "support/temp_folder.h"

namespace till::test {

class Broker {
 public:
  /// Starts it. `more`: lines of its configuration beside the listener; without any, everybody may do everything.
  explicit Broker(const std::string& more = "allow_anonymous true\n");
  ~Broker();

  /// Returns when it takes connections; on the same port as before.
  void start();
  void kill();    // as a power cut: its memory is gone
  void freeze();  // connections stay open and nothing is answered
  void thaw();

  [[nodiscard]] std::string url() const { return "mqtt://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] int port() const { return port_; }

 private:
  TempFolder folder_;
  int port_;
  pid_t pid_ = -1;
};

/// A port of loopback on which nobody listens at the moment.
int free_port();

/// A connection to a port of loopback; an empty Fd if nobody listens.
http::Fd connect_to(int port);

/// Lines for a broker's configuration: these users may log in with these passwords, and the text of an ACL file decides
/// what they may. The files are written to `folder`.
std::string with_users(const TempFolder& folder, const std::map<std::string, std::string>& users,
                       const std::string& acl);

}  // namespace till::test
