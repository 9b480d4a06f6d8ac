// Facts: orders and stock movements as they came, and what they do to the stock. Booked once, never changed, and passed
// on to all nodes of their store. Booking runs inside a Tx; it refuses what no shop could have written, and nothing
// else: money was taken and goods have moved.
#pragma once

#include "sync/hub/ledger.h"
#include "sync/hub/receipts.h"

namespace till::hub {

/// The node's stream that an envelope came in.
struct Source {
  int64_t stream = 0;  // its row; 0: the hub itself
  int64_t store = kTenant;
  std::string node{};
  core::Hash receipt{};  // journal hash of the last receipt that came in it; moves on
};

/// What became of an envelope. `refused`: it goes into quarantine, nothing was written; it stays wrong for ever.
struct Applied {
  std::string refused{};
  std::optional<Uuid> waits_for{};  // refused for now: the row that an edit needs (B6)
  std::optional<int64_t> fact{};    // its row
};

/// An order or a stock movement.
Result<Applied> book_fact(Tx& tx, Source& source, const core::Envelope& envelope);

/// Takes a booked fact back by one of the hub's own: an order by a void, a movement by its opposite, a count by an
/// adjustment to what was there. It bears the fact's hlc, so that it stands on the same side of every count.
Status book_counter(Tx& tx, const Source& source, const core::Envelope& envelope, int64_t on_hand_before,
                    const std::string& reason);

/// What the store has of the product that a count is about; 0 for any other envelope.
Result<int64_t> on_hand_of(sqlite::Connection& db, int64_t store, const core::Envelope& envelope);

}  // namespace till::hub
