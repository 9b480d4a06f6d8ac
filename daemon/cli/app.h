// The whole node without its door: a Host (runtime/host.h) with the shop between database and pipeline, built in order
// and stopped in reverse. The daemon serves it (runtime/serve.h); the command line asks it directly when no daemon
// runs.
#pragma once

#include "access/ports.h"
#include "api/imports.h"
#include "api/routes.h"
#include "runtime/host.h"
#include "services/shop.h"
#include "sync/node/replica.h"
#include "sync/node/worker.h"

namespace till::cli {

inline constexpr const char* kDatabase = "shop.db";

/// What this binary says it is.
runtime::Program tilld();

class App final : public runtime::Host {
 public:
  /// Locks the data directory, checks and opens the database, makes what a first start needs, starts the writer.
  /// Errors: one line naming the file or key and the reason; nothing was written then. `make`: an empty directory is a
  /// first start; otherwise an error.
  static Result<std::unique_ptr<App>> open(const Config& config, const std::string& data_dir, bool make);
  ~App() override;

  [[nodiscard]] const store::Identity& identity() const { return *identity_; }
  [[nodiscard]] std::string device_name() const override { return identity_->node + ".local"; }
  Status on_serving() override;

 private:
  App(const Config& config, runtime::DataDir data) : Host(tilld(), config, std::move(data)) {}

  Status open_shop(bool make, const store::Names& names);
  Status make_identity(sqlite::Connection& db, const store::Names& names);
  Status build_shop();
  access::UserSettings user_settings();
  Status build_sync();
  [[nodiscard]] http::Routes routes();
  Status tidy_own() override;
  Status derive(http::Routes& all) override;
  Status reload(sqlite::Connection& db) override;
  void stop_own() override;

  services::Settings settings_;
  std::optional<store::Identity> identity_;
  std::unique_ptr<services::Shop> shop_;
  std::unique_ptr<services::Imports> imports_;
  std::optional<node::Replica> replica_;
  std::unique_ptr<node::Worker> worker_;  // null: this node has no hub
};

}  // namespace till::cli
