// What each store has of each product, by one rule that node and hub share (30-sync, Stock):
//   on_hand = N of the newest count (by hlc, of two alike the larger uid) + Σ movements with a later hlc
// A movement up to the count's hlc was on the shelf when it was counted and changes nothing, whenever it arrives.
// Movements are kept by (product, hlc), so that a count that arrives late finds those after it. Inside a Tx.
#pragma once

#include "sync/hub/conflicts.h"

namespace till::hub {

struct StockRow {
  int64_t row = 0;
  Uuid product{};
  int64_t store = 0;
  int64_t on_hand = 0;     // thousandths
  int64_t count_hlc = -1;  // of the newest count, -1: none
  Uuid count_uid{};
  std::optional<int64_t> conflict{};  // open: more was sold than was there
};

/// A fact's place in the ledger.
struct Booked {
  int64_t fact = 0;
  Uuid uid{};
  int64_t hlc = 0;
};

/// The store's row for a product; made at the first movement, whether the product is known yet or not (C8).
Result<StockRow> open_stock(sqlite::Connection& db, const Uuid& product, int64_t store);

/// `n`: the line of an order, 0 for others. `moved`: thousandths.
Status book_movement(sqlite::Connection& db, StockRow& stock, const Booked& by, int64_t n, int64_t moved);
Status book_count(sqlite::Connection& db, StockRow& stock, const Booked& by, int64_t counted);

/// More sold than was there opens one conflict per store and product, unless the product's policy allows it; it is
/// settled when there is enough again.
Status judge_stock(Tx& tx, const Occasion& occasion, StockRow& stock);

}  // namespace till::hub
