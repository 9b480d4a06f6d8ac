// Selling (20-api, Selling rules): at the counter in one go, or placed first and paid later. Each is one write: order,
// lines, payments, stock and journal in one savepoint, answered after the commit; the idempotency key is a column of
// the order it made (D19), so a repeated POST is answered from the rows as they were made. Runs on the writer's thread.
#pragma once

#include "services/cards.h"
#include "services/carts.h"
#include "services/order_maker.h"

namespace till::services {

class Selling {
 public:
  Selling(const Context& context, OrderMaker& maker, Journal& journal, Carts& carts, Reservations& reservations,
          const Notices& notices, Cards& cards)
      : context_(context),
        maker_(maker),
        journal_(journal),
        carts_(carts),
        reservations_(reservations),
        notices_(notices),
        cards_(cards) {}

  /// A counter sale, which is COMPLETED; or an order for pickup or delivery: PAID if it comes with payments, else
  /// PENDING with its goods held back. Without lines it takes what is in the caller's cart. Errors: invalid with a
  /// pointer for each line or payment that is wrong (unknown_product, inactive, reason_required, underpaid …);
  /// forbidden for another price, a counter sale or another's order without the role; conflict (out_of_stock,
  /// cart_empty, too_many_open_orders); stale for another cart than the one that was seen; declined; mismatch for a key
  /// that came with another body.
  Result<Sold> sell(const domain::OrderDraft& draft, const http::Caller& caller,
                    const std::optional<http::OnceKey>& once);

  /// A placed order is paid, and so becomes a sale with a receipt number. Errors: not_found (also another's order);
  /// conflict (not_pending, out_of_stock); invalid as above. `declined` in the answer: nothing was sold, but its goods
  /// are held back for as long again.
  Result<Sold> pay(const Uuid& order_id, const std::vector<domain::PaymentDraft>& payments, const http::Caller& caller,
                   const std::optional<http::OnceKey>& once);

 private:
  Result<std::optional<Sold>> sold_before(const std::optional<http::OnceKey>& once, const http::Caller& caller) const;
  Status check_who(const domain::OrderDraft& draft, const http::Caller& caller) const;
  Status set_customer(domain::Order& order, const domain::OrderDraft& draft, const http::Caller& caller) const;
  Status set_address(domain::Order& order, const domain::OrderDraft& draft, Faults& faults) const;
  Status add_lines(Making& making, const std::vector<domain::LineDraft>& lines, const http::Caller& caller,
                   Faults& faults) const;
  Result<Sold> place(Making making, const std::optional<http::OnceKey>& once, const http::Caller& caller);
  Status settle(domain::Order& order, const std::vector<domain::PaymentDraft>& payments, const http::Caller& caller);
  Status undo_charges(const domain::Order& order);
  Result<Sold> complete(Making making, const std::optional<http::OnceKey>& once, const http::Caller& caller);
  [[nodiscard]] Time reserved_until() const;

  const Context& context_;
  OrderMaker& maker_;
  Journal& journal_;
  Carts& carts_;
  Reservations& reservations_;
  const Notices& notices_;
  Cards& cards_;
};

}  // namespace till::services
