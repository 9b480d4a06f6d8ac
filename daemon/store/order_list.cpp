#include "store/order_list.h"

#include <algorithm>

#include "store/facts.h"

namespace till::store {
namespace {

using domain::Order;

// Where an order stands: by tick, on the scale of former orders' rows, and of one tick by place. An order of this life
// comes behind former ones of its tick; what was placed has the tick of the fact that it stands before.
struct Spot {
  int64_t tick = 0;
  int64_t place = 0;  // a former order's is its row
  auto operator<=>(const Spot&) const = default;
};
using Spotted = std::pair<Spot, Order>;

// A placed order is a sale to be, without a number.
bool may_be_placed(const domain::OrderFilter& filter) {
  return !filter.receipt_n && filter.kind.value_or(domain::OrderKind::sale) == domain::OrderKind::sale;
}

int64_t key_of(const Order& order) {
  if (order.row < 0) return order.row;
  return order.row > 0 ? place_of(order.row) : order.place;
}

Result<Spot> spot_of(sqlite::Connection& db, int64_t key) {
  if (key < 0) return Spot{key, key};
  TILL_TRY(const int64_t tick, row_of_tick(db, key >> kPlaceBits));
  return Spot{tick, key};
}

// The first fact that is not before this tick; ticks grow with facts' numbers.
Result<int64_t> first_fact_from(sqlite::Connection& db, int64_t tick) {
  TILL_TRY(int64_t end, newest_fact(db));
  int64_t first = 1;
  for (++end; first < end;) {
    const int64_t middle = first + (end - first) / 2;
    TILL_TRY(const int64_t there, row_of_tick(db, middle));
    there < tick ? static_cast<void>(first = middle + 1) : static_cast<void>(end = middle);
  }
  return first;
}

// What a page begins before, among the orders of this life and among former ones.
struct Start {
  int64_t place = INT64_MAX;
  int64_t former = 0;
};
Result<Start> start_behind(sqlite::Connection& db, int64_t cursor) {
  if (cursor == 0) return Start{};
  if (cursor < 0) {
    TILL_TRY(const int64_t fact, first_fact_from(db, cursor));
    return Start{first_place_before(fact), cursor};
  }
  TILL_TRY(const Spot spot, spot_of(db, cursor));
  return Start{cursor, std::min(spot.tick + 1, int64_t{0})};
}

Status add_spots(sqlite::Connection& db, std::vector<Order> orders, std::vector<Spotted>& all) {
  for (Order& order : orders) {
    TILL_TRY(const Spot spot, spot_of(db, key_of(order)));
    all.emplace_back(spot, std::move(order));
  }
  return {};
}

Result<Page<Order>> list(sqlite::Connection& db, const Identity& identity, const domain::OrderFilter& filter,
                         const Slice& slice, bool with_placed) {
  TILL_TRY(const Start start, start_behind(db, slice.cursor));
  const int64_t most = slice.limit + 1;
  const int64_t before_fact = start.place >> kPlaceBits;  // the first whose place is not below it
  TILL_TRY(auto made, list_made_orders(db, identity, filter, {.before = before_fact}, most));
  TILL_TRY(auto former, list_made_orders(db, identity, filter, {.after = INT64_MIN, .before = start.former}, most));
  std::vector<Order> placed;
  if (with_placed) {
    TILL_TRY(placed, list_placed_orders(db, identity, filter, start.place, most));
  }
  std::vector<Spotted> all;
  for (std::vector<Order>* some : {&made, &former, &placed}) TILL_CHECK(add_spots(db, std::move(*some), all));
  std::sort(all.begin(), all.end(), [](const Spotted& a, const Spotted& b) { return a.first > b.first; });
  std::vector<Order> orders;
  for (Spotted& one : all) orders.push_back(std::move(one.second));
  if (static_cast<int64_t>(orders.size()) > most) orders.resize(static_cast<size_t>(most));
  return domain::page_of(std::move(orders), slice.limit, key_of);
}

}  // namespace

Result<Page<Order>> list_orders(sqlite::Connection& db, const Identity& identity, const domain::OrderFilter& filter,
                                const Slice& slice) {
  const bool with_placed = may_be_placed(filter);
  TILL_TRY(auto page, list(db, identity, filter, slice, with_placed));
  if (slice.total) {
    TILL_TRY(page.total, count_made_orders(db, filter));
    if (with_placed) {
      TILL_TRY(const int64_t placed, count_placed_orders(db, filter));
      *page.total += placed;
    }
  }
  return page;
}

Result<Page<Order>> list_receipts(sqlite::Connection& db, const Identity& identity, const Slice& slice) {
  return list(db, identity, {}, slice, false);
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
