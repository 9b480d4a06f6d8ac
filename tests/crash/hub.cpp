#include "crash/hub.h"

#include "sqlite/examine.h"
#include "sqlite/migrate.h"
#include "sync/hub/migrations.h"

namespace till::crash {
namespace {

bool holds(sqlite::Connection& db, const char* sql) {
  const auto value = db.value<int64_t>(sql);
  return value && *value == 0;
}

}  // namespace

Promise promise_of(const core::Mark& mark) {
  return {.what = "applied " + std::to_string(core::index_of(mark.stream)), .version = mark.applied};
}

Hub::~Hub() {
  if (writer) writer->stop();
}

Status Hub::start() {
  TILL_CHECK(sqlite::examine(file));
  TILL_TRY(const int version, sqlite::inspect(file, hub::kMigrations));
  static_cast<void>(version);
  TILL_TRY(auto opened, sqlite::Connection::open(file, sqlite::Mode::create, 512));
  TILL_TRY(const int ran, sqlite::migrate(*opened, hub::kMigrations, clock.now()));
  static_cast<void>(ran);
  TILL_TRY(auto known, hub::find_identity(*opened));
  if (!known) {
    TILL_CHECK(sqlite::transact(*opened, [&](sqlite::Connection& tx) -> Status {
      TILL_TRY(known, hub::create_identity(tx, {"shop", "EUR"}, random, clock.now()));
      return {};
    }));
  }
  identity = *known;
  applier.emplace(clock, ids, identity);
  writer = std::make_unique<sqlite::Writer>(std::move(opened),
                                            sqlite::WriterOptions{.checkpoint_frames = 64, .checkpoint_limit = 64});
  return {};
}

void Hub::look(Found& found) {
  const std::string damage = integrity_of(db());
  if (!damage.empty()) found.faults.push_back("integrity: " + damage);
  if (!holds(db(),
             "SELECT count(*) FROM streams t WHERE applied <> (SELECT count(*) FROM seqs q WHERE"
             " q.stream = t.row)"))
    found.faults.emplace_back("a stream's cursor is not what was applied of it");
  if (!holds(db(), "SELECT count(*) - count(DISTINCT uid) FROM facts"))
    found.faults.emplace_back("a fact stands twice");
  if (!holds(db(), "SELECT count(*) FROM quarantine")) found.faults.emplace_back("a good envelope is in quarantine");
  auto streams = db().query("SELECT stream, max(applied) FROM streams GROUP BY stream");
  while (streams.next()) found.holds["applied " + std::to_string(streams.get<int64_t>(0))] = streams.get<int64_t>(1);
  if (!streams.status()) found.faults.emplace_back("streams cannot be read");
  found.rows = rows_of(db());
}

Result<core::Welcome> Hub::greet(const core::NodeName& name, const core::Session& session) {
  return applier->welcome(db(), name, {.session = session, .build = "crash", .clock = clock.now()});
}

Status Hub::work_on() {
  return sqlite::transact(db(), [&](sqlite::Connection&) -> Status {
    TILL_TRY(const auto welcome, greet({"shop", "main", "A9"}, {{}, identity.epoch, {9}}));
    if (welcome.verdict != core::Verdict::resume) return Error{.message = "another till is not let in"};
    return {};
  });
}

}  // namespace till::crash
