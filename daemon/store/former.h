// Facts of this node's former lives come back: from headquarters after a restore or with a new disk, or out of a
// damaged file (store/salvage.h). What one moved is booked as another till's would be (store/remote.h), so that it
// counts once and the rule of counts holds; an order is a whole order again beside that: its rows, number and hash are
// what they were. What headquarters gives takes no number of this life and is never sent: it has it.
// Inside a write, on the writer's thread.
//
// An order's row is below zero and tells its tick: so former orders are in the order of time, however they come.
#pragma once

#include "domain/journal.h"
#include "store/identity.h"
#include "store/remote.h"

namespace till::store {

/// Where an order of this tick stands among the rows of former orders; the next free one from there on is its row.
inline constexpr int64_t former_row(int64_t hlc) { return (hlc >> 13) - (int64_t{1} << 49); }

/// What a receipt says, with its hash, tick and trace; and what its envelope does not say, as far as it is known.
/// People, goods and other orders are named by their ids, not by rows.
struct FormerOrder {
  domain::JournalBody receipt;
  std::optional<int64_t> once_hash{};
  std::optional<domain::OrderStatus> status_now{};  // when it is not as it was made
};

/// Nullopt if this is no receipt that this node can have made.
std::optional<FormerOrder> read_former_order(const Identity& identity, const core::Envelope& envelope);

/// Writes the order's rows, unless it is here. Books nothing. Its sale is VOIDED if it is a void; returns and voids of
/// it that came first find it now; a placed order that it was is sold, and holds nothing back any more. A product that
/// is not here (yet) is made, removed, so that its lines have one.
Status put_back_order(sqlite::Connection& db, const Identity& identity, FormerOrder former, const Stamp& stamp);

/// Books an own fact, once, and puts it back if it is an order.
Status put_back_fact(sqlite::Connection& db, const Identity& identity, const core::Envelope& envelope,
                     std::optional<FormerOrder> order, const Stamp& stamp);

/// The same for one that headquarters may not have: it gets the next number of this life and is sent with it, before
/// anything that the shop sells. It must not be here, and the shop must not be open.
Status carry_over_fact(sqlite::Connection& db, const Identity& identity, const core::Envelope& envelope,
                       std::optional<FormerOrder> order, const Stamp& stamp);

}  // namespace till::store
