#include "cli/serve.h"

#include <csignal>
#include <cstdio>

#include "base/log.h"
#include "cli/app.h"
#include "cli/notify.h"
#include "cli/vitals.h"
#include "http/door.h"
#include "http/spool.h"

namespace till::cli {
namespace {

constexpr int64_t kTidyEvery_s = 60;

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address.starts_with("[::1]") || address.starts_with("localhost:");
}

http::DoorSettings door_settings(const Config& config, const App& app) {
  http::DoorSettings settings;
  settings.max_connections = static_cast<size_t>(config.integer("http.max_connections"));
  settings.max_per_address = static_cast<size_t>(config.integer("http.max_per_address"));
  settings.idle_ms = config.integer("http.idle_s") * 1000;
  settings.spool_folder = app.data().file(kSpool);
  return settings;
}

// The watchdog is fed by the progress of the writer, seen from the door's tick: a hang of either stops the feeding.
class Heartbeat {
 public:
  explicit Heartbeat(App& app) : app_(app), vitals_(app.metrics(), app.writer().stats()) {}

  void tick(const http::DoorStats& door) {
    log::flush();
    vitals_.update(door);
    const uint64_t progress = app_.writer().stats().progress;
    if (progress != seen_) notify_systemd("WATCHDOG=1");
    seen_ = progress;
    if (++ticks_ % kTidyEvery_s == 0) app_.tidy();
  }

 private:
  App& app_;
  Vitals vitals_;
  uint64_t seen_ = 0;
  int64_t ticks_ = 0;
};

Status listen(http::Door& door, const Config& config, App& app, std::unique_ptr<http::TlsServer>& tls) {
  for (const std::string& address : config.list("http.listen")) {
    if (is_loopback(address) || config.flag("http.plain_lan")) {
      TILL_CHECK(door.listen(address));
      continue;
    }
    if (!tls) {
      TILL_TRY(const std::string made, device_certificate(app));
      TILL_TRY(tls,
               http::TlsServer::load(app.data().file(kDeviceCertificate), app.data().file(kDeviceKey), app.random()));
    }
    TILL_CHECK(door.listen_tls(address, *tls));
  }
  return door.listen_control(app.data().file(kControlSocket));
}

void greet(const http::Door& door, const Config& config, const App& app) {
  const auto bound = door.addresses();
  const auto& asked = config.list("http.listen");
  for (size_t i = 0; i < asked.size(); ++i) {
    const bool plain = is_loopback(asked[i]) || config.flag("http.plain_lan");
    std::printf("tilld listening on %s://%s\n", plain ? "http" : "https", bound[i].c_str());
  }
  if (app.first_password())
    std::printf("admin: %s %s (also in %s; it must be changed at first login)\n", access::kFirstAdmin,
                app.first_password()->c_str(), app.data().file(kAdminPassword).c_str());
  std::fflush(stdout);
}

// Waits for the signal to stop; they are blocked in every thread, so it comes here and nowhere else.
void wait_for_stop(const sigset_t& signals) {
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
  log::info("stopping", {{"signal", signal}});
}

}  // namespace

Status serve(const Config& config, const std::string& data_dir) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread is made, for they inherit it

  TILL_TRY(auto app, App::open(config, data_dir, true));
  app->writer().on_broken([] { ::kill(::getpid(), SIGTERM); });
  http::Spool::clear(app->data().file(kSpool));
  Heartbeat heartbeat(*app);
  std::unique_ptr<http::TlsServer> tls;
  http::Door door(door_settings(config, *app), app->pipeline(), app->clock(),
                  [&app](Task<void()> task) { return app->workers().submit(std::move(task)); },
                  {.after_batch = {},
                   .quiet = [&app] { app->readers().release(); },
                   .tick = [&heartbeat, &door] { heartbeat.tick(door.stats()); }});
  TILL_CHECK(listen(door, config, *app, tls));
  TILL_CHECK(door.start());
  greet(door, config, *app);
  notify_systemd("READY=1");

  wait_for_stop(signals);
  notify_systemd("STOPPING=1");
  door.stop();
  app->stop();
  log::flush();
  if (app->writer().healthy()) return {};
  return Error{.message = data_dir + ": the database file failed; start again to have it checked"};
}

}  // namespace till::cli
