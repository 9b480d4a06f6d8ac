#include "cli/app.h"

#include "api/config.h"
#include "api/dialects/dialects.h"
#include "api/events.h"
#include "api/samples.h"
#include "cli/rebuild.h"
#include "cli/restore.h"
#include "cli/settings.h"
#include "cli/sync.h"
#include "runtime/settings.h"
#include "sqlite/examine.h"
#include "store/migrations.h"
#include "sync/node/attach.h"
#include "sync/node/routes.h"

namespace till::cli {

runtime::Program tilld() { return {"tilld", TILL_VERSION}; }

Result<std::unique_ptr<App>> App::open(const Config& config, const std::string& data_dir, bool make) {
  TILL_CHECK(runtime::check_host_settings(config));
  TILL_TRY(auto settings, store_settings(config));
  TILL_TRY(const store::Names names, first_names(config));  // here, so that a bad one is refused before a file is made
  TILL_TRY(auto data, runtime::DataDir::open(data_dir, make, tilld().name));
  auto app = std::unique_ptr<App>(new App(config, std::move(data)));
  app->settings_ = std::move(settings);
  app->settings_.data_dir = data_dir;
  TILL_CHECK(finish_replacing(data_dir, app->clock_.now()));
  TILL_CHECK(app->open_shop(make, names));
  TILL_CHECK(app->build_shop());
  TILL_CHECK(app->build_sync());
  TILL_CHECK(app->build_access(app->user_settings(), app->shop_->notices));
  TILL_CHECK(app->build_pipeline(app->routes(), api::samples()));
  TILL_CHECK(app->start());
  TILL_CHECK(app->imports_->resume());
  return app;
}

App::~App() { stop(); }

void App::stop_own() {
  if (worker_) worker_->stop();
  if (imports_) imports_->stop();
}

Status App::on_serving() { return worker_ ? worker_->start() : Status{}; }

// A damaged one is rebuilt, if headquarters gives back what is lost; else only if nothing is.
Status App::open_shop(bool make, const store::Names& names) {
  auto open = [&] {
    return open_database(kDatabase, store::kMigrations, make,
                         [&](sqlite::Connection& db) { return make_identity(db, names); });
  };
  Status opened = open();
  if (opened.ok() || opened.error().reason != sqlite::kDamaged || !make) return opened;
  const Rebuild how = config_.text("mqtt.url").empty() ? Rebuild::if_nothing_is_lost : Rebuild::anyhow;
  TILL_CHECK(rebuild_database(data_.path(), opened.error(), names, how, random_, clock_));
  return open();
}

Status App::make_identity(sqlite::Connection& db, const store::Names& names) {
  TILL_TRY(identity_, store::find_identity(db));
  if (identity_) return check_names(config_, *identity_);
  return sqlite::transact(db, [&](sqlite::Connection& tx) -> Status {
    TILL_TRY(identity_, store::create_identity(tx, names, random_, clock_.now()));
    return {};
  });
}

Status App::build_shop() {
  shop_ = std::make_unique<services::Shop>(
      services::Context{clock_, ids_, settings_, *identity_, writer(), readers(), events()});
  imports_ = std::make_unique<services::Imports>(shop_->context(), shop_->catalogue,
                                                 [this] { return reserve().room_for_bulk(); });
  return shop_->load(writer().connection());
}

access::UserSettings App::user_settings() {
  access::UserSettings settings{.version_base = identity_->version_base};
  settings.before_erasing = [this](int64_t user_row) { return shop_->orders.forget_customer(user_row); };
  return settings;
}

Status App::build_sync() {
  replica_.emplace(*identity_, shop_->journal, clock_, random_);
  TILL_TRY(auto settings, sync_settings(config_, data_, *identity_, random_));
  if (!settings) return {};
  TILL_CHECK(node::attach(writer().connection(), ids_, clock_, shop_->context().business_date()));
  worker_ =
      std::make_unique<node::Worker>(std::move(*settings), *replica_, writer(), readers(), clock_, random_, metrics_);
  writer().on_commit([this] { worker_->made(); });
  return {};
}

http::Routes App::routes() {
  http::Routes routes = api::shop_routes(*shop_);
  auto line = [this] { return worker_ ? worker_->line() : node::Line{}; };
  for (http::Routes some : {api::import_routes(*imports_), node::sync_routes(*replica_, readers(), line),
                            api::event_routes(event_streams()), api::config_routes(config())})
    std::move(some.begin(), some.end(), std::back_inserter(routes));
  return routes;
}

Status App::tidy_own() {
  TILL_CHECK(shop_->reservations.release_due());
  return shop_->notices.tidy();
}

// The older shops' names for what is there.
Status App::derive(http::Routes& all) {
  const dialects::Settings settings{.classic = config_.flag("dialects.classic"),
                                    .v1 = config_.flag("dialects.v1"),
                                    .currency = identity_->currency,
                                    .test_cards = settings_.cards == services::CardMode::test};
  TILL_TRY(http::Routes older, dialects::routes(all, settings, ids_));
  std::move(older.begin(), older.end(), std::back_inserter(all));
  return {};
}

// Both: the replica knows the epoch, and the counters are of an epoch.
Status App::reload(sqlite::Connection& db) {
  TILL_CHECK(replica_->reload(db));
  return shop_->load(db);
}

}  // namespace till::cli
