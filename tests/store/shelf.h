// A migrated database without services, for tests of the store's own functions: one connection, this thread.
#pragma once

#include <doctest/doctest.h>

#include "base/log.h"
#include "sqlite/migrate.h"
#include "store/categories.h"
#include "store/identity.h"
#include "store/migrations.h"
#include "store/products.h"
#include "store/stock.h"
#include "support/fake_clock.h"
#include "support/fake_random.h"

namespace till::store {

struct Shelf {
  test::FakeClock clock{};
  test::FakeRandom random{};
  IdSource ids{clock, random};
  std::unique_ptr<sqlite::Connection> opened = sqlite::Connection::open(":memory:", sqlite::Mode::create).value();
  sqlite::Connection& db = *opened;
  Stamp stamp{.now = clock.now(), .user = 7, .version_base = 100};

  Shelf() {
    log::set_level(log::Level::error);
    REQUIRE(sqlite::migrate(db, kMigrations, clock.now()).ok());
  }
  domain::Product make(const std::string& name, std::vector<std::string> barcodes = {},
                       std::vector<Uuid> categories = {}) {
    domain::Product product;
    product.id = ids.next();
    product.name = product.sku = product.slug = name;
    product.barcodes = std::move(barcodes);
    product.category_ids = std::move(categories);
    REQUIRE(add_product(db, product, stamp).ok());
    return product;
  }
  /// Fact number `fact` moves a product's stock.
  void move(const domain::Product& product, int64_t moved, int64_t fact) {
    REQUIRE(
        add_stock_entry(
            db,
            {.fact = fact, .id = ids.next(), .product_row = product.row, .moved = moved, .counted = {}, .reason = "x"},
            stamp.version_base)
            .ok());
  }
  int64_t number(const char* sql) { return db.value<int64_t>(sql).value().value_or(-1); }
};

}  // namespace till::store
