// Selling, taking back, voiding (20-api, Selling rules). Each is one write: order, lines, payments, stock and journal
// in one savepoint, answered after the commit; the idempotency key is a column of the order it made (D19), so a
// repeated POST is answered from the rows as they were sold. What sells runs on the writer's thread, what reads on the
// caller's.
#pragma once

#include "services/journal.h"
#include "store/products.h"

namespace till::services {

/// An order made now, or the one the same key made before.
struct Sold {
  domain::Order order;
  bool replayed = false;
};

class Selling {
 public:
  Selling(const Context& context, Journal& journal) : context_(context), journal_(journal) {}

  /// A counter sale. Errors: invalid with a pointer for each line or payment that is wrong (unknown_product, inactive,
  /// reason_required, underpaid …); forbidden for another price without the role; conflict (out_of_stock) for a product
  /// that blocks; mismatch for a key that came with another body.
  Result<Sold> sell(const domain::OrderDraft& draft, const http::Caller& caller,
                    const std::optional<http::OnceKey>& once);

  /// Goods of a known sale come back. Errors: not_found; conflict (voided, over_returned).
  Result<Sold> take_back(const Uuid& sale_id, const domain::ReturnDraft& draft, const http::Caller& caller,
                         const std::optional<http::OnceKey>& once);

  /// Goods come back whose sale is not known here.
  Result<Sold> take_back_blind(const domain::BlindReturnDraft& draft, const http::Caller& caller,
                               const std::optional<http::OnceKey>& once);

  /// Undoes a sale of today: goods and money back. Errors: conflict (not_voidable) if it is none, was voided, is of
  /// another day, or something of it came back.
  Result<Sold> void_sale(const Uuid& sale_id, const domain::VoidDraft& draft, const http::Caller& caller,
                         const std::optional<http::OnceKey>& once);

  Result<domain::Order> get_order(const Uuid& id) const;
  /// Newest first.
  Result<domain::Page<domain::Order>> list_orders(const domain::OrderFilter& filter, domain::Slice slice) const;

 private:
  struct Making;  // an order on its way, with what its lines need beside it

  Result<std::optional<Sold>> replay(const std::optional<http::OnceKey>& once, const http::Caller& caller,
                                     domain::OrderKind kind, int64_t of_order_row);
  domain::Order begin(domain::OrderKind kind, const http::Caller& caller) const;
  Status add_line(Making& making, const store::Sellable& product, const domain::LineDraft& draft, bool may_override,
                  const std::string& pointer, Faults& faults) const;
  Status finish(Making& making, const std::optional<http::OnceKey>& once);

  const Context& context_;
  Journal& journal_;
};

}  // namespace till::services
