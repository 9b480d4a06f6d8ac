// Headquarters edits, and answers clashes: through the one merge, with revs that every node pulls (20-api, 30-sync).
#include "sync/hub/catalogue.h"

#include "hub/hub_fixture.h"
#include "sync/hub/resolving.h"

using namespace till;
using core::ClashKind;
using core::ConflictStatus;
using core::Winner;
using domain::Category;
using domain::Product;
using test::HubFixture;
using test::Till;
using test::uuid;

namespace {

const Uuid kCup = uuid(1), kMug = uuid(2), kBoss = uuid(77);

struct Headquarters : HubFixture {
  hub::Catalogue catalogue{clock, ids, identity};
  Till a{*this, "s1", "A1"};

  Headquarters() { a.greet(); }

  Result<Product> add(const std::string& name, const std::string& sku, int64_t price = 100) {
    Product product;
    product.name = name;
    product.sku = sku;
    product.price = price;
    return in_write([&](auto& tx) { return catalogue.add(tx, product, kBoss); });
  }
  Result<Product> change(const Uuid& id, int64_t version, const std::string& json) {
    const auto patch = patch_from_json<Product>(*parse_json(json));
    REQUIRE(patch.ok());
    return in_write([&](auto& tx) { return catalogue.change(tx, id, version, *patch, kBoss); });
  }
  Status remove(const Uuid& id, int64_t version) {
    return sqlite::transact(*db, [&](auto& tx) { return catalogue.remove<Product>(tx, id, version, kBoss); });
  }
  Product get(const Uuid& id) {
    auto found = hub::get_row<Product>(*db, id);
    REQUIRE(found.ok());
    return *found;
  }
  Result<hub::ConflictRow> resolve(const Uuid& id, Winner winner) {
    return in_write([&](sqlite::Connection& connection) {
      hub::Tx tx(connection, ids, clock.now());
      return hub::resolve_conflict(tx, catalogue, id, winner, kBoss);
    });
  }
  Result<hub::ConflictRow> replay(const Uuid& id, Merge policy) {
    return in_write([&](sqlite::Connection& connection) {
      hub::Tx tx(connection, ids, clock.now());
      return hub::replay_conflict(tx, catalogue, id, policy, kBoss);
    });
  }
};

}  // namespace

TEST_CASE("a product of headquarters is shown as it was given, with a slug, and pulled by every node") {
  Headquarters hq;
  const auto made = hq.add("Grüne Tasse", "C-1", 1799);
  REQUIRE(made.ok());
  CHECK(made->slug == "grune-tasse");
  CHECK(made->currency == "EUR");
  CHECK(made->version == 1);
  CHECK(made->created_at == hq.clock.now());
  const auto rows = test::items<core::RowImage>(hq.a.pull_all(core::Scope::tenant));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].find("price")->value == "1799");
  CHECK(rows[0].find("on_hand") == nullptr);
  CHECK(hq.add("Grüne Tasse", "C-2")->slug == "grune-tasse-2");
  CHECK(hub::get_row_by_key<Product>(*hq.db, "sku", "C-2")->slug == "grune-tasse-2");
  CHECK_FALSE(hub::get_row_by_key<Product>(*hq.db, "sku", "C-9").ok());
  CHECK(hub::list_rows<Product>(*hq.db, {.limit = 1})->next > 0);
}

TEST_CASE("of several who change one version exactly one wins; the others see what there is") {
  Headquarters hq;
  const Product made = *hq.add("Cup", "C-1");
  CHECK(hq.change(made.id, made.version, R"({"price": 200})")->version == 2);
  const auto stale = hq.change(made.id, made.version, R"({"price": 300})");
  REQUIRE_FALSE(stale.ok());
  CHECK(stale.error().code == Code::stale);
  CHECK(stale.error().current_version == 2);
  CHECK(stale.error().current.find("\"price\":200") != std::string::npos);
  CHECK(hq.change(made.id, 2, R"({"price": 200})")->version == 2);  // nothing changed: no new version
  CHECK(hq.remove(made.id, 1).error().code == Code::stale);
  CHECK(hq.remove(made.id, 2).ok());
  CHECK(hq.change(made.id, 3, R"({"price": 1})").error().code == Code::not_found);
  CHECK(hq.image(made.id).removed);
  CHECK(hq.add("Cup", "C-1").ok());  // its keys are free again
}

TEST_CASE("headquarters is told of a taken key, an unknown category and what belongs to a store") {
  Headquarters hq;
  REQUIRE(hq.add("Cup", "C-1").ok());
  CHECK(hq.add("Mug", "C-1").error().reason == "taken");
  Product product;
  product.name = "Mug";
  product.sku = "M-1";
  auto refused = [&](auto change) {
    Product wrong = product;
    change(wrong);
    CHECK_FALSE(hq.in_write([&](auto& tx) { return hq.catalogue.add(tx, wrong, kBoss); }).ok());
  };
  refused([](Product& p) { p.slug = "cup"; });
  refused([](Product& p) { p.stock = 1; });
  refused([](Product& p) { p.currency = "SEK"; });
  refused([](Product& p) { p.category_ids = {uuid(5)}; });
  CHECK(hq.number("SELECT count(*) FROM shared_rows") == 1);
}

