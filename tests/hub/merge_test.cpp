// Shared rows at the hub: edits of several tills and headquarters merged, clashes journalled for the store they came
// from, keys, waiting edits (30-sync, Merging; 31-sync-review B2, B4, B6, B7, B10, B11).
#include "hub/hub_fixture.h"

using namespace till;
using core::ClashKind;
using core::ConflictStatus;
using core::Winner;
using test::HubFixture;
using test::Till;
using test::uuid;

namespace {

const Uuid kCup = uuid(1), kMug = uuid(2);

struct TwoTills : HubFixture {
  Till a{*this, "s1", "A1"}, b{*this, "s2", "B1"};
  TwoTills() {
    a.greet();
    b.greet();
    a.create(kCup, "C-1", 100).send_edits();
  }
};

}  // namespace

TEST_CASE("a row that a till made is there for all, under one rev") {
  TwoTills hub;
  const core::RowImage row = hub.image(kCup);
  CHECK(row.rev == 1);
  CHECK(row.find("price")->value == "100");
  CHECK(row.find("price")->tags.size() == 1);
  CHECK(hub.conflicts().empty());
}

TEST_CASE("edits of different fields do not clash, and each takes the rev of its envelope") {
  TwoTills hub;
  hub.a.change(kCup, "name", "\"Tasse\"");
  hub.b.change(kCup, "price", "200");
  hub.a.send_edits();
  hub.b.send_edits();
  CHECK(hub.value(kCup, "name") == "\"Tasse\"");
  CHECK(hub.value(kCup, "price") == "200");
  CHECK(hub.image(kCup).rev == 3);
  CHECK(hub.conflicts().empty());
}

TEST_CASE("B2: who edits over what he has not seen clashes; the field's policy decides, both versions are kept") {
  TwoTills hub;
  hub.b.change_blindly(kCup, "price", "300").send_edits();               // hub_wins
  hub.b.change_blindly(kCup, "name", "\"Becher\"").send_edits();         // latest
  hub.b.change_blindly(kCup, "low_stock", "5").send_edits();             // not there yet: no clash
  hub.b.change_blindly(kCup, "stock_policy", "\"block\"").send_edits();  // store_wins
  CHECK(hub.value(kCup, "price") == "100");
  CHECK(hub.value(kCup, "name") == "\"Becher\"");
  CHECK(hub.value(kCup, "low_stock") == "5");
  CHECK(hub.value(kCup, "stock_policy") == "\"block\"");
  const auto clashes = hub.conflicts();
  REQUIRE(clashes.size() == 3);
  const core::Conflict& price = clashes[2].entry;
  CHECK(price.clash.kind == ClashKind::field);
  CHECK(price.clash.field == "price");
  CHECK(price.clash.ours == "100");
  CHECK(price.clash.theirs == "300");
  CHECK(price.clash.winner == Winner::ours);
  CHECK(price.node == "B1");
  CHECK(price.row == kCup);
  CHECK(price.status == ConflictStatus::settled);
  CHECK(clashes[1].entry.clash.winner == Winner::theirs);
}

TEST_CASE("a clash is told to the tills of the store it came from, and to no other") {
  TwoTills hub;
  hub.b.change_blindly(kCup, "price", "300").send_edits();
  CHECK(test::items<core::Conflict>(hub.b.pull_all(core::Scope::store)).size() == 1);
  CHECK(test::items<core::Conflict>(hub.a.pull_all(core::Scope::store)).empty());
  CHECK(test::items<core::RowImage>(hub.a.pull_all(core::Scope::tenant)).size() == 1);
}

TEST_CASE("B7: two tills make products with one SKU and one barcode: both live, the later lost its keys") {
  TwoTills hub;
  hub.b.create(kMug, "C-1", 100, "\"4006381333931\"").send_edits();
  CHECK(hub.value(kMug, "sku") == "\"\"");
  CHECK(hub.value(kMug, "barcodes") == "[\"4006381333931\"]");
  REQUIRE(hub.conflicts().size() == 1);
  CHECK(hub.conflicts()[0].entry.clash.kind == ClashKind::key_lost);
  CHECK(hub.conflicts()[0].entry.status == ConflictStatus::open);
  hub.a.change(kCup, "barcodes", "[\"4006381333931\",\"1\"]").send_edits();
  CHECK(hub.value(kCup, "barcodes") == "[\"1\"]");

  SUBCASE("a key is free again when its row gives it up") {
    hub.a.change(kCup, "sku", "\"C-2\"").send_edits();
    hub.b.change(kMug, "sku", "\"C-1\"").send_edits();
    CHECK(hub.value(kMug, "sku") == "\"C-1\"");
  }
  SUBCASE("B11: or is removed; and stays with its new row when the old one comes back") {
    const core::RowImage seen = hub.image(kCup);
    core::RowEdit gone = Till::product(core::Action::remove, kCup, {});
    for (const core::RowField& field : seen.fields)
      gone.fields.push_back({field.name, field.tags, field.value, "null"});
    hub.a.edit(gone).send_edits();
    CHECK(hub.image(kCup).removed);
    hub.b.change(kMug, "sku", "\"C-1\"").send_edits();
    CHECK(hub.value(kMug, "sku") == "\"C-1\"");
    hub.a.change(kCup, "name", "\"Zurück\"").send_edits();
    CHECK_FALSE(hub.image(kCup).removed);
    CHECK(hub.value(kCup, "sku") == "\"\"");
    CHECK(hub.value(kMug, "sku") == "\"C-1\"");
  }
}

