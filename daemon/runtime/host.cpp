#include "runtime/host.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/file.h"
#include "base/log.h"
#include "crypto/certificate.h"
#include "runtime/operator_routes.h"
#include "runtime/secret_key.h"
#include "sqlite/examine.h"

namespace till::runtime {
namespace {

constexpr size_t kMostCertificateBytes = 16 * 1024;

}  // namespace

void Host::stop() {
  if (workers_) workers_->stop(WorkerPool::Stop::drain);
  stop_own();
  if (writer_) writer_->stop();
}

Status Host::open_database(const std::string& name, const std::vector<sqlite::Migration>& migrations, bool make,
                           const std::function<Status(sqlite::Connection&)>& prepare) {
  const std::string path = data_.file(name.c_str());
  TILL_CHECK(sqlite::examine(path));
  TILL_TRY(const int version, sqlite::inspect(path, migrations));
  if (version == 0 && !make) {
    return Error{.code = Code::not_found,
                 .message = path + ": there is no database here; `" + program_.name + " serve` makes one"};
  }
  const int cache = static_cast<int>(config_.integer("database.cache_kib"));
  TILL_TRY(auto db, sqlite::Connection::open(path, sqlite::Mode::create, cache));
  TILL_TRY(const int ran, sqlite::migrate(*db, migrations, clock_.now()));
  static_cast<void>(ran);
  TILL_CHECK(prepare(*db));
  sqlite::WriterOptions options;
  options.checkpoint_frames = config_.integer("database.checkpoint_kib");  // a frame holds a page of 1 KiB
  options.checkpoint_limit = config_.integer("database.checkpoint_limit_kib");
  writer_ = std::make_unique<sqlite::Writer>(std::move(db), options);
  readers_ = std::make_unique<sqlite::Readers>(path, *writer_, cache);
  return {};
}

Status Host::build_access(access::UserSettings users, access::Notifier& notices) {
  TILL_TRY(const SecretKey key, secret_key(data_.file(kTokenKey), random_));
  users.open_roles = config_.flag("auth.open_roles");
  users.first_password_spent = [this] {
    std::error_code ignored;
    std::filesystem::remove(data_.file(kAdminPassword), ignored);
  };
  access_ = std::make_unique<access::Access>(
      access::Ports{.reading = reading_,
                    .writing = writing_,
                    .clock = clock_,
                    .random = random_,
                    .ids = ids_,
                    .notices = notices},
      access::Settings{.token_key = key,
                       .password_cost = static_cast<int>(config_.integer("auth.password_cost")),
                       .once_days = config_.integer("idempotency.days"),
                       .users = std::move(users)});
  event_streams_.emplace(events_, access_->authenticator(), clock_, random_, metrics_,
                         http::StreamLimits{.in_all = static_cast<size_t>(config_.integer("http.max_streams"))});
  // Counters and sessions in memory ran ahead of a commit that failed: both are read again.
  writer_->on_lost([this](sqlite::Connection& db) -> Status {
    TILL_CHECK(reload(db));
    return access_->load();
  });
  return access_->load();
}

Status Host::build_pipeline(http::Routes routes, http::Samples samples) {
  TILL_CHECK(data_.make_folder(kSpool));
  workers_ = std::make_unique<WorkerPool>(static_cast<size_t>(config_.integer("workers.threads")),
                                          static_cast<size_t>(config_.integer("workers.queue")));
  lane_ = std::make_unique<WriterLane>(*writer_);
  for (http::Routes some : {access_->routes(), operator_routes(*readers_, [this](sqlite::Connection& snapshot) {
                              return backed_up(snapshot);
                            })})
    std::move(some.begin(), some.end(), std::back_inserter(routes));
  TILL_CHECK(derive(routes));

  http::PipelineSettings settings;
  settings.gate.public_quota = {"public", static_cast<int>(2 * config_.integer("limits.public_per_s")), 2};
  settings.gate.customer_quota = {"customer", static_cast<int>(2 * config_.integer("limits.customer_per_s")), 2};
  settings.gate.strict_quota = {"strict", static_cast<int>(config_.integer("limits.strict_per_min")), 60};
  settings.gate.local_operator.rights = domain::rights_of(domain::Role::operator_);
  settings.gate.local_operator.name = "operator";
  settings.gate.local_operator.limited = false;
  settings.gate.room_for_bulk = [this]() -> Status {
    TILL_CHECK(can_write());
    return reserve_.room_for_bulk();
  };
  settings.cors_origins = config_.list("http.cors_origins");
  settings.site = {.title = program_.name,
                   .version = program_.version,
                   .ready = [this] { return ready(); },
                   .metrics_right = domain::right(domain::Role::manager),
                   .samples = std::move(samples)};
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

Status Host::start() {
  reserve_.refill();
  writer_->on_full([this] { reserve_.release(); });
  writer_->start();
  return make_first_admin();
}

Status Host::make_first_admin() {
  const std::string path = data_.file(kAdminPassword);
  const bool kept = std::filesystem::exists(path);
  TILL_CHECK(writer_->run([&](sqlite::Connection&) -> Status {
    TILL_TRY(first_password_, access_->ensure_admin(kept));
    return {};
  }));
  if (!first_password_) return {};
  return write_file(path, *first_password_ + "\n", 0600);
}

void Host::print_first_admin() const {
  if (!first_password_) return;
  std::printf("admin: %s %s (also in %s; it must be changed at first login)\n", access::kFirstAdmin,
              first_password_->c_str(), data_.file(kAdminPassword).c_str());
}

Status Host::can_write() const {
  if (writer_->healthy()) return {};
  return Error{.code = Code::offline, .message = "The database failed; a restart checks it"};
}

Result<std::string_view> Host::ready() const {
  TILL_CHECK(can_write());
  if (writer_->full() && reserve_.disk_is_full()) return Error{.code = Code::full, .message = "The disk is full"};
  return reserve_.room_for_bulk() ? "ready" : "cramped";
}

void Host::tidy() {
  auto chores = [this](sqlite::Connection&) -> Status {
    TILL_CHECK(access_->tidy());
    return tidy_own();
  };
  static_cast<void>(writer_->submit(std::move(chores), [](const Status& status) {
    if (!status) log::warning("tidy", {{"error", status.error().message}});
  }));
}

Result<std::string> device_certificate(Host& host) {
  const std::string path = host.data().file(kDeviceCertificate);
  auto kept = read_file(path, kMostCertificateBytes);
  if (kept || kept.error().code != Code::not_found) return kept;
  const std::string name = host.device_name();
  TILL_TRY(const auto made, crypto::make_device_certificate(
                                {.common_name = name, .dns_names = {name, "localhost"}, .addresses = {"127.0.0.1"}},
                                host.clock().now(), host.random()));
  // The key first: a certificate that stands there always has one.
  TILL_CHECK(write_file(host.data().file(kDeviceKey), made.key_pem, 0600));
  TILL_CHECK(write_file(path, made.certificate_pem, 0644));
  return made.certificate_pem;
}

}  // namespace till::runtime
