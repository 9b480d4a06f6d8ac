#include "services/orders.h"

#include "domain/refusal.h"
#include "store/carts.h"
#include "store/order_list.h"
#include "store/people.h"

namespace till::services {

using domain::NoticeKind;
using domain::Order;
using domain::OrderStatus;
using domain::Shipment;
using domain::ShipmentStatus;
using domain::StepKind;

namespace {

NoticeKind notice_of(OrderStatus status) {
  switch (status) {
    case OrderStatus::shipped:
      return NoticeKind::order_shipped;
    case OrderStatus::delivered:
      return NoticeKind::order_delivered;
    case OrderStatus::cancelled:
      return NoticeKind::order_cancelled;
    default:
      return NoticeKind::order_completed;
  }
}

// What a delivery's parcel is when its order is there. PENDING orders have none.
ShipmentStatus shipment_of(OrderStatus status) {
  switch (status) {
    case OrderStatus::shipped:
      return ShipmentStatus::shipped;
    case OrderStatus::delivered:
      return ShipmentStatus::delivered;
    case OrderStatus::cancelled:
      return ShipmentStatus::cancelled;
    default:
      return ShipmentStatus::pending;
  }
}

OrderStatus order_of(ShipmentStatus status) {
  switch (status) {
    case ShipmentStatus::shipped:
      return OrderStatus::shipped;
    case ShipmentStatus::delivered:
      return OrderStatus::delivered;
    case ShipmentStatus::cancelled:
      return OrderStatus::cancelled;
    case ShipmentStatus::pending:
      return OrderStatus::paid;
  }
  return OrderStatus::paid;
}

bool sees_all(const http::Caller& caller) { return domain::may(caller.rights, domain::Role::cashier); }

}  // namespace

Result<Order> Orders::find(sqlite::Connection& db, const Uuid& id, const http::Caller& caller) const {
  TILL_TRY(auto order, store::find_order(db, context_.identity, id, store::As::now));
  if (!order) {
    TILL_TRY(order, store::find_placed_order(db, context_.identity, id, store::As::now));
  }
  if (!order || !may_see(*order, caller)) return Error{.code = Code::not_found, .message = "There is no such order"};
  return std::move(*order);
}

Result<Order> Orders::get(const Uuid& id, const http::Caller& caller) const {
  TILL_TRY(auto* db, context_.read());
  return find(*db, id, caller);
}

Result<domain::Page<Order>> Orders::list(domain::OrderFilter filter, const http::Caller& caller,
                                         domain::Slice slice) const {
  TILL_TRY(auto* db, context_.read());
  if (filter.customer_id) {
    TILL_TRY(filter.customer_row, store::find_user_row(*db, *filter.customer_id));
    if (!filter.customer_row) return domain::Page<Order>{};
  }
  if (!sees_all(caller)) filter.customer_row = caller.user;
  return store::list_orders(*db, context_.identity, filter, slice);
}

Result<Order> Orders::change_status(const Uuid& id, int64_t version, const domain::StatusChange& change,
                                    const http::Caller& caller) {
  TILL_TRY(Order order, find(context_.tx(), id, caller));
  TILL_CHECK(domain::check_version(order, version));
  return step(std::move(order), change.status, change.reason, caller);
}

Result<Order> Orders::cancel(const Uuid& id, const std::string& reason, const http::Caller& caller) {
  TILL_TRY(Order order, find(context_.tx(), id, caller));
  return step(std::move(order), OrderStatus::cancelled, reason, caller);
}

Result<Order> Orders::step(Order order, OrderStatus to, const std::string& reason, const http::Caller& caller) {
  const StepKind kind =
      order.kind == domain::OrderKind::sale ? domain::step_of(order.fulfilment, order.status, to) : StepKind::none;
  if (kind == StepKind::none)
    return conflict(
        "An order that is " + std::string(to_string(order.status)) + " cannot become " + std::string(to_string(to)),
        "wrong_step");
  sqlite::Connection& db = context_.tx();
  if (order.status == OrderStatus::pending) {  // and so it is cancelled
    TILL_CHECK(reservations_.release(order));
    order.status = to;
    order.reason = reason;
    order.reserved_until.reset();
    TILL_CHECK(store::set_placed_status(db, order, context_.stamp(caller)));
  } else {
    if (kind == StepKind::cancel)
      TILL_CHECK(returns_.give_back_all(order, reason.empty() ? "cancelled" : reason, caller));
    TILL_CHECK(store::set_order_status(db, order, to, context_.stamp(caller)));
    TILL_CHECK(move_shipment(order, caller));
  }
  TILL_CHECK(notices_.tell_of_order(notice_of(to), order, caller));
  return order;
}

Status Orders::move_shipment(const Order& order, const http::Caller& caller) {
  TILL_TRY(auto shipment, store::find_shipment_of(context_.tx(), order.row));
  if (!shipment) return {};
  shipment->status = shipment_of(order.status);
  return store::change_shipment(context_.tx(), *shipment, context_.stamp(caller));
}

Status Orders::forget_customer(int64_t user_row) {
  sqlite::Connection& db = context_.tx();
  TILL_TRY(const bool open, store::has_open_orders(db, user_row));
  if (open) return conflict("There are orders that are not delivered or cancelled yet", "open_orders");
  TILL_CHECK(store::erase_addresses(db, user_row));
  TILL_CHECK(store::remove_carts_of(db, user_row));
  return store::forget_notices_of(db, user_row);
}

Result<Shipment> Orders::get_shipment(const Uuid& id, const http::Caller& caller) const {
  TILL_TRY(auto* db, context_.read());
  TILL_TRY(auto shipment, store::find_shipment(*db, id));
  const bool seen =
      shipment && (sees_all(caller) || (shipment->customer_row != 0 && shipment->customer_row == caller.user));
  if (!seen) return Error{.code = Code::not_found, .message = "There is no such shipment"};
  return std::move(*shipment);
}

Result<domain::Page<Shipment>> Orders::list_shipments(store::ShipmentFilter filter, const http::Caller& caller,
                                                      domain::Slice slice) const {
  TILL_TRY(auto* db, context_.read());
  if (!sees_all(caller)) filter.customer_row = caller.user;
  return store::list_shipments(*db, filter, slice.cursor, slice.limit);
}

Result<Shipment> Orders::change_shipment(const Uuid& id, int64_t version, const Patch<Shipment>& patch,
                                         const http::Caller& caller) {
  sqlite::Connection& db = context_.tx();
  TILL_TRY(const auto before, store::find_shipment(db, id));
  if (!before) return Error{.code = Code::not_found, .message = "There is no such shipment"};
  TILL_CHECK(domain::check_version(*before, version));
  Shipment after = *before;
  patch.apply(after);
  if (after.status != before->status) {
    TILL_TRY(Order order, find(db, before->order_id, caller));
    TILL_TRY(order, step(std::move(order), order_of(after.status), "", caller));
    TILL_TRY(const auto moved, store::find_shipment(db, id));
    after.version = moved->version;
  }
  TILL_CHECK(store::change_shipment(db, after, context_.stamp(caller)));
  return after;
}

}  // namespace till::services
