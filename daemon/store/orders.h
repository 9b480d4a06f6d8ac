// Orders, their lines and payments: facts, written once (D19). Only the status moves on, in columns of its own, so that
// the answer to a repeated POST is rendered again from what was sold.
#pragma once

#include "domain/order.h"
#include "store/identity.h"
#include "store/stock.h"

namespace till::store {

/// The idempotency key an order is made with; `scope` tells the routes apart (kind and, for a return, its sale).
struct OrderOnce {
  std::string key;      // empty: none
  int64_t hash = 0;     // of the body
};

/// Writes the order, its lines (booking each on the stock) and its payments. row, receipt_n and hash are set.
/// Returns for each line what is available of its product afterwards.
Result<std::vector<int64_t>> add_order(sqlite::Connection& db, const domain::Order& order, const OrderOnce& once,
                                       int64_t version_base);

enum class As : uint8_t {
  now,   // with the status and version it has now
  sold,  // as the POST that made it was answered
};
Result<std::optional<domain::Order>> find_order(sqlite::Connection& db, const Identity& identity, const Uuid& id, As as);
Result<domain::Order> get_order(sqlite::Connection& db, const Identity& identity, const Uuid& id, As as);

/// The order that this caller made with this key, as sold, since `since`.
struct OnceHit {
  domain::Order order;
  int64_t hash = 0;
};
Result<std::optional<OnceHit>> find_order_by_key(sqlite::Connection& db, const Identity& identity, const std::string& key,
                                                 int64_t cashier, Time since);

/// Moves the status on; returns the new version.
Result<int64_t> set_order_status(sqlite::Connection& db, const domain::Order& order, domain::OrderStatus status,
                                 const Stamp& stamp);

struct OrderFilter {
  std::optional<int64_t> business_date;
  std::optional<domain::OrderKind> kind;
  std::optional<domain::OrderStatus> status;
  std::optional<int64_t> receipt_n;  // with the epoch it belongs to
  std::string epoch_tag;
};
/// Newest first, with lines and payments; `before_row` 0: from the newest.
Result<Page<domain::Order>> list_orders(sqlite::Connection& db, const Identity& identity, const OrderFilter& filter,
                                        int64_t before_row, int64_t limit);

/// What of a line came back already: quantity, total and tax of its returns.
struct Returned {
  int64_t quantity = 0, total = 0, tax = 0;
};
Result<Returned> returned_of(sqlite::Connection& db, int64_t line_key);

/// In-memory counters as the database has them: the next fact, the last receipt of this epoch and its hash.
struct Counters {
  int64_t next_fact = 1;
  int64_t last_receipt = 0;
  std::array<uint8_t, 32> hash{};
};
Result<Counters> load_counters(sqlite::Connection& db, const Identity& identity);

}  // namespace till::store
