#include "store/order_list.h"

#include <algorithm>

namespace till::store {
namespace {

using domain::Order;

int64_t place_in_list(const Order& order) { return order.row != 0 ? place_of(order.row) : order.place; }

// A placed order is a sale to be, without a number.
bool may_be_placed(const domain::OrderFilter& filter) {
  return !filter.receipt_n && filter.kind.value_or(domain::OrderKind::sale) == domain::OrderKind::sale;
}

}  // namespace

Result<Page<Order>> list_orders(sqlite::Connection& db, const Identity& identity, const domain::OrderFilter& filter,
                                const Slice& slice) {
  const int64_t before = slice.cursor > 0 ? slice.cursor : INT64_MAX;
  const int64_t before_fact = before >> kPlaceBits;  // the first whose place is not below `before`
  const bool both = may_be_placed(filter);
  Page<Order> page;
  TILL_TRY(page.items, list_made_orders(db, identity, filter, before_fact, slice.limit + 1));
  if (both) {
    TILL_TRY(auto placed, list_placed_orders(db, identity, filter, before, slice.limit + 1));
    std::vector<Order> all;
    std::merge(std::make_move_iterator(page.items.begin()), std::make_move_iterator(page.items.end()),
               std::make_move_iterator(placed.begin()), std::make_move_iterator(placed.end()), std::back_inserter(all),
               [](const Order& a, const Order& b) { return place_in_list(a) > place_in_list(b); });
    page.items = std::move(all);
  }
  page = domain::page_of(std::move(page.items), slice.limit, place_in_list);
  if (slice.total) {
    TILL_TRY(page.total, count_made_orders(db, filter));
    if (both) {
      TILL_TRY(const int64_t placed, count_placed_orders(db, filter));
      *page.total += placed;
    }
  }
  return page;
}

Result<bool> has_open_orders(sqlite::Connection& db, int64_t customer) {
  TILL_TRY(const auto found,
           (db.value<int64_t>("SELECT 1 FROM placed_orders WHERE customer = ?1 AND sold IS NULL AND status_now IS NULL"
                              " UNION ALL SELECT 1 FROM orders WHERE customer = ?1 AND kind = 0"
                              " AND coalesce(status_now, status) IN (?2, ?3) LIMIT 1",
                              customer, domain::OrderStatus::paid, domain::OrderStatus::shipped)));
  return found.has_value();
}

}  // namespace till::store
