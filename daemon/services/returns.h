// Taking back and voiding (20-api, Selling rules): goods and money go the other way, in an order of its own that points
// at the sale. Amounts are those of the sale, so parts add up to the whole. Runs on the writer's thread.
#pragma once

#include "services/cards.h"
#include "services/order_maker.h"

namespace till::services {

class Returns {
 public:
  Returns(const Context& context, OrderMaker& maker, Cards& cards) : context_(context), maker_(maker), cards_(cards) {}

  /// Goods of a known sale come back. Errors: not_found; conflict (not_a_sale, voided, cancelled, over_returned,
  /// refund_above_captured, charge_lost).
  Result<Sold> take_back(const Uuid& sale_id, const domain::ReturnDraft& draft, const http::Caller& caller,
                         const std::optional<http::OnceKey>& once);

  /// Goods come back whose sale is not known here; paid back in cash.
  Result<Sold> take_back_blind(const domain::BlindReturnDraft& draft, const http::Caller& caller,
                               const std::optional<http::OnceKey>& once);

  /// Undoes a sale of today: goods and money back. Errors: conflict (not_voidable) if it is none, was voided, is of
  /// another day, is not completed, or something of it came back.
  Result<Sold> void_sale(const Uuid& sale_id, const domain::VoidDraft& draft, const http::Caller& caller,
                         const std::optional<http::OnceKey>& once);

  /// All that is still out of a sale that is being cancelled, back to the tenders it came from. Error: conflict
  /// (cash_needs_staff) if that is cash and the caller may not touch it. Does nothing if all came back before.
  Status give_back_all(const domain::Order& sale, const std::string& reason, const http::Caller& caller);

 private:
  Status add_return_lines(Making& making, const domain::Order& sale, const std::vector<domain::ReturnLineDraft>& lines);
  Status pay_back(domain::Order& order, const domain::Order& sale, domain::Tender method);
  Status pay_back_as_paid(domain::Order& order, const domain::Order& sale, const http::Caller& caller);
  Result<domain::Payment> refund(const domain::Order& sale, domain::Tender method, int64_t amount);
  [[nodiscard]] int64_t subtotal_of(const domain::Order& order) const;

  const Context& context_;
  OrderMaker& maker_;
  Cards& cards_;
};

}  // namespace till::services
