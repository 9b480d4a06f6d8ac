// A shop without a daemon: its database, its services and a cashier, on this thread. For bench programs that fill or
// study a database; what goes wrong here ends the program, for a bench has nothing to say about half a shop.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <random>

#include "domain/role.h"
#include "services/shop.h"
#include "sqlite/migrate.h"
#include "store/migrations.h"
#include "vocabulary.h"

namespace till::bench {

[[noreturn]] inline void fail(const std::string& why) {
  std::fprintf(stderr, "bench: %s\n", why.c_str());
  std::exit(1);
}
template <class T>
T must(Result<T> result) {
  if (!result.ok()) fail(result.error().message);
  return std::move(*result);
}
inline void must(const Status& status) {
  if (!status.ok()) fail(status.error().message);
}

/// Barcode of the i-th product, as the load generators ask for it.
inline std::string barcode(int64_t i) { return std::to_string(4'000'000'000'000 + i); }

class OfflineShop {
 public:
  /// Opens the database, or makes one. Nobody else may have it open.
  OfflineShop(const std::string& path, int cache_kib)
      : writer_(open(path, cache_kib), {}), readers_(path, writer_, cache_kib), identity_(identify()) {
    must(shop_.load(db()));
    auto query = db().query("SELECT row, id FROM users WHERE role = ? ORDER BY row LIMIT 1", domain::Role::cashier);
    if (query.next()) query.read(cashier_.user, cashier_.id);
  }

  sqlite::Connection& db() { return writer_.connection(); }

  /// Adds products until there are `count`, in one transaction.
  /// `described`: with names, brands and descriptions of the bench's vocabulary, to be searched.
  void add_products(int64_t count, bool described = false) {
    std::mt19937_64 random(1);
    begin();
    for (int64_t i = rows("SELECT count(*) FROM products"); i < count; ++i) {
      domain::Product product;
      product.name = "Article number " + std::to_string(i);
      product.sku = "SKU-" + std::to_string(i);
      product.barcodes = {barcode(i)};
      product.price = 100 + i % 5000;
      product.stock = domain::kMaxQuantity;
      if (described) {
        product.name = some_words(random, 3) + " " + std::to_string(i);
        product.brand = word(random() % 100);
        product.description = some_words(random, 25);
      }
      must(shop_.catalogue.add_product(std::move(product), cashier_));
    }
    commit();
  }

  /// One sale of three random products, cash, with a key that grows with time.
  void sell(std::mt19937_64& random, int64_t products) {
    domain::OrderDraft draft;
    for (int n = 0; n < 3; ++n) {
      domain::LineDraft& line = draft.lines.emplace_back();
      line.barcode = barcode(static_cast<int64_t>(random() % static_cast<uint64_t>(products)));
    }
    draft.payments.push_back({.method = domain::Tender::cash, .tendered = 100'000'000});
    const http::OnceKey once{cashier_.user, "POST /api/v1/orders", to_string(ids_.next()), random()};
    must(shop_.selling.sell(draft, cashier_, once));
  }

  void begin() { must(db().run("BEGIN IMMEDIATE")); }
  /// Commits and folds the log into the file.
  void commit() {
    must(db().run("COMMIT"));
    must(db().execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  }
  int64_t rows(const char* sql) { return must(db().value<int64_t>(sql)).value_or(0); }

 private:
  std::unique_ptr<sqlite::Connection> open(const std::string& path, int cache_kib) {
    auto opened = must(sqlite::Connection::open(path, sqlite::Mode::create, cache_kib));
    must(sqlite::migrate(*opened, store::kMigrations, clock_.now()));
    return opened;
  }
  store::Identity identify() {
    if (auto known = must(store::find_identity(db()))) return *known;
    return must(store::create_identity(db(), {"shop", "main", "A1", "EUR"}, random_, clock_.now()));
  }

  SystemClock clock_;
  SystemRandom random_;
  IdSource ids_{clock_, random_};
  services::Settings settings_;
  sqlite::Writer writer_;  // never started: its connection is used on this thread
  sqlite::Readers readers_;
  store::Identity identity_;
  http::EventFeed events_;
  services::Shop shop_{services::Context{clock_, ids_, settings_, identity_, writer_, readers_, events_}};
  http::Caller cashier_{.rights = domain::rights_of(domain::Role::manager)};
};

}  // namespace till::bench
