#include "sync/hub/hub_app.h"

#include "sync/hub/backups.h"
#include "sync/hub/migrations.h"

namespace till::hub {

Result<std::unique_ptr<HubApp>> HubApp::open(const runtime::Program& program, const Config& config, bool make) {
  TILL_TRY(Settings settings, read_settings(config));
  TILL_TRY(auto data, runtime::DataDir::open(settings.place.folder, make, program.name));
  auto app = std::unique_ptr<HubApp>(new HubApp(program, config, std::move(data), std::move(settings)));
  TILL_CHECK(app->open_database(app->settings_.place.file, kMigrations, make,
                                [&](sqlite::Connection& db) { return app->make_identity(db); }));
  TILL_CHECK(app->build_access({.version_base = app->identity_->version_base}, app->notices_));
  app->build_office();
  TILL_CHECK(app->build_pipeline(api::hub_routes(*app->office_)));
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

void HubApp::build_office() {
  applier_.emplace(clock_, ids_, *identity_);
  catalogue_.emplace(clock_, ids_, *identity_);
  service_ =
      std::make_unique<Service>(settings_.link, *identity_, *applier_, writer(), readers(), clock_, random_, metrics_);
  office_.emplace(api::Office{.clock = clock_,
                              .ids = ids_,
                              .applier = *applier_,
                              .catalogue = *catalogue_,
                              .writer = writer(),
                              .readers = readers(),
                              .backup_alarm_days = settings_.backup_alarm_days,
                              .connected = [this] { return service_->connected(); }});
  writer().on_commit([this] { service_->committed(); });
}

Status HubApp::on_serving() {
  service_->start();
  return {};
}

void HubApp::stop_own() {
  if (service_) service_->stop();
}

Status HubApp::backed_up(sqlite::Connection& snapshot) {
  TILL_TRY(StreamMarks marks, marks_in(snapshot));
  return writer().run(
      [this, marks = std::move(marks)](sqlite::Connection& db) { return record_backup(db, clock_.now(), marks); });
}

}  // namespace till::hub
