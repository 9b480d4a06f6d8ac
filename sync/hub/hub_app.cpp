#include "sync/hub/hub_app.h"

#include "sync/hub/migrations.h"

namespace till::hub {

Result<std::unique_ptr<HubApp>> HubApp::open(const runtime::Program& program, const Config& config, bool make) {
  TILL_TRY(Settings settings, read_settings(config));
  TILL_TRY(auto data, runtime::DataDir::open(settings.place.folder, make, program.name));
  auto app = std::unique_ptr<HubApp>(new HubApp(program, config, std::move(data), std::move(settings)));
  TILL_CHECK(app->open_database(app->settings_.place.file, kMigrations, make,
                                [&](sqlite::Connection& db) { return app->make_identity(db); }));
  TILL_CHECK(app->build_access(app->identity_->version_base));
  TILL_CHECK(app->build_pipeline({}));
  TILL_CHECK(app->start());
  return app;
}

Status HubApp::make_identity(sqlite::Connection& db) {
  TILL_TRY(identity_, find_identity(db));
  if (identity_) return check_names(config_, identity_->names);
  return sqlite::transact(db, [&](sqlite::Connection& tx) -> Status {
    TILL_TRY(identity_, create_identity(tx, settings_.names, random_, clock_.now()));
    return {};
  });
}

}  // namespace till::hub
