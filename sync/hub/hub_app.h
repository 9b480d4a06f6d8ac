// The whole hub without its door: a Host (runtime/host.h) over the tenant's database. `tillhub serve` serves it
// (runtime/serve.h); the command line asks it directly when no hub runs.
#pragma once

#include "runtime/host.h"
#include "sync/hub/api/routes.h"
#include "sync/hub/service.h"
#include "sync/hub/settings.h"

namespace till::hub {

class HubApp final : public runtime::Host {
 public:
  /// Locks the database's folder, checks and opens the database, makes what a first start needs, starts the writer.
  /// Errors: one line naming the file or key and the reason; nothing was written then. `make`: an empty folder is a
  /// first start; otherwise an error.
  static Result<std::unique_ptr<HubApp>> open(const runtime::Program& program, const Config& config, bool make);
  ~HubApp() override { stop(); }

  [[nodiscard]] const Identity& identity() const { return *identity_; }
  [[nodiscard]] std::string device_name() const override { return "tillhub.local"; }
  /// Connects to the broker: from now on nodes are answered.
  Status on_serving() override;

 private:
  HubApp(const runtime::Program& program, const Config& config, runtime::DataDir data, Settings settings)
      : Host(program, config, std::move(data)), settings_(std::move(settings)) {}

  Status make_identity(sqlite::Connection& db);
  void build_office();
  void stop_own() override;
  Status backed_up(sqlite::Connection& snapshot) override;

  const Settings settings_;
  access::NoNotices notices_;  // headquarters has no mail of its own yet
  std::optional<Identity> identity_;
  std::optional<Applier> applier_;
  std::optional<Catalogue> catalogue_;
  std::optional<api::Office> office_;
  std::unique_ptr<Service> service_;
};

}  // namespace till::hub
