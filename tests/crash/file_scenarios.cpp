// Whole files: the first start, a start on the database of an older version, backups of a shop that goes on selling,
// and a restore.
#include "cli/restore.h"
#include "crash/shop_day.h"
#include "sqlite/backup.h"
#include "sqlite/migrate.h"
#include "store/migrations.h"

namespace till::crash {
namespace {

std::unique_ptr<System> new_node() { return std::make_unique<Node>(); }

void sell(Node& node, Story& story, ShopDay& day) {
  for (const Status& told : node.together(story, {day.sell(1), day.sell(2)})) must(told, "a sale");
}

// From no file at all to the first sale.
void be_born(Story& story) {
  Node node;
  must(node.start(), "first start");
  node.serve();
  ShopDay day(node);
  for (const std::vector<Work>& works : {std::vector<Work>{day.hire()}, {day.add(), day.add()}, {day.sell(1)}})
    for (const Status& told : node.together(story, works)) must(told, "a job");
}

// A database of the version that knew users only, and one of the version before the hub.
Tree older(size_t migrations) {
  Disk disk;
  Disk::use(&disk);
  Node node;
  auto db = must(sqlite::Connection::open(node.file, sqlite::Mode::create), "an older database");
  const std::vector<sqlite::Migration> known(store::kMigrations.begin(),
                                             store::kMigrations.begin() + static_cast<std::ptrdiff_t>(migrations));
  must(sqlite::migrate(*db, known, node.clock.now()), "an older version");
  must(db->execute("INSERT INTO users VALUES (7, x'0102030405060708090a0b0c0d0e0f10', 3, 4, 5, 'a@b', 'Ann', 3, 1, 0,"
                   " '$y$')"),
       "a user");
  if (migrations > 1) {
    must(db->execute("INSERT INTO products (row, id, version, created_at, updated_at, name, slug, sku, brand,"
                     " description, price, currency, tax_class, unit, stock_policy, low_stock, active) VALUES"
                     " (1, x'aa02030405060708090a0b0c0d0e0f10', 1, 0, 0, 'Cup', 'cup', 'cup', '', '', 1, 'EUR',"
                     " 'standard', 0, 1, 0, 1); INSERT INTO stock (product, on_hand, reserved, version, last) VALUES"
                     " (1, 0, 0, 1, 0)"),
         "a product");
  }
  db.reset();
  return disk.tree();
}

void upgrade(Story& story) {
  Node node;
  must(node.start(), "start of the newer version");
  node.serve();
  ShopDay day(node);
  for (const Status& told : node.together(story, {day.add(), day.sell(1)})) must(told, "a job");
}

void back_up(Story& story) {
  Node node;
  must(node.start(), "start");
  node.serve();
  ShopDay day(node);
  for (const std::string name : {"1.db", "2.db"}) {
    sell(node, story, day);
    auto* source = must(node.readers->fresh(), "reader");
    must(sqlite::backup(*source, kBackups + name), "backup");
    story.promise(kBackups + name, 1);
    node.readers->release();
  }
  sell(node, story, day);
}

Tree with_backup() {
  return prepared([](Node& node) {
    open_shop(node, false);
    must(sqlite::backup(node.db(), std::string(kBackups) + "1.db"), "backup");
    node.add_product("after the backup", 1, 1);
  });
}

void restore(Story& story) {
  Node node;
  must(cli::restore_backup(kFolder, std::string(kBackups) + "1.db", node.random, node.clock), "restore");
  must(node.start(), "start");
  story.state(rows_of(node.file));
  story.promise("epochs", 2);
  node.serve();
  ShopDay day(node);
  sell(node, story, day);
}

}  // namespace

std::vector<Scenario> file_scenarios() {
  return {{.name = "birth", .prepare = [] { return Tree(); }, .play = be_born, .make = new_node},
          {.name = "upgrade 1", .prepare = [] { return older(1); }, .play = upgrade, .make = new_node},
          {.name = "upgrade 2", .prepare = [] { return older(2); }, .play = upgrade, .make = new_node},
          {.name = "backup",
           .prepare = [] { return prepared([](Node& node) { open_shop(node, false); }); },
           .play = back_up,
           .make = new_node},
          {.name = "restore", .prepare = with_backup, .play = restore, .make = new_node}};
}

}  // namespace till::crash
