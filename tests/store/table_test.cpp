// Rows with versions: what is written, what is left alone, what is remembered, and versions that never come twice.
#include "store/table.h"

#include "store/shelf.h"

using namespace till;
using namespace till::store;
using domain::Category;

namespace {

struct Tree : Shelf {
  Category add(const std::string& name) {
    Category category;
    category.id = ids.next();
    category.name = name;
    category.slug = name;
    REQUIRE(Categories::insert(db, category, stamp).ok());
    return category;
  }
  Result<Category> rename(const Category& before, const std::string& name) {
    Category after = before;
    after.name = name;
    TILL_CHECK(Categories::update(db, before, after, stamp));
    return after;
  }
  std::vector<domain::HistoryEntry> history(const Category& category, int64_t before = 0) {
    return list_history(db, Entity::category, category.row, before, 10).value();
  }
};

}  // namespace

TEST_CASE("a row is written with key, version and times, and read back whole") {
  Tree tree;
  Category category;
  category.id = tree.ids.next();
  category.name = "Tassen & Krüge";
  category.slug = "tassen";
  category.parent_id = tree.ids.next();
  category.description = "line\nline";
  category.position = 5;
  REQUIRE(Categories::insert(tree.db, category, tree.stamp).ok());
  CHECK(category.row == 1);
  CHECK(category.version == 100);
  CHECK(category.created_at == tree.clock.now());
  const Category read = Categories::get(tree.db, category.id).value();
  CHECK(to_json(read) == to_json(category));
  CHECK(read.row == 1);
  CHECK_FALSE(Categories::find(tree.db, tree.ids.next()).value());
  const auto missing = Categories::get(tree.db, Uuid{});
  CHECK(missing.error().code == Code::not_found);
  CHECK(missing.error().message == "There is no such category");
}

TEST_CASE("a change is one version more, with the differences; none is none") {
  Tree tree;
  const Category cups = tree.add("Cups");
  tree.stamp.now = {5};
  tree.stamp.user = 9;
  const Category mugs = tree.rename(cups, "Mugs").value();
  CHECK(mugs.version == 101);
  CHECK(mugs.updated_at.ms == 5);
  CHECK(mugs.created_at == cups.created_at);
  CHECK(tree.rename(mugs, "Mugs")->version == 101);
  const auto history = tree.history(cups);
  REQUIRE(history.size() == 2);
  CHECK(history[0].version == 101);
  CHECK(history[0].changes.text == R"({"name":["Cups","Mugs"]})");
  CHECK(history[0].at.ms == 5);
  CHECK(history[1].changes.text == "{}");
  CHECK(tree.history(cups, 101).size() == 1);
  CHECK(tree.history(cups, 100).empty());
  CHECK(tree.number("SELECT user FROM history WHERE version = 101") == 9);
}

TEST_CASE("a removed row is found no more, its slug is free, its history tells of the end") {
  Tree tree;
  const Category cups = tree.add("Cups");
  CHECK(Categories::slug_taken(tree.db, "Cups", 0).value());
  CHECK_FALSE(Categories::slug_taken(tree.db, "Cups", cups.row).value());
  CHECK(Categories::free_slug(tree.db, "Cups", 0).value() == "Cups-2");
  CHECK(Categories::free_slug(tree.db, "Cups", cups.row).value() == "Cups");
  REQUIRE(Categories::remove(tree.db, cups, tree.stamp).ok());
  CHECK_FALSE(Categories::find(tree.db, cups.id).value());
  CHECK_FALSE(Categories::slug_taken(tree.db, "Cups", 0).value());
  CHECK(list_categories(tree.db, {.limit = 10})->items.empty());
  CHECK(tree.history(cups)[0].version == 101);
  CHECK(tree.history(cups)[0].changes.text == R"({"removed": [false, true]})");
}

TEST_CASE("versions never fall below the base, which each epoch raises above all that was") {
  CHECK(Stamp{.now = {}, .user = 0, .version_base = 100}.next_version(0) == 100);
  CHECK(Stamp{.now = {}, .user = 0, .version_base = 100}.next_version(99) == 100);
  CHECK(Stamp{.now = {}, .user = 0, .version_base = 100}.next_version(100) == 101);
  CHECK(Stamp{.now = {}, .user = 0, .version_base = 100}.next_version(5000) == 5001);

  Tree tree;
  const Identity first = create_identity(tree.db, {"t", "s", "n", "EUR"}, tree.random, {1'767'603'600'999}).value();
  CHECK(first.version_base == 1'767'603'600'000);
  tree.stamp.version_base = first.version_base;
  const Category cups = tree.add("Cups");
  CHECK(cups.version == first.version_base);
  REQUIRE(begin_epoch(tree.db, tree.random, {1'767'603'660'000}).ok());
  const Identity second = find_identity(tree.db).value().value();
  CHECK(second.version_base == 1'767'604'600'000);       // a million above the former, though only a minute has gone by
  REQUIRE(begin_epoch(tree.db, tree.random, {0}).ok());  // with a clock that lost its battery
  const Identity third = find_identity(tree.db).value().value();
  CHECK(third.version_base > second.version_base);
  tree.stamp.version_base = third.version_base;
  CHECK(tree.rename(cups, "Mugs")->version == third.version_base);
  CHECK(third.epoch != second.epoch);
  CHECK(list_epochs(tree.db)->size() == 3);
}
