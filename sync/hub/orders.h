// Orders and stock as headquarters looks at them: decoded from the facts as they came. Reads on any connection.
#pragma once

#include "domain/order.h"
#include "domain/page.h"
#include "sync/hub/receipts.h"

namespace till::hub {

/// An order as it was sold, with where it comes from.
struct StoreOrder {
  int64_t row = 0;
  domain::Order order{};
  std::string store, node;
  Link link = Link::unproven;  // of its receipt to the one before
};

/// Which orders a list shows; what is not set does not matter.
struct OrderQuery {
  std::optional<std::string> store{}, node{};
  std::optional<int64_t> business_date{};
  std::optional<std::string> receipt{};
};

Result<StoreOrder> get_order(sqlite::Connection& db, const Uuid& id);
/// The newest to arrive first.
Result<domain::Page<StoreOrder>> list_orders(sqlite::Connection& db, const OrderQuery& query, domain::Slice slice);

struct StockLevel {
  int64_t row = 0;
  std::string store;
  Uuid product_id{};
  int64_t on_hand = 0;    // thousandths
  bool oversold = false;  // more was sold than was there, and nobody looked into it yet
};

/// Of all products, or of one; of all stores, or of one.
Result<domain::Page<StockLevel>> list_stock(sqlite::Connection& db, const std::optional<Uuid>& product,
                                            const std::optional<std::string>& store, domain::Slice slice);

}  // namespace till::hub
