// The whole hub without its door: a Host (runtime/host.h) over the tenant's database. `tillhub serve` serves it
// (runtime/serve.h); the command line asks it directly when no hub runs.
#pragma once

#include "runtime/host.h"
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

 private:
  HubApp(const runtime::Program& program, const Config& config, runtime::DataDir data, Settings settings)
      : Host(program, config, std::move(data)), settings_(std::move(settings)) {}

  Status make_identity(sqlite::Connection& db);

  const Settings settings_;
  std::optional<Identity> identity_;
};

}  // namespace till::hub
