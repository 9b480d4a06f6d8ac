// The running program and the places that it needs, looked at for its doctor (runtime/doctor.h).
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "base/json.h"
#include "http/fd.h"
#include "http/listener.h"
#include "runtime/data_dir.h"
#include "runtime/doctor.h"
#include "runtime/verbs.h"

namespace till::runtime {
namespace {

constexpr int64_t kOwnFiles = 64;  // beside connections: database, listeners, epoll, spooled uploads

/// The process behind a control socket; 0 if none answers.
pid_t pid_behind(const std::string& path) {
  sockaddr_un address{};
  if (path.size() >= sizeof(address.sun_path)) return 0;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size());
  const http::Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return 0;
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
}

/// What the kernel tells of a process in a file of /proc; empty if it is not for us.
std::string told_of(pid_t pid, const char* what) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/" + what);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The soft limit of /proc/PID/limits; -1 if there is none, or it cannot be read.
int64_t most_files(pid_t pid) {
  const std::string limits = told_of(pid, "limits");
  const std::string row = "Max open files";
  const size_t at = limits.find(row);
  int64_t most = -1;
  if (at != std::string::npos) std::istringstream(limits.substr(at + row.size())) >> most;
  return most;
}

}  // namespace

Occupant find_occupant(const std::string& folder) {
  const auto opened = DataDir::open(folder, false, "");
  if (opened.ok() || opened.error().code != Code::busy) return {};
  Occupant found{.there = true, .pid = pid_behind(folder + "/" + kControlSocket)};
  if (found.pid != 0) found.line = OperatorClient::to_running(folder);
  return found;
}

void check_occupant(const Occupant& occupant, const Program& program, const std::string& folder, Findings& findings) {
  const std::string& name = program.name;
  if (!occupant.there) return findings.note(name + " is not running", "systemctl start " + name);
  if (!occupant.line)
    return findings.wrong(
        folder + ": another process works here and does not answer",
        "a " + name + " that starts or ends is gone in seconds; else `fuser -v " + folder + "` shows it");
  const auto ready = occupant.line->ask(http::Method::get, "/readyz", "", "");
  if (!ready) return findings.wrong(ready.error().message, "it hangs: systemctl restart " + name);
  const auto said = parse_json(ready->body);
  if (!ready->ok())
    return findings.wrong(name + " runs, but cannot sell: " + (said ? text_of(*said, "detail") : ready->body),
                          "the last lines of `journalctl -u " + name + "` tell more");
  findings.fine(name + ": runs and is " + (said ? text_of(*said, "status") : ""));
}

void check_addresses(const Config& config, Findings& findings) {
  for (const std::string& address : config.list("http.listen")) {
    const auto free = http::Listener::tcp(address, nullptr);
    findings.check(free ? Status() : Status(free.error()), address + ": free to listen on",
                   "`ss -ltnp` shows who has it; end that, or change http.listen");
  }
}

void check_limits(const Occupant& occupant, const Config& config, const Program& program, Findings& findings) {
  if (occupant.pid == 0) return;
  const int64_t files = most_files(occupant.pid), wanted = config.integer("http.max_connections") + kOwnFiles;
  if (files >= 0 && files < wanted)
    findings.note(program.name + " may open " + std::to_string(files) + " files; http.max_connections wants " +
                      std::to_string(wanted),
                  "raise LimitNOFILE= in its unit, or lower the setting: the oldest idle connection goes earlier");
  const std::string environment = told_of(occupant.pid, "environ");
  if (environment.find("WATCHDOG_USEC=") == std::string::npos)
    findings.note("nobody watches " + program.name + ": a hang would last",
                  "run it by its unit of systemd, with WatchdogSec=");
  else
    findings.fine(program.name + ": is watched");
}

}  // namespace till::runtime
