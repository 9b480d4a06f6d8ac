// Edits on their way: what an edit has seen (B2, B4), which way it goes (B5), what is shown of it, forgotten, and
// numbered anew.
#include "sync/outbox/edits.h"

#include <doctest/doctest.h>

#include "base/log.h"
#include "sqlite/migrate.h"
#include "store/migrations.h"
#include "support/fake_clock.h"
#include "support/fake_random.h"
#include "sync/core/message.h"

using namespace till;
using namespace till::outbox;
using core::Action;
using core::Entity;
using core::Stream;
using core::Tag;

namespace {

struct Box {
  test::FakeClock clock{};
  test::FakeRandom random{};
  IdSource ids{clock, random};
  std::unique_ptr<sqlite::Connection> opened = sqlite::Connection::open(":memory:", sqlite::Mode::create).value();
  sqlite::Connection& db = *opened;
  const RowKey cup{Entity::product, ids.next()};

  explicit Box(bool attached = true) {
    log::set_level(log::Level::error);
    REQUIRE(sqlite::migrate(db, store::kMigrations, clock.now()).ok());
    if (attached) REQUIRE(db.run("INSERT INTO meta VALUES ('attached_at', 1)").ok());
  }
  Author author(Stream stream = Stream::shop) { return {.ids = &ids, .stream = stream, .business_date = 20260105}; }
  void edit(const RowKey& key, Action action, const std::vector<std::string>& fields, Stream stream = Stream::shop) {
    core::RowEdit edit{.entity = key.entity, .action = action, .id = key.id, .at = clock.now()};
    for (const std::string& name : fields) edit.fields.push_back({.name = name, .before = "1", .after = "2"});
    REQUIRE(append(db, edit, author(stream)).ok());
  }
  std::vector<core::Envelope> load(Stream stream, int64_t first = 1, int64_t most = 1000) {
    return load_edits(db, stream, first, most).value();
  }
  core::RowEdit newest(Stream stream) { return core::read_edit(load(stream).back().body).value(); }
  size_t shown(const RowKey& key) { return pending_edits(db, key)->size(); }
  void mark(Stream stream, int64_t acked, int64_t landed) {
    StreamMarks marks = get_marks(db, stream).value();
    marks.acked.seq = acked;
    marks.landed.seq = landed;
    REQUIRE(save_marks(db, stream, marks).ok());
  }
  void keep(const RowKey& key, std::vector<core::RowField> fields, int64_t rev = 1) {
    core::SetHash digest;
    REQUIRE(put_image(db, ImageSet::rows, {key.entity, key.id, rev, false, std::move(fields)}, digest).value());
  }
};

constexpr Tag kHubs{1, 2, 3, 4, 5, 6, 7, 8};

}  // namespace

TEST_CASE("an edit names the tag of the hub's field it saw, or that of one's own edit over it") {
  Box box;
  box.keep(box.cup, {{"name", "\"Cup\"", {kHubs}}, {"price", "1", {}}});
  box.edit(box.cup, Action::change, {"name", "price", "brand"});
  auto edit = box.newest(Stream::shop);
  CHECK(edit.fields[0].base == std::vector<Tag>{kHubs});
  CHECK(edit.fields[1].base.empty());  // nobody set it
  CHECK(edit.fields[2].base.empty());  // the hub does not have it
  const Tag first = core::tag_of(box.load(Stream::shop)[0].uid);
  box.edit(box.cup, Action::change, {"name"});
  CHECK(box.newest(Stream::shop).fields[0].base == std::vector<Tag>{first});
  box.mark(Stream::shop, 2, 2);  // both have come back: what the hub has is what is shown
  box.edit(box.cup, Action::change, {"name"});
  CHECK(box.newest(Stream::shop).fields[0].base == std::vector<Tag>{kHubs});
}

TEST_CASE("a removal has seen every field of the row, also those that this node does not know") {
  Box box;
  box.keep(box.cup, {{"name", "\"Cup\"", {kHubs}}, {"glaze", "\"blue\"", {kHubs}}});
  box.edit(box.cup, Action::remove, {"name", "brand"});
  const auto edit = box.newest(Stream::shop);
  REQUIRE(edit.fields.size() == 3);
  CHECK(edit.fields[0].base == std::vector<Tag>{kHubs});
  CHECK(edit.fields[1].base.empty());
  CHECK(edit.fields[2].name == "glaze");
  CHECK(edit.fields[2].before == "\"blue\"");
  CHECK(edit.fields[2].base == std::vector<Tag>{kHubs});
}

TEST_CASE("a row's edits go one way until the hub has acknowledged them") {
  Box box;
  const RowKey bag{Entity::product, box.ids.next()}, sort{Entity::category, box.cup.id};
  box.edit(box.cup, Action::create, {"name"}, Stream::bulk);
  box.edit(box.cup, Action::change, {"name"});
  box.edit(bag, Action::change, {"name"});
  box.edit(sort, Action::change, {"name"});  // another row, whatever its id
  CHECK(box.load(Stream::bulk).size() == 2);
  CHECK(box.load(Stream::shop).size() == 2);
  box.mark(Stream::bulk, 1, 0);
  box.edit(box.cup, Action::change, {"name"});
  CHECK(box.load(Stream::bulk).size() == 3);
  box.mark(Stream::bulk, 3, 0);
  box.edit(box.cup, Action::change, {"name"});
  CHECK(box.load(Stream::bulk).size() == 3);
  CHECK(box.load(Stream::shop).size() == 3);
  CHECK(box.shown(box.cup) == 4);  // in the order they were made, over both streams
  CHECK(pending_edits(box.db, box.cup)->front().edit.action == Action::create);
}

