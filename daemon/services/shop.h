// All services of one store, built once by main() over the writer and the readers. The routes in api/ call these.
#pragma once

#include "services/catalogue.h"
#include "services/orders.h"
#include "services/selling.h"

namespace till::services {

class Shop {
 public:
  explicit Shop(Context context)
      : context_(context),
        journal(context_),
        cards_(make_cards(context_.settings.cards)),
        notices(context_),
        inventory(context_, journal, notices),
        catalogue(context_, inventory),
        reservations(context_, notices),
        carts(context_, notices),
        maker_(context_, journal, reservations, notices),
        selling(context_, maker_, journal, carts, reservations, notices, *cards_),
        returns(context_, maker_, *cards_),
        orders(context_, returns, reservations, notices) {}
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;

  /// Reads the counters from the database: at start, and again after a lost commit.
  Status load(sqlite::Connection& db) { return journal.load(db); }

  [[nodiscard]] const Context& context() const { return context_; }

 private:
  Context context_;

 public:
  Journal journal;

 private:
  std::unique_ptr<Cards> cards_;

 public:
  Notices notices;
  Inventory inventory;
  Catalogue catalogue;
  Reservations reservations;
  Carts carts;

 private:
  OrderMaker maker_;

 public:
  Selling selling;
  Returns returns;
  Orders orders;
};

}  // namespace till::services
