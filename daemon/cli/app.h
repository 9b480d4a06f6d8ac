// The whole node without its door: database, services, access and pipeline, built in order and stopped in reverse. The
// daemon puts a door before it (serve.h); the command line asks it directly when no daemon runs (operator_client.h).
#pragma once

#include <memory>
#include <optional>

#include "access/access.h"
#include "access/sqlite_storage.h"
#include "api/imports.h"
#include "api/routes.h"
#include "base/config.h"
#include "base/metrics.h"
#include "base/worker.h"
#include "cli/data_dir.h"
#include "cli/write_lane.h"
#include "http/pipeline.h"
#include "services/shop.h"

namespace till::cli {

class App {
 public:
  /// Locks the data directory, checks and opens the database, makes what a first start needs, starts the writer.
  /// Errors: one line naming the file or key and the reason; nothing was written then. `make`: an empty directory is a
  /// first start; otherwise an error.
  static Result<std::unique_ptr<App>> open(const Config& config, const std::string& data_dir, bool make);
  ~App();

  /// Ends the workers, then an import between two batches, then the writer with what it has queued.
  void stop();

  [[nodiscard]] http::Pipeline& pipeline() { return *pipeline_; }
  [[nodiscard]] const DataDir& data() const { return data_; }
  [[nodiscard]] const store::Identity& identity() const { return *identity_; }
  [[nodiscard]] sqlite::Writer& writer() { return *writer_; }
  [[nodiscard]] sqlite::Readers& readers() { return *readers_; }
  [[nodiscard]] WorkerPool& workers() { return *workers_; }
  [[nodiscard]] Registry& metrics() { return metrics_; }
  [[nodiscard]] Clock& clock() { return clock_; }
  [[nodiscard]] Random& random() { return random_; }
  /// The one-time password of the first admin, if this start made or renewed it.
  [[nodiscard]] const std::optional<std::string>& first_password() const { return first_password_; }
  /// Small chores that need no hurry: forgets what has expired. From the door's tick.
  void tidy();

 private:
  App(const Config& config, DataDir data) : config_(config), data_(std::move(data)) {}

  Status open_database(bool make, const store::Names& names);
  Status make_identity(sqlite::Connection& db, const store::Names& names);
  Status make_secrets();
  Status build_shop();
  Status build_access();
  Status build_pipeline();
  Status make_first_admin();
  Status ready() const;

  const Config& config_;
  DataDir data_;
  SystemClock clock_;
  SystemRandom random_;
  IdSource ids_{clock_, random_};
  Registry metrics_;
  services::Settings settings_;
  crypto::TokenSigner::Key token_key_{};
  std::optional<store::Identity> identity_;
  std::unique_ptr<sqlite::Writer> writer_;
  std::unique_ptr<sqlite::Readers> readers_;
  std::unique_ptr<WorkerPool> workers_;
  std::unique_ptr<services::Shop> shop_;
  std::unique_ptr<services::Imports> imports_;
  access::SqliteStorage reading_{[this] { return readers_->fresh(); }};
  access::SqliteStorage writing_{[this]() -> Result<sqlite::Connection*> { return &writer_->connection(); }};
  std::unique_ptr<access::Access> access_;
  std::unique_ptr<WriterLane> lane_;
  std::unique_ptr<http::Pipeline> pipeline_;
  std::optional<std::string> first_password_;
};

/// The device's own certificate as PEM, made with its key at the first need: tills compare its fingerprint when paired.
Result<std::string> device_certificate(App& app);

}  // namespace till::cli