TEST_CASE("an envelope has the next seq of its stream and the same bytes each time") {
  Box box;
  box.clock.set({1'767'603'600'123});
  for (int i = 0; i < 3; ++i) box.edit(box.cup, Action::change, {"name"});
  const auto once = box.load(Stream::shop), again = box.load(Stream::shop, 2, 1);
  REQUIRE(once.size() == 3);
  REQUIRE(again.size() == 1);
  CHECK(again[0].seq == 2);
  CHECK(again[0].uid == once[1].uid);
  CHECK(again[0].body == once[1].body);
  CHECK(again[0].kind == core::Kind::edit);
  CHECK(again[0].hlc == int64_t{1'767'603'600'123} << 16);
  CHECK(again[0].business_date == 20260105);
  CHECK(box.load(Stream::shop, 4).empty());
  CHECK(box.load(Stream::bulk).empty());
}

TEST_CASE("a batch holds whole envelopes, at least one, and ends where it is full") {
  Batch many, large;
  size_t taken = 0;
  for (size_t i = 0; i < core::kMaxBatchEnvelopes + 1; ++i) taken += many.add({});
  CHECK(taken == core::kMaxBatchEnvelopes);
  core::Envelope whole;
  whole.body.resize(core::kMaxBatchBytes + 1);
  CHECK(large.add(std::move(whole)));
  CHECK_FALSE(large.add({}));
  CHECK(std::move(large).take().size() == 1);
}

TEST_CASE("an edit is shown until it lands, while it is held, and again if the hub lost it") {
  Box box;
  for (int i = 0; i < 2; ++i) box.edit(box.cup, Action::change, {"name"});
  const Uuid first = box.load(Stream::shop)[0].uid;
  box.mark(Stream::shop, 2, 1);
  CHECK(box.shown(box.cup) == 1);
  CHECK(set_held(box.db, {first, box.ids.next()})->size() == 1);
  CHECK(set_held(box.db, {first})->empty());  // nothing new
  CHECK(box.shown(box.cup) == 2);
  CHECK(set_held(box.db, {}).value() == std::vector<RowKey>{box.cup});
  CHECK(box.shown(box.cup) == 1);
  box.mark(Stream::shop, 0, 0);
  CHECK(box.shown(box.cup) == 2);
  CHECK(rows_between(box.db, Stream::shop, 0, 1)->size() == 1);
  CHECK(rows_between(box.db, Stream::bulk, 0, 9)->empty());
}

TEST_CASE("what is forgotten is gone but for what is held; the seq goes on") {
  Box box;
  for (int i = 0; i < 4; ++i) box.edit(box.cup, Action::change, {"name"});
  REQUIRE(set_held(box.db, {box.load(Stream::shop)[1].uid}).ok());
  REQUIRE(trim(box.db, Stream::bulk, 9).ok());
  CHECK(box.load(Stream::shop).size() == 4);
  REQUIRE(trim(box.db, Stream::shop, 4).ok());
  REQUIRE(box.load(Stream::shop).size() == 1);
  CHECK(box.load(Stream::shop)[0].seq == 2);
  box.edit(box.cup, Action::change, {"name"});
  CHECK(box.load(Stream::shop).back().seq == 5);
}

TEST_CASE("a new epoch numbers what is left from 1 and begins with no mark; bodies and uids stay") {
  Box box;
  for (int i = 0; i < 4; ++i) box.edit(box.cup, Action::change, {"name"}, i < 2 ? Stream::bulk : Stream::shop);
  box.mark(Stream::bulk, 4, 4);
  const RowKey bag{Entity::product, box.ids.next()};
  box.edit(bag, Action::change, {"name"});
  REQUIRE(trim(box.db, Stream::bulk, 1).ok());
  const auto before = box.load(Stream::bulk);
  REQUIRE(rewrap(box.db).ok());
  const auto after = box.load(Stream::bulk);
  REQUIRE(after.size() == 3);
  for (size_t i = 0; i < after.size(); ++i) {
    CHECK(after[i].seq == static_cast<int64_t>(i) + 1);
    CHECK(after[i].uid == before[i].uid);
    CHECK(after[i].body == before[i].body);
  }
  const StreamMarks marks = get_marks(box.db, Stream::bulk).value();
  CHECK(marks.head == 3);
  CHECK(marks.acked.seq == 0);
  CHECK(marks.landed.seq == 0);
  CHECK(get_marks(box.db, Stream::shop)->head == 1);
  box.edit(box.cup, Action::change, {"name"});
  CHECK(box.load(Stream::bulk).back().seq == 4);
}

TEST_CASE("clearing forgets all and begins at 1") {
  Box box;
  box.edit(box.cup, Action::change, {"name"});
  REQUIRE(clear(box.db).ok());
  CHECK(box.load(Stream::shop).empty());
  CHECK(get_marks(box.db, Stream::shop)->head == 0);
  CHECK(is_attached(box.db).value());
  CHECK_FALSE(is_attached(Box(false).db).value());
}