TEST_CASE("categories stand in a tree") {
  Headquarters hq;
  auto add = [&](const std::string& name, std::optional<Uuid> parent) {
    Category category;
    category.name = name;
    category.parent_id = parent;
    return hq.in_write([&](auto& tx) { return hq.catalogue.add(tx, category, kBoss); });
  };
  const auto top = add("Kitchen", {});
  const auto below = add("Cups", top->id);
  REQUIRE(below.ok());
  CHECK_FALSE(add("Lost", uuid(9)).ok());
  Patch<Category> patch;
  patch.values.parent_id = below->id;
  for_each_field<Category>([&](const auto& f, size_t i) { patch.given.set(i, f.name == "parent_id"); });
  const auto ring = hq.in_write([&](auto& tx) { return hq.catalogue.change(tx, top->id, top->version, patch, kBoss); });
  REQUIRE_FALSE(ring.ok());
  CHECK(ring.error().fields.at(0).code == "ring");
}

TEST_CASE("a product shows what all stores have of it") {
  Headquarters hq;
  Till other(hq, "s2", "B1");
  other.greet();
  const Product made = *hq.add("Cup", "C-1");
  hq.a.move(made.id, 3000).send();
  other.move(made.id, 500).send();
  CHECK(hq.get(made.id).on_hand == 3500);
}

TEST_CASE("an edit of a till over what headquarters wrote meanwhile clashes; one that saw it does not") {
  Headquarters hq;
  const Product made = *hq.add("Cup", "C-1");
  hq.a.change(made.id, "price", "150");
  REQUIRE(hq.change(made.id, 1, R"({"price": 200})").ok());
  hq.a.send_edits();
  CHECK(hq.get(made.id).price == 200);
  REQUIRE(hq.conflicts().size() == 1);
  hq.a.change(made.id, "price", "250").send_edits();
  CHECK(hq.get(made.id).price == 250);
  CHECK(hq.conflicts().size() == 1);
}

TEST_CASE("a clash is decided by hand: the row changes for all, the entry is settled and told again") {
  Headquarters hq;
  const Product made = *hq.add("Cup", "C-1");
  hq.a.change_blindly(made.id, "price", "300").send_edits();
  const hub::ConflictRow clash = hq.conflicts()[0];
  CHECK(clash.entry.clash.winner == Winner::ours);
  const core::Position seen = hq.a.pull_all(core::Scope::store).back().to;

  const auto theirs = hq.resolve(clash.entry.id, Winner::theirs);
  REQUIRE(theirs.ok());
  CHECK(theirs->entry.clash.winner == Winner::theirs);
  CHECK(hq.get(made.id).price == 300);
  CHECK(test::items<core::Conflict>(hq.a.pull_all(core::Scope::store, seen)).size() == 1);
  const auto ours = hq.replay(clash.entry.id, Merge::hub_wins);
  REQUIRE(ours.ok());
  CHECK(hq.get(made.id).price == 100);
  CHECK(ours->entry.clash.policy == Merge::hub_wins);
  CHECK_FALSE(hq.resolve(uuid(99), Winner::ours).ok());
}

TEST_CASE("a lost key is given once it is free") {
  Headquarters hq;
  hq.a.create(kCup, "C-1", 100, "\"111\"").create(kMug, "C-1", 100, "\"222\",\"111\"").send_edits();
  REQUIRE(hq.conflicts().size() == 2);
  for (const hub::ConflictRow& lost : hq.conflicts()) {
    CHECK(lost.entry.clash.kind == ClashKind::key_lost);
    const auto taken = hq.resolve(lost.entry.id, Winner::theirs);
    REQUIRE_FALSE(taken.ok());
    CHECK(taken.error().reason == "taken");
  }
  REQUIRE(hq.change(kCup, hq.get(kCup).version, R"({"sku": "C-2", "barcodes": []})").ok());
  for (const hub::ConflictRow& lost : hq.conflicts()) CHECK(hq.resolve(lost.entry.id, Winner::theirs).ok());
  CHECK(hq.get(kMug).sku == "C-1");
  CHECK(hq.get(kMug).barcodes == std::vector<std::string>{"222", "111"});
  for (const hub::ConflictRow& lost : hq.conflicts()) CHECK(lost.entry.status == ConflictStatus::settled);
}

TEST_CASE("a removal that lost is carried out after all; a row that came back goes again") {
  Headquarters hq;
  const Product made = *hq.add("Cup", "C-1");
  hq.a.edit(Till::product(core::Action::remove, made.id, {})).send_edits();
  REQUIRE(hq.conflicts().at(0).entry.clash.kind == ClashKind::edit_won);
  CHECK(hq.resolve(hq.conflicts()[0].entry.id, Winner::theirs).ok());
  CHECK(hq.image(made.id).removed);
  hq.a.change(made.id, "name", "\"Back\"").send_edits();
  CHECK_FALSE(hq.image(made.id).removed);
  REQUIRE(hq.conflicts().at(0).entry.clash.kind == ClashKind::row_back);
  CHECK_FALSE(hq.replay(hq.conflicts()[0].entry.id, Merge::latest).ok());
  CHECK(hq.resolve(hq.conflicts()[0].entry.id, Winner::ours).ok());
  CHECK(hq.image(made.id).removed);
}

TEST_CASE("an oversold product only needs somebody to have looked into it") {
  Headquarters hq;
  hq.a.sell(kCup, 1000).send();
  REQUIRE(hq.conflicts().size() == 1);
  CHECK(hq.resolve(hq.conflicts()[0].entry.id, Winner::theirs).ok());
  CHECK(hq.conflicts()[0].entry.status == ConflictStatus::settled);
  hq.a.sell(kCup, 1000).send();
  CHECK(hq.conflicts().size() == 1);
}
