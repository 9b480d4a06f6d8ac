// All orders in one list, each where it came: facts (store/orders.h), between them what was placed and not sold
// (placed_orders.h), and those of former lives (former.h) where their ticks stand. The cursor is a place, or the row of
// a former order, below zero.
#pragma once

#include "store/placed_orders.h"

namespace till::store {

/// Newest first, with lines and payments.
Result<Page<domain::Order>> list_orders(sqlite::Connection& db, const Identity& identity,
                                        const domain::OrderFilter& filter, const Slice& slice);

/// Receipts alone: without what was only placed.
Result<Page<domain::Order>> list_receipts(sqlite::Connection& db, const Identity& identity, const Slice& slice);

/// True while an order of this customer is PENDING, or paid and not with him.
Result<bool> has_open_orders(sqlite::Connection& db, int64_t customer);

}  // namespace till::store
