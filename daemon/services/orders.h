// Orders after they were made (20-api, orders): looking at them, their steps, cancelling, and the shipments that move
// them along. What changes runs on the writer's thread, what reads on the caller's.
#pragma once

#include "domain/order_steps.h"
#include "services/returns.h"
#include "store/shipments.h"

namespace till::services {

class Orders {
 public:
  Orders(const Context& context, Returns& returns, Reservations& reservations, const Notices& notices)
      : context_(context), returns_(returns), reservations_(reservations), notices_(notices) {}

  /// Error: not_found, also for an order that is not the caller's to see.
  Result<domain::Order> get(const Uuid& id, const http::Caller& caller) const;
  /// Newest first: sales, returns, voids, and between them what was placed and not sold. A customer's own.
  Result<domain::Page<domain::Order>> list(domain::OrderFilter filter, const http::Caller& caller,
                                           domain::Slice slice) const;

  /// One step on (domain/order_steps.h). Errors: not_found, stale; conflict (wrong_step).
  Result<domain::Order> change_status(const Uuid& id, int64_t version, const domain::StatusChange& change,
                                      const http::Caller& caller);
  /// Releases what is held back; gives back goods and money of what was paid. Errors: not_found; conflict (wrong_step,
  /// cash_needs_staff).
  Result<domain::Order> cancel(const Uuid& id, const std::string& reason, const http::Caller& caller);

  /// What orders, carts and notices keep of this customer's person goes; the orders stay. Inside the write that erases
  /// the user. Error: conflict (open_orders) while something of his is on its way.
  Status forget_customer(int64_t user_row);

  Result<domain::Shipment> get_shipment(const Uuid& id, const http::Caller& caller) const;
  /// Newest first; a customer's own.
  Result<domain::Page<domain::Shipment>> list_shipments(store::ShipmentFilter filter, const http::Caller& caller,
                                                        domain::Slice slice) const;
  /// Its status brings the order along. Errors: not_found, stale; conflict (wrong_step).
  Result<domain::Shipment> change_shipment(const Uuid& id, int64_t version, const Patch<domain::Shipment>& patch,
                                           const http::Caller& caller);

 private:
  Result<domain::Order> step(domain::Order order, domain::OrderStatus to, const std::string& reason,
                             const http::Caller& caller);
  Status move_shipment(const domain::Order& order, const http::Caller& caller);

  const Context& context_;
  Returns& returns_;
  Reservations& reservations_;
  const Notices& notices_;
};

}  // namespace till::services
