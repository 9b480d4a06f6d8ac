// Placed orders: ordered, not paid yet (006_orders.sql). They are no facts, so nothing here moves stock or takes a
// number; they stand among the facts by their place, which is when they came. Read as domain::Order, PENDING or
// CANCELLED; one that was sold is read from its fact (store/orders.h).
#pragma once

#include "store/orders.h"

namespace till::store {

/// Where orders stand in the list of all: those that were placed before fact f, from f << kPlaceBits on, and behind
/// them the fact itself.
inline constexpr int kPlaceBits = 20;  // so many orders may be placed between two facts
inline constexpr int64_t first_place_before(int64_t fact) { return fact << kPlaceBits; }
inline constexpr int64_t place_of(int64_t fact) { return first_place_before(fact + 1) - 1; }

/// Writes the order and its lines; sets `place` and `row` to where it stands.
Status add_placed_order(sqlite::Connection& db, domain::Order& order, int64_t next_fact, const OrderOnce& once);

/// One that was not sold. `now`: as it is; `sold`: as the POST that made it was answered.
Result<std::optional<domain::Order>> find_placed_order(sqlite::Connection& db, const Identity& identity, const Uuid& id,
                                                       As as);

/// One this caller placed with this key since `since`, as made, also if it was sold meanwhile.
Result<std::optional<OnceHit>> find_placed_order_by_key(sqlite::Connection& db, const Identity& identity,
                                                        const std::string& key, int64_t cashier, Time since);

Status set_placed_status(sqlite::Connection& db, const domain::Order& order, const Stamp& stamp);
/// The order became this fact.
Status set_placed_sold(sqlite::Connection& db, int64_t place, int64_t fact);

/// Newest first, without those that were sold; only those before `before_place`.
Result<std::vector<domain::Order>> list_placed_orders(sqlite::Connection& db, const Identity& identity,
                                                      const domain::OrderFilter& filter, int64_t before_place,
                                                      int64_t limit);
Result<int64_t> count_placed_orders(sqlite::Connection& db, const domain::OrderFilter& filter);

/// How many orders of this customer were to hold goods back at this time.
Result<int64_t> count_held_orders(sqlite::Connection& db, int64_t customer, Time now);

/// When it was ordered, and where to: what a sale shows of the order it was.
struct Placed {
  Time at{};
  std::optional<domain::PostalAddress> address;
};
Result<std::optional<Placed>> find_placed(sqlite::Connection& db, int64_t place);

/// Takes the address off all orders of this customer, sold or not.
Status erase_addresses(sqlite::Connection& db, int64_t customer);

/// An address as it stands in a column.
std::optional<std::string> address_text(const std::optional<domain::PostalAddress>& address);
std::optional<domain::PostalAddress> read_address(const std::optional<std::string>& text);

}  // namespace till::store
