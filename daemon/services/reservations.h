// Goods held back (20-api, inventory): for a placed order until it is paid, cancelled or too late, and by hand. Writes
// run on the writer's thread; whoever needs every piece calls release_due() first, so a reservation ends when its time
// is over and not when somebody happens to tidy up.
#pragma once

#include "services/notices.h"
#include "store/products.h"
#include "store/reservations.h"

namespace till::services {

class Reservations {
 public:
  Reservations(const Context& context, const Notices& notices) : context_(context), notices_(notices) {}

  /// Lets go of what is too late, a few at a time. Inside a write.
  Status release_due();

  /// Holds back what a placed order wants, until `until`. Error: conflict (out_of_stock) with the line, where there is
  /// less and the product does not allow that.
  Status hold(const domain::Order& order, const std::vector<domain::StockPolicy>& policies, Time until,
              const http::Caller& caller);
  /// True if the order's goods are still held back.
  Result<bool> is_held(const domain::Order& order) const;
  Status extend(const domain::Order& order, Time until);
  Status release(const domain::Order& order);

  /// By hand. Errors: not_found; conflict (out_of_stock) if there is less.
  Result<domain::Reservation> reserve(const Uuid& product_id, const domain::ReservationDraft& draft,
                                      const http::Caller& caller);
  /// The oldest made by hand first. Error: conflict (not_reserved) if less is held by hand.
  Result<domain::Stock> release_quantity(const Uuid& product_id, int64_t quantity);
  /// One made by hand. Errors: not_found; conflict (of_order).
  Status release_one(const Uuid& id);

  Result<domain::Page<domain::Reservation>> list(domain::Slice slice) const;

 private:
  Status hold_line(const domain::Order& order, const domain::OrderLine& line, domain::StockPolicy policy, size_t n,
                   Time until, const http::Caller& caller);

  const Context& context_;
  const Notices& notices_;
};

/// conflict (out_of_stock). `pointer` is of the quantity that is too much; empty: the request has none.
Error out_of_stock(const std::string& product_name, const std::string& pointer);

}  // namespace till::services
