#include "runtime/serve.h"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "base/log.h"
#include "http/door.h"
#include "http/spool.h"
#include "runtime/notify.h"
#include "runtime/settings.h"
#include "runtime/vitals.h"

namespace till::runtime {
namespace {

constexpr int64_t kTidyEvery_s = 60;
constexpr int64_t kDiskEvery_s = 5;

bool is_plain(const Config& config, const std::string& address) {
  return is_loopback(address) || config.flag("http.plain_lan");
}

http::DoorSettings door_settings(const Host& host) {
  const Config& config = host.config();
  http::DoorSettings settings;
  settings.max_connections = static_cast<size_t>(config.integer("http.max_connections"));
  settings.max_per_address = static_cast<size_t>(config.integer("http.max_per_address"));
  settings.idle_ms = config.integer("http.idle_s") * 1000;
  settings.spool_folder = host.data().file(kSpool);
  return settings;
}

// A failed write or sync ends the process: the next start checks the file on a handle of its own (50-faults). But a
// start needs a disk that can be written. Until there is one this process stays, for its reads.
Status stop_if_writable(const Host& host) {
  TILL_CHECK(host.data().try_to_write());
  ::kill(::getpid(), SIGTERM);
  return {};
}

// The watchdog is fed by the progress of the writer, seen from the door's tick: a hang of either stops the feeding.
class Heartbeat {
 public:
  explicit Heartbeat(Host& host)
      : host_(host), vitals_(host.program().name, host.metrics(), host.writer().stats(), host.reserve()) {}

  void tick(const http::DoorStats& door) {
    log::flush();
    vitals_.update(door);
    const uint64_t progress = host_.writer().stats().progress;
    if (progress != seen_) notify_systemd("WATCHDOG=1");
    seen_ = progress;
    if (++ticks_ % kTidyEvery_s == 0) host_.tidy();
    if (ticks_ % kDiskEvery_s == 0) static_cast<void>(host_.workers().submit([this] { look_at_disk(); }));
  }

 private:
  // On a worker: making the reserve may take its time.
  void look_at_disk() {
    if (host_.writer().healthy() && host_.readers().healthy())
      host_.reserve().refill();
    else
      static_cast<void>(stop_if_writable(host_));
  }

  Host& host_;
  Vitals vitals_;
  uint64_t seen_ = 0;
  int64_t ticks_ = 0;
};

Status listen(http::Door& door, Host& host, std::unique_ptr<http::TlsServer>& tls) {
  for (const std::string& address : host.config().list("http.listen")) {
    if (is_plain(host.config(), address)) {
      TILL_CHECK(door.listen(address));
      continue;
    }
    if (!tls) {
      TILL_TRY(const std::string made, device_certificate(host));
      TILL_TRY(tls, http::TlsServer::load(host.data().file(kDeviceCertificate), host.data().file(kDeviceKey),
                                          host.random()));
    }
    TILL_CHECK(door.listen_tls(address, *tls));
  }
  return door.listen_control(host.data().file(kControlSocket));
}

void greet(const http::Door& door, const Host& host) {
  const auto bound = door.addresses();
  const auto& asked = host.config().list("http.listen");
  for (size_t i = 0; i < asked.size(); ++i) {
    const char* scheme = is_plain(host.config(), asked[i]) ? "http" : "https";
    std::printf("%s listening on %s://%s\n", host.program().name.c_str(), scheme, bound[i].c_str());
  }
  host.print_first_admin();
  std::fflush(stdout);
}

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// Waits for the signal to stop; they are blocked in every thread, so it comes here and nowhere else.
void wait_for_stop() {
  const sigset_t signals = stop_signals();
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
  log::info("stopping", {{"signal", signal}});
}

// A connection is a file: all that this process may have, not the few that a shell begins with. Refused, it goes on.
void allow_files() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &files));
}

}  // namespace

void block_stop_signals() {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

Status serve(Host& host) {
  allow_files();
  std::signal(SIGPIPE, SIG_IGN);  // a journal that has gone is no reason to end
  host.writer().on_broken([&host] {
    if (host.reserve().disk_is_full()) host.reserve().release();  // some disks are full only when they sync
    if (auto status = stop_if_writable(host); !status)
      log::error("the disk cannot be written: reads go on", {{"error", status.error().message}});
  });
  http::Spool::clear(host.data().file(kSpool));
  Heartbeat heartbeat(host);
  std::unique_ptr<http::TlsServer> tls;
  http::Door door(door_settings(host), host.pipeline(), host.clock(),
                  [&host](Task<void()> task) { return host.workers().submit(std::move(task)); },
                  {.after_batch = {},
                   .quiet = [&host] { host.readers().release(); },
                   .tick = [&heartbeat, &door] { heartbeat.tick(door.stats()); }});
  host.events().on_publish(door.bell());
  TILL_CHECK(listen(door, host, tls));
  TILL_CHECK(door.start());
  TILL_CHECK(host.on_serving());
  greet(door, host);
  notify_systemd("READY=1");

  wait_for_stop();
  notify_systemd("STOPPING=1");
  door.stop();
  host.stop();
  log::flush();
  if (host.writer().healthy() && host.readers().healthy()) return {};
  return Error{.message = host.data().path() + ": the database file failed; start again to have it checked"};
}

}  // namespace till::runtime
