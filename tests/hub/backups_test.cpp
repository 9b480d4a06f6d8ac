// What nodes may forget: only what stands in the oldest backup that is kept (31-sync-review A7).
#include "sync/hub/backups.h"

#include "hub/hub_fixture.h"

using namespace till;
using test::HubFixture;
using test::Till;
using test::uuid;

namespace {

struct OneTill : HubFixture {
  Till a{*this, "s1", "A1"};
  OneTill() { a.greet(); }

  void back_up() {
    const auto marks = hub::marks_in(*db);
    REQUIRE(marks.ok());
    clock.advance_ms(1000);
    write([&](auto& tx) { return hub::record_backup(tx, clock.now(), *marks); });
  }
  int64_t backed() { return a.pull(core::Scope::tenant).marks[0].backed; }
  Status keep_from(Time time) {
    return sqlite::transact(*db, [&](auto& tx) { return hub::drop_backups_before(tx, time); });
  }
};

}  // namespace

TEST_CASE("without a backup nothing may be forgotten; the first one sets the mark to what stands in it") {
  OneTill hub;
  hub.a.sell(uuid(1), 1).sell(uuid(1), 1).send();
  CHECK(hub.backed() == 0);
  hub.back_up();
  CHECK(hub.backed() == 2);
  hub.a.sell(uuid(1), 1).send();
  CHECK(hub.backed() == 2);
}

TEST_CASE("a later backup does not move the mark until the operator lets the older ones go") {
  OneTill hub;
  hub.a.sell(uuid(1), 1).send();
  hub.back_up();
  const Time first = hub.clock.now();
  hub.a.sell(uuid(1), 1).sell(uuid(1), 1).send();
  hub.back_up();
  CHECK(hub.backed() == 1);
  const auto kept = hub::find_backups(*hub.db);
  CHECK(kept->count == 2);
  CHECK(kept->oldest == first);
  CHECK(hub.keep_from(first).ok());
  CHECK(hub.backed() == 1);
  CHECK(hub.keep_from({first.ms + 1}).ok());
  CHECK(hub.backed() == 3);
  const Status none = hub.keep_from({hub.clock.now().ms + 1});
  REQUIRE_FALSE(none.ok());
  CHECK(none.error().reason == "no_backup");
  CHECK(hub.backed() == 3);
}

TEST_CASE("a stream that began after the backup has no mark") {
  OneTill hub;
  hub.back_up();
  Till b(hub, "s1", "B1");
  b.greet();
  b.sell(uuid(1), 1).send();
  CHECK(b.pull(core::Scope::tenant).marks[0].backed == 0);
}
