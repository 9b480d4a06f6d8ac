// What every program of ours is below its own business: a locked folder, a database with its one writer and its
// readers, who may log in, workers, and the pipeline of requests. tilld (cli/app.h) and tillhub (hub/hub_app.h) derive
// from it: their open() calls the steps below in order and puts their own between. serve() (serve.h) puts a door before
// it; the command line asks it directly when nobody serves (operator_client.h).
// It refuses a folder in which another process works, and a database that is not this program's.
#pragma once

#include <memory>
#include <optional>

#include "access/access.h"
#include "access/sqlite_storage.h"
#include "base/config.h"
#include "base/metrics.h"
#include "base/worker.h"
#include "http/event_streams.h"
#include "http/pipeline.h"
#include "runtime/data_dir.h"
#include "runtime/program.h"
#include "runtime/reserve.h"
#include "runtime/write_lane.h"
#include "sqlite/migrate.h"
#include "sqlite/reader.h"

namespace till::runtime {

class Host {
 public:
  virtual ~Host() = default;  // a derived class calls its stop()
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  /// Ends the workers, then what the program has of its own, then the writer with what it has queued. Once or more.
  void stop();

  [[nodiscard]] const Program& program() const { return program_; }
  [[nodiscard]] const Config& config() const { return config_; }
  [[nodiscard]] const DataDir& data() const { return data_; }
  [[nodiscard]] http::Pipeline& pipeline() { return *pipeline_; }
  [[nodiscard]] sqlite::Writer& writer() { return *writer_; }
  [[nodiscard]] sqlite::Readers& readers() { return *readers_; }
  [[nodiscard]] WorkerPool& workers() { return *workers_; }
  [[nodiscard]] Registry& metrics() { return metrics_; }
  [[nodiscard]] Reserve& reserve() { return reserve_; }
  /// What the program tells live, over the door's event streams.
  [[nodiscard]] http::EventFeed& events() { return events_; }
  /// Those streams; the program's routes decide where one asks for them. From build_access() on.
  [[nodiscard]] http::EventStreams& event_streams() { return *event_streams_; }
  [[nodiscard]] Clock& clock() { return clock_; }
  [[nodiscard]] Random& random() { return random_; }
  [[nodiscard]] IdSource& ids() { return ids_; }
  /// The name by which the device's certificate knows this machine: "A1.local".
  [[nodiscard]] virtual std::string device_name() const = 0;
  /// Prints the one-time password of the first admin, if this start made or renewed it.
  void print_first_admin() const;
  /// Starts what only a serving program has: its line to the other end. The door answers already.
  virtual Status on_serving() { return {}; }
  /// Small chores that need no hurry: forgets what has expired. From the door's tick.
  void tidy();

 protected:
  Host(Program program, const Config& config, DataDir data)
      : program_(std::move(program)),
        config_(config),
        data_(std::move(data)),
        reserve_(data_.path(), config.integer("disk.reserve_mib") << 20) {
    reserve_.make_way();
  }

  // The steps of open(), in this order. Their errors are one line that names the file or key and the reason.

  /// Checks, opens and migrates the database `name` of the folder; then `prepare` makes or reads what the program
  /// fixes at its first start. Without `make` a missing database is not_found. Nothing is written to a file that is
  /// refused.
  Status open_database(const std::string& name, const std::vector<sqlite::Migration>& migrations, bool make,
                       const std::function<Status(sqlite::Connection&)>& prepare);
  /// Users, sessions, addresses, tills, kept answers. Of `users` the Host fills in what its own settings say; `notices`
  /// outlives it.
  Status build_access(access::UserSettings users, access::Notifier& notices);
  /// The workers and the way of a request to `routes` and to those of access, operator and http. `samples` are for the
  /// Postman collection of all of them.
  Status build_pipeline(http::Routes routes, http::Samples samples = {});
  /// Starts the writer and makes the first admin, if nobody is one.
  Status start();

  /// Ends the program's own threads: the workers have stopped, the writer still works. Also if open() failed half-way.
  virtual void stop_own() {}
  /// Adds routes that are made from others: `all` has every one but those of http. Error: they do not fit.
  virtual Status derive(http::Routes& /*all*/) { return {}; }
  /// A backup was made of this snapshot. On a worker's thread.
  virtual Status backed_up(sqlite::Connection&) { return {}; }
  /// The program's own part of tidy(). On the writer's thread, inside a job.
  virtual Status tidy_own() { return {}; }
  /// What jobs had changed in memory ran ahead of a commit that failed: it is read again. On the writer's thread.
  virtual Status reload(sqlite::Connection&) { return {}; }

  const Program program_;
  const Config& config_;
  DataDir data_;
  SystemClock clock_{};
  SystemRandom random_{};
  IdSource ids_{clock_, random_};
  Registry metrics_{};
  http::EventFeed events_{};

 private:
  Status make_first_admin();
  Status can_write() const;
  /// How it is, in a word; an Error: it cannot sell.
  Result<std::string_view> ready() const;

  Reserve reserve_;
  std::unique_ptr<sqlite::Writer> writer_;
  std::unique_ptr<sqlite::Readers> readers_;
  std::unique_ptr<WorkerPool> workers_;
  access::SqliteStorage reading_{[this] { return readers_->fresh(); }};
  access::SqliteStorage writing_{[this]() -> Result<sqlite::Connection*> { return &writer_->connection(); }};
  std::unique_ptr<access::Access> access_;
  std::optional<http::EventStreams> event_streams_;
  std::unique_ptr<WriterLane> lane_;
  std::unique_ptr<http::Pipeline> pipeline_;
  std::optional<std::string> first_password_;
};

/// The device's own certificate as PEM, made with its key at the first need: tills compare its fingerprint when paired.
Result<std::string> device_certificate(Host& host);

}  // namespace till::runtime
