#include "cli/app.h"

#include <unistd.h>

#include <filesystem>

#include "base/file.h"
#include "base/log.h"
#include "cli/operator_routes.h"
#include "cli/restore.h"
#include "cli/settings.h"
#include "crypto/certificate.h"
#include "sqlite/migrate.h"
#include "store/migrations.h"

namespace till::cli {
namespace {

constexpr size_t kTokenKeyBytes = 32;
constexpr size_t kMostCertificateBytes = 16 * 1024;

Error missing(const std::string& path) {
  return {.code = Code::not_found, .message = path + ": there is no database here; `tilld init` makes one"};
}

}  // namespace

Result<std::unique_ptr<App>> App::open(const Config& config, const std::string& data_dir, bool make) {
  TILL_TRY(auto settings, store_settings(config));
  TILL_TRY(const store::Names names, first_names(config));  // here, so that a bad one is refused before a file is made
  TILL_TRY(DataDir data, DataDir::open(data_dir, make));
  auto app = std::unique_ptr<App>(new App(config, std::move(data)));
  app->settings_ = std::move(settings);
  app->settings_.data_dir = data_dir;
  TILL_CHECK(app->open_database(make, names));
  TILL_CHECK(app->make_secrets());
  TILL_CHECK(app->build_shop());
  TILL_CHECK(app->build_access());
  TILL_CHECK(app->build_pipeline());
  app->writer_->start();
  TILL_CHECK(app->make_first_admin());
  TILL_CHECK(app->imports_->resume());
  return app;
}

App::~App() { stop(); }

void App::stop() {
  if (workers_) workers_->stop(WorkerPool::Stop::drain);
  if (imports_) imports_->stop();
  if (writer_) writer_->stop();
}

Status App::open_database(bool make, const store::Names& names) {
  TILL_CHECK(finish_restore(data_.path(), clock_.now()));
  const std::string path = data_.file(kDatabase);
  TILL_TRY(const int version, sqlite::inspect(path, store::kMigrations));
  if (version == 0 && !make) return missing(path);
  const int cache = static_cast<int>(config_.integer("database.cache_kib"));
  TILL_TRY(auto db, sqlite::Connection::open(path, sqlite::Mode::create, cache));
  TILL_TRY(const int ran, sqlite::migrate(*db, store::kMigrations, clock_.now()));
  static_cast<void>(ran);
  TILL_CHECK(make_identity(*db, names));
  sqlite::WriterOptions options;
  options.checkpoint_frames = config_.integer("database.checkpoint_kib");  // a frame holds a page of 1 KiB
  options.checkpoint_limit = config_.integer("database.checkpoint_limit_kib");
  writer_ = std::make_unique<sqlite::Writer>(std::move(db), options);
  readers_ = std::make_unique<sqlite::Readers>(path, *writer_, cache);
  return {};
}

Status App::make_identity(sqlite::Connection& db, const store::Names& names) {
  TILL_TRY(identity_, store::find_identity(db));
  if (identity_) return check_names(config_, *identity_);
  return sqlite::transact(db, [&](sqlite::Connection& tx) -> Status {
    TILL_TRY(identity_, store::create_identity(tx, names, random_, clock_.now()));
    return {};
  });
}

Status App::make_secrets() {
  TILL_CHECK(data_.make_folder(kSpool));
  const std::string path = data_.file(kTokenKey);
  auto key = read_file(path, kTokenKeyBytes);
  if (!key && key.error().code == Code::not_found) {
    random_.fill(token_key_);
    return write_file(path, as_text(token_key_), 0600);
  }
  TILL_TRY(const std::string bytes, std::move(key));
  if (bytes.size() != kTokenKeyBytes)
    return Error{.code = Code::invalid, .message = path + ": must hold 32 bytes; without the file a new key is made"};
  std::copy(bytes.begin(), bytes.end(), token_key_.begin());
  return {};
}

Status App::build_shop() {
  shop_ = std::make_unique<services::Shop>(services::Context{clock_, ids_, settings_, *identity_, *writer_, *readers_});
  imports_ = std::make_unique<services::Imports>(shop_->context(), shop_->catalogue);
  return shop_->load(writer_->connection());
}

Status App::build_access() {
  access_ = std::make_unique<access::Access>(
      access::Ports{.reading = reading_, .writing = writing_, .clock = clock_, .random = random_, .ids = ids_},
      access::Settings{.token_key = token_key_,
                       .password_cost = static_cast<int>(config_.integer("auth.password_cost")),
                       .once_days = config_.integer("idempotency.days"),
                       .users = {.version_base = identity_->version_base, .first_password_spent = [this] {
                                   std::error_code ignored;
                                   std::filesystem::remove(data_.file(kAdminPassword), ignored);
                                 }}});
  // Counters and sessions in memory ran ahead of a commit that failed: both are read again.
  writer_->on_lost([this](sqlite::Connection& db) {
    if (auto status = shop_->load(db); !status) log::error("counters", {{"error", status.error().message}});
    if (auto status = access_->load(); !status) log::error("sessions", {{"error", status.error().message}});
  });
  return access_->load();
}

Status App::build_pipeline() {
  workers_ = std::make_unique<WorkerPool>(static_cast<size_t>(config_.integer("workers.threads")),
                                          static_cast<size_t>(config_.integer("workers.queue")));
  lane_ = std::make_unique<WriterLane>(*writer_);
  http::Routes routes = api::shop_routes(*shop_);
  for (http::Routes some : {api::import_routes(*imports_), access_->routes(), operator_routes(*readers_)})
    std::move(some.begin(), some.end(), std::back_inserter(routes));

  http::PipelineSettings settings;
  settings.gate.public_quota = {"public", static_cast<int>(2 * config_.integer("limits.public_per_s")), 2};
  settings.gate.customer_quota = {"customer", static_cast<int>(2 * config_.integer("limits.customer_per_s")), 2};
  settings.gate.strict_quota = {"strict", static_cast<int>(config_.integer("limits.strict_per_min")), 60};
  settings.gate.local_operator.rights = domain::rights_of(domain::Role::operator_);
  settings.gate.local_operator.name = "operator";
  settings.gate.local_operator.limited = false;
  settings.cors_origins = config_.list("http.cors_origins");
  settings.site = {.title = "tilld",
                   .version = TILL_VERSION,
                   .ready = [this] { return ready(); },
                   .metrics_right = domain::right(domain::Role::manager)};
  TILL_TRY(pipeline_, http::Pipeline::create(
                          std::move(routes),
                          http::Ports{.clock = clock_,
                                      .random = random_,
                                      .ids = ids_,
                                      .authenticator = access_->authenticator(),
                                      .writer = *lane_,
                                      .once = access_->once(),
                                      .metrics = metrics_,
                                      .slow = [this](Task<void()> task) { return workers_->submit(std::move(task)); }},
                          std::move(settings)));
  return {};
}

Status App::make_first_admin() {
  const std::string path = data_.file(kAdminPassword);
  const bool kept = std::filesystem::exists(path);
  TILL_CHECK(writer_->run([&](sqlite::Connection&) -> Status {
    TILL_TRY(first_password_, access_->ensure_admin(kept));
    return {};
  }));
  if (!first_password_) return {};
  return write_file(path, *first_password_ + "\n", 0600);
}

Status App::ready() const {
  if (writer_->healthy()) return {};
  return Error{.code = Code::offline, .message = "The database failed; a restart checks it"};
}

Result<std::string> device_certificate(App& app) {
  const std::string path = app.data().file(kDeviceCertificate);
  auto kept = read_file(path, kMostCertificateBytes);
  if (kept || kept.error().code != Code::not_found) return kept;
  const std::string name = app.identity().node + ".local";
  TILL_TRY(const auto made, crypto::make_device_certificate(
                                {.common_name = name, .dns_names = {name, "localhost"}, .addresses = {"127.0.0.1"}},
                                app.clock().now(), app.random()));
  // The key first: a certificate that stands there always has one.
  TILL_CHECK(write_file(app.data().file(kDeviceKey), made.key_pem, 0600));
  TILL_CHECK(write_file(path, made.certificate_pem, 0644));
  return made.certificate_pem;
}

void App::tidy() {
  static_cast<void>(writer_->submit([this](sqlite::Connection&) { return access_->tidy(); },
                                    [](const Status& status) {
                                      if (!status) log::warning("tidy", {{"error", status.error().message}});
                                    }));
}

}  // namespace till::cli
