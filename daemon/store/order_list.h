// All orders in one list: facts (store/orders.h), and between them what was placed and not sold (placed_orders.h), each
// where it came. The cursor is a place.
#pragma once

#include "store/placed_orders.h"

namespace till::store {

/// Newest first, with lines and payments.
Result<Page<domain::Order>> list_orders(sqlite::Connection& db, const Identity& identity,
                                        const domain::OrderFilter& filter, const Slice& slice);

/// True while an order of this customer is PENDING, or paid and not with him.
Result<bool> has_open_orders(sqlite::Connection& db, int64_t customer);

}  // namespace till::store
