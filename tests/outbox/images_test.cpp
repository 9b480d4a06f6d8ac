// The hub's rows as it sent them: newer over older only, the digest in step with them, and the swap.
#include "sync/outbox/images.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/log.h"
#include "sqlite/migrate.h"
#include "store/migrations.h"
#include "support/fake_clock.h"
#include "support/fake_random.h"

using namespace till;
using namespace till::outbox;
using core::Entity;

namespace {

struct Images {
  test::FakeClock clock{};
  test::FakeRandom random{};
  IdSource ids{clock, random};
  std::unique_ptr<sqlite::Connection> opened = sqlite::Connection::open(":memory:", sqlite::Mode::create).value();
  sqlite::Connection& db = *opened;
  core::SetHash digest, shadow_digest;

  Images() {
    log::set_level(log::Level::error);
    REQUIRE(sqlite::migrate(db, store::kMigrations, clock.now()).ok());
  }
  bool put(const RowKey& key, int64_t rev, const std::string& name, ImageSet set = ImageSet::rows) {
    return put_image(db, set, {key.entity, key.id, rev, false, {{"name", name, {}}, {"of tomorrow", "7", {}}}},
                     set == ImageSet::rows ? digest : shadow_digest)
        .value();
  }
  std::string name(const RowKey& key) {
    const auto image = find_image(db, key).value();
    return image ? image->find("name")->value : "none";
  }
  core::SetHash computed() {
    core::SetHash sum;
    auto query = db.query("SELECT image FROM hub_rows");
    while (query.next()) sum.add(query.get<Bytes>(0));
    return sum;
  }
};

}  // namespace

TEST_CASE("an image is kept if it is newer, with fields nobody knows here, and the digest follows") {
  Images images;
  const RowKey cup{Entity::product, images.ids.next()}, sort{Entity::category, cup.id};
  CHECK(images.put(cup, 5, "\"Cup\""));
  CHECK(images.put(sort, 6, "\"Sort\""));
  CHECK_FALSE(images.put(cup, 5, "\"Other\""));
  CHECK_FALSE(images.put(cup, 4, "\"Older\""));
  CHECK(images.name(cup) == "\"Cup\"");
  CHECK(images.name(sort) == "\"Sort\"");
  CHECK(images.put(cup, 7, "\"Mug\""));
  CHECK(find_image(images.db, cup).value()->find("of tomorrow")->value == "7");
  CHECK(images.computed() == images.digest);
  CHECK_FALSE(find_image(images.db, {Entity::product, images.ids.next()}).value());
}

TEST_CASE("the shadow takes the place of the rows and tells what differs, gone and faulty rows too") {
  Images images;
  const RowKey same{Entity::product, images.ids.next()}, other{Entity::product, images.ids.next()},
      gone{Entity::product, images.ids.next()}, fresh{Entity::product, images.ids.next()},
      faulty{Entity::product, images.ids.next()};
  for (const RowKey& key : {same, other, gone, faulty}) images.put(key, 9, "\"A\"");
  REQUIRE(note_fault(images.db, faulty, "/name is wrong").ok());
  CHECK(count_faults(images.db).value() == 1);
  images.put(same, 9, "\"A\"", ImageSet::shadow);
  images.put(faulty, 9, "\"A\"", ImageSet::shadow);
  images.put(other, 2, "\"B\"", ImageSet::shadow);  // of another past: what its rev was does not matter
  images.put(fresh, 3, "\"C\"", ImageSet::shadow);
  CHECK(images.name(other) == "\"A\"");  // nothing has changed yet
  auto differing = swap_images(images.db).value();
  std::sort(differing.begin(), differing.end());
  std::vector<RowKey> expected{other, gone, fresh, faulty};
  std::sort(expected.begin(), expected.end());
  CHECK(differing == expected);
  CHECK(images.name(other) == "\"B\"");
  CHECK(images.name(gone) == "none");
  CHECK(images.name(fresh) == "\"C\"");
  CHECK(images.computed() == images.shadow_digest);
  CHECK(count_faults(images.db).value() == 0);
  CHECK(swap_images(images.db)->size() == 4);  // an empty shadow was left
}
