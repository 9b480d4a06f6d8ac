// Goods held back (006_orders.sql). stock.reserved is the sum of a product's reservations: each change here moves it.
#pragma once

#include "domain/reservation.h"
#include "store/stock.h"

namespace till::store {

/// Writes it and holds the goods back. product_row is set.
Result<Booked> add_reservation(sqlite::Connection& db, domain::Reservation& reservation, int64_t version_base);
/// Lets go of `quantity` of it, or of all of it.
Status release_reservation(sqlite::Connection& db, const domain::Reservation& reservation, int64_t quantity,
                           int64_t version_base);

Result<std::optional<domain::Reservation>> find_reservation(sqlite::Connection& db, const Uuid& id);
Result<std::vector<domain::Reservation>> list_reservations_of_order(sqlite::Connection& db, int64_t place);
/// Made by hand, the oldest first.
Result<std::vector<domain::Reservation>> list_reservations_of_product(sqlite::Connection& db, int64_t product_row);
/// Those whose time is over, at most `limit`.
Result<std::vector<domain::Reservation>> list_due_reservations(sqlite::Connection& db, Time now, int64_t limit);
/// An order's go on until `until`, if they would end before.
Status extend_reservations(sqlite::Connection& db, int64_t place, Time until);

Result<Page<domain::Reservation>> list_reservations(sqlite::Connection& db, int64_t after_row, int64_t limit);

/// The first product whose sum of reservations is not what its stock says; nullopt if all agree.
Result<std::optional<Uuid>> find_unequal_reserved(sqlite::Connection& db);

}  // namespace till::store
