#include "cli/app.h"

#include "cli/restore.h"
#include "cli/settings.h"
#include "store/migrations.h"

namespace till::cli {

runtime::Program tilld() { return {"tilld", TILL_VERSION}; }

Result<std::unique_ptr<App>> App::open(const Config& config, const std::string& data_dir, bool make) {
  TILL_TRY(auto settings, store_settings(config));
  TILL_TRY(const store::Names names, first_names(config));  // here, so that a bad one is refused before a file is made
  TILL_TRY(auto data, runtime::DataDir::open(data_dir, make, tilld().name));
  auto app = std::unique_ptr<App>(new App(config, std::move(data)));
  app->settings_ = std::move(settings);
  app->settings_.data_dir = data_dir;
  TILL_CHECK(finish_restore(data_dir, app->clock_.now()));
  TILL_CHECK(app->open_database(kDatabase, store::kMigrations, make,
                                [&](sqlite::Connection& db) { return app->make_identity(db, names); }));
  TILL_CHECK(app->build_shop());
  TILL_CHECK(app->build_access(app->identity_->version_base));
  TILL_CHECK(app->build_pipeline(app->routes()));
  TILL_CHECK(app->start());
  TILL_CHECK(app->imports_->resume());
  return app;
}

App::~App() { stop(); }

void App::stop_own() {
  if (imports_) imports_->stop();
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
  shop_ = std::make_unique<services::Shop>(services::Context{clock_, ids_, settings_, *identity_, writer(), readers()});
  imports_ = std::make_unique<services::Imports>(shop_->context(), shop_->catalogue);
  return shop_->load(writer().connection());
}

http::Routes App::routes() {
  http::Routes routes = api::shop_routes(*shop_);
  for (http::Route& route : api::import_routes(*imports_)) routes.push_back(std::move(route));
  return routes;
}

Status App::reload(sqlite::Connection& db) { return shop_->load(db); }

}  // namespace till::cli
