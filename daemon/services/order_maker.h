// How an order comes to be, of whatever kind: lines from products, and the one write that makes it a fact with rows,
// stock, number and hash (D19). Selling and returning stand on it. Runs on the writer's thread.
#pragma once

#include "base/retention.h"
#include "services/find_sellable.h"
#include "services/journal.h"
#include "services/reservations.h"
#include "store/placed_orders.h"

namespace till::services {

/// An order made now, or the one the same key made before.
struct Sold {
  domain::Order order;
  bool replayed = false;
  std::optional<Error> declined{};  // nothing was sold: the card said no, which leaves a trace of its own
};

/// An order on its way, with what its lines need beside it.
struct Making {
  domain::Order order;
  std::vector<domain::StockPolicy> policies{};  // of each line's product
};

class OrderMaker {
 public:
  OrderMaker(const Context& context, Journal& journal, Reservations& reservations, const Notices& notices)
      : context_(context),
        journal_(journal),
        reservations_(reservations),
        notices_(notices),
        keys_(context.clock, context.settings.once_days * 86'400'000) {}

  /// The order that this caller made with this key before, as it was made. Error: mismatch for another body.
  Result<std::optional<Sold>> replay(const std::optional<http::OnceKey>& once, const http::Caller& caller,
                                     store::OnceScope scope) const;
  /// What a hit means for a request with this key.
  static Result<std::optional<Sold>> replayed(std::optional<store::OnceHit> hit, const http::OnceKey& once);
  [[nodiscard]] Time once_since() const { return keys_.oldest(); }

  /// Empty, with id, times and who makes it.
  [[nodiscard]] domain::Order begin(domain::OrderKind kind, const http::Caller& caller) const;

  /// Who makes it, and when: as its next version.
  void sign(domain::Order& order, const http::Caller& caller) const;

  /// What a label says is the price or the amount, unless the draft names another price. Errors: conflict
  /// (unknown_tax_class); forbidden (override_not_allowed) for another price without the right to it; a fault for one
  /// without a reason.
  Status add_line(Making& making, const Found& found, const domain::LineDraft& draft, bool may_override,
                  const std::string& pointer, Faults& faults) const;

  /// Ids of lines and payments.
  static void number_parts(domain::Order& order);
  /// The end of every fact: rows, stock, journal, and who hears of it. The counters move as the very last act.
  Status finish(Making& making, const std::optional<http::OnceKey>& once, domain::NoticeKind kind,
                const http::Caller& caller);

 private:
  const Context& context_;
  Journal& journal_;
  Reservations& reservations_;
  const Notices& notices_;
  const Retention keys_;
};

/// The key and the hash of its body, as an order keeps them.
store::OrderOnce order_once(const std::optional<http::OnceKey>& once);

/// An order as it is now, made or placed (its row is 0 until it is sold). Error: not_found, also for one that is not
/// the caller's to see: staff see every order, others their own.
Result<domain::Order> visible_order(const Context& context, sqlite::Connection& db, const Uuid& id,
                                    const http::Caller& caller);

/// A refusal because of the state something is in.
Error conflict(std::string message, std::string reason);

}  // namespace till::services