TEST_CASE("B4: a removal by somebody who has not seen an edit loses against it") {
  TwoTills hub;
  core::RowEdit gone = Till::product(core::Action::remove, kCup, {});
  for (const core::RowField& field : hub.image(kCup).fields)
    gone.fields.push_back({field.name, field.tags, field.value, "null"});
  hub.b.change(kCup, "name", "\"Neu\"").send_edits();
  hub.a.edit(gone).send_edits();
  CHECK_FALSE(hub.image(kCup).removed);
  REQUIRE(hub.conflicts().size() == 1);
  CHECK(hub.conflicts()[0].entry.clash.kind == ClashKind::edit_won);
}

TEST_CASE("B6: an edit of a row the hub never had waits, and is applied by itself when the row comes") {
  TwoTills hub;
  hub.b.change(kMug, "price", "222").send_edits();
  hub.b.change(kMug, "name", "\"Krug\"").send_edits();
  REQUIRE(hub.held().size() == 2);
  CHECK(hub.held()[0].reason == hub::kWaitsForRow);
  CHECK(hub.b.pull(core::Scope::tenant).held.size() == 2);
  hub.a.create(kMug, "M-1", 100).send_edits();
  CHECK(hub.held().empty());
  CHECK(hub.b.pull(core::Scope::tenant).held.empty());
  CHECK(hub.value(kMug, "name") == "\"Krug\"");
  CHECK(hub.value(kMug, "price") == "100");  // not seen: clashes, and the hub's price wins
  CHECK(hub.conflicts().size() == 2);
  CHECK(hub.image(kMug).rev > 2);
  CHECK(test::items<core::Conflict>(hub.b.pull_all(core::Scope::store)).size() == 2);
}

TEST_CASE("B10: what two tills do to a set is done to what is there") {
  TwoTills hub;
  hub.a.change(kCup, "barcodes", "[\"1\",\"2\"]").send_edits();
  hub.a.edit(Till::product(core::Action::change, kCup, {{"barcodes", {}, "[\"1\",\"2\"]", "[\"2\"]"}}));
  hub.b.edit(Till::product(core::Action::change, kCup, {{"barcodes", {}, "[\"1\",\"2\"]", "[\"1\",\"2\",\"3\"]"}}));
  hub.a.send_edits();
  hub.b.send_edits();
  CHECK(hub.value(kCup, "barcodes") == "[\"2\",\"3\"]");
}

TEST_CASE("a value that its field cannot have is quarantined; a field from later is carried as it is") {
  TwoTills hub;
  for (const char* bad : {"-1", "\"x\"", "1000000001", "null", "{", ""}) hub.a.change(kCup, "price", bad).send_edits();
  CHECK(hub.held().size() == 6);
  CHECK(hub.value(kCup, "price") == "100");
  hub.a.change(kCup, "colour", "{\"r\":255}").send_edits();
  CHECK(hub.value(kCup, "colour") == "{\"r\":255}");
  hub.a.change(kCup, "sku", "\"\"").send_edits();  // a lost key is no fault
  CHECK(hub.value(kCup, "sku") == "\"\"");
  CHECK(hub.held().size() == 6);
}

TEST_CASE("a row that is made without what every row has is quarantined: no till would show it") {
  TwoTills hub;
  core::RowEdit made{.action = core::Action::create, .id = kMug};
  made.fields = {{"price", {}, {}, "100"}, {"sku", {}, {}, "\"M-1\""}};
  hub.a.edit(made).send_edits();
  REQUIRE(hub.held().size() == 1);
  CHECK(hub.held()[0].reason == "name is missing");
}

TEST_CASE("all edits sent twice, in both streams, leave the same rows and the same journal") {
  TwoTills hub;
  const core::Up shop = hub.b.change_blindly(kCup, "price", "300").create(kMug, "C-1").batch(core::Stream::shop);
  hub.b.edit(Till::product(core::Action::change, kCup, {{"name", {}, "", "\"Bulk\""}}), core::Stream::bulk);
  const core::Up bulk = hub.b.batch(core::Stream::bulk);
  hub.b.deliver(shop);
  hub.b.deliver(bulk);
  const auto rows = test::items<core::RowImage>(hub.a.pull_all(core::Scope::tenant));
  const size_t journal = hub.conflicts().size();
  hub.b.deliver(shop);
  hub.b.deliver(bulk);
  CHECK(test::items<core::RowImage>(hub.a.pull_all(core::Scope::tenant)) == rows);
  CHECK(hub.conflicts().size() == journal);
}
