// Orders, their lines and payments: facts, written once (D19). Only the status moves on, in columns of its own, so that
// the answer to a repeated POST is rendered again from what was sold.
#pragma once

#include <functional>

#include "domain/journal.h"
#include "store/identity.h"
#include "store/stock.h"

namespace till::store {

/// The idempotency key an order is made with.
struct OrderOnce {
  std::string key{};              // empty: none
  std::optional<int64_t> hash{};  // of the body; nullopt: the order came back, and nobody knows it any more
};

/// Writes the order's lines and books each on the stock. Sets `oversold` on the order if a product that warns went
/// below zero. Error: conflict, if one that blocks did. Before add_order(), for the order row tells whether it was
/// oversold.
Status add_lines(sqlite::Connection& db, domain::Order& order, const std::vector<domain::StockPolicy>& policies,
                 int64_t version_base);

/// Writes the lines alone: what an order of a former life moved is booked elsewhere (store/former.h).
Status add_unbooked_lines(sqlite::Connection& db, const domain::Order& order);

/// Writes the order and its payments. row, receipt_n and hash are set.
Status add_order(sqlite::Connection& db, const domain::Order& order, const OrderOnce& once);

enum class As : uint8_t {
  now,   // with the status and version it has now
  sold,  // as the POST that made it was answered
};
Result<std::optional<domain::Order>> find_order(sqlite::Connection& db, const Identity& identity, const Uuid& id,
                                                As as);
Result<domain::Order> get_order(sqlite::Connection& db, const Identity& identity, const Uuid& id, As as);

/// The order of this fact number, as sold.
Result<std::optional<domain::JournalBody>> find_receipt(sqlite::Connection& db, const Identity& identity, int64_t row);

/// An order this caller made with this key since `since`, as sold; the path it was made on is told by what it is: its
/// kind and the order it is of. One that came back without its cashier, who went with the disk, is anybody's of the
/// staff: the till that made it still has the key, and asks as somebody new.
struct OnceHit {
  domain::Order order;
  std::optional<int64_t> hash{};
};
struct OnceScope {
  int64_t cashier = 0;
  domain::OrderKind kind = domain::OrderKind::sale;
  int64_t of_order_row = 0;
  Time since{};
  int64_t place = 0;  // the placed order that was paid
  bool staff = false;
};
Result<std::optional<OnceHit>> find_order_by_key(sqlite::Connection& db, const Identity& identity,
                                                 const std::string& key, const OnceScope& scope);

/// Moves the status on, and with it the order's version.
Status set_order_status(sqlite::Connection& db, domain::Order& order, domain::OrderStatus status, const Stamp& stamp);

/// Rows between the two, which are none of them: above zero stand the facts of this database, below zero those of
/// former lives (store/former.h).
struct RowRange {
  int64_t after = 0, before = INT64_MAX;
};
/// Facts only (see store/order_list.h), the highest row first, with lines and payments.
Result<std::vector<domain::Order>> list_made_orders(sqlite::Connection& db, const Identity& identity,
                                                    const domain::OrderFilter& filter, const RowRange& range,
                                                    int64_t limit);
Result<int64_t> count_made_orders(sqlite::Connection& db, const domain::OrderFilter& filter);

/// What came back of a line already, summed over its returns: below zero, as returns are.
struct Returned {
  int64_t quantity = 0, total = 0, tax = 0, discount = 0;
};
Result<Returned> returned_of(sqlite::Connection& db, int64_t line_key);
/// What went back by a tender of what this order paid: below zero.
Result<int64_t> refunded_by(sqlite::Connection& db, int64_t order_row, domain::Tender method);
/// True if any return is of this order.
Result<bool> has_returns(sqlite::Connection& db, int64_t order_row);

/// Calls visit(order as sold, its idempotency key) for each receipt of an epoch in order, until it returns false.
using VisitReceipt = std::function<bool(const domain::Order&, std::string_view)>;
Status for_each_receipt(sqlite::Connection& db, const Identity& identity, int64_t epoch_row, const VisitReceipt& visit);
/// The same for those of all former lives: life by life, by their numbers, of which some may be missing, some twice.
Status for_each_former_receipt(sqlite::Connection& db, const Identity& identity, const VisitReceipt& visit);
/// True if any receipt here has a hash that pleases.
Result<bool> any_receipt(sqlite::Connection& db, const std::function<bool(const std::array<uint8_t, 32>&)>& pleases);

/// In-memory counters as the database has them: the next fact, the last receipt of this epoch and its hash, the latest
/// tick of the store's clock that was seen (sync/core/hlc.h).
struct Counters {
  int64_t next_fact = 1;
  int64_t last_receipt = 0;
  std::array<uint8_t, 32> hash{};
  int64_t hlc = 0;
};
Result<Counters> load_counters(sqlite::Connection& db, const Identity& identity);

}  // namespace till::store
