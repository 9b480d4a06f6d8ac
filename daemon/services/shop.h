// All services of one store, built once by main() over the writer and the readers. The routes in api/ call these.
#pragma once

#include "services/catalogue.h"
#include "services/selling.h"

namespace till::services {

class Shop {
 public:
  explicit Shop(Context context)
      : context_(context),
        journal(context_),
        inventory(context_, journal),
        catalogue(context_, inventory),
        selling(context_, journal) {}
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;

  /// Reads the counters from the database: at start, and again after a lost commit.
  Status load(sqlite::Connection& db) { return journal.load(db); }

  [[nodiscard]] const Context& context() const { return context_; }

 private:
  Context context_;

 public:
  Journal journal;
  Inventory inventory;
  Catalogue catalogue;
  Selling selling;
};

}  // namespace till::services
