#include "services/orders.h"

#include <algorithm>
#include <iterator>

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

// Where an order may come to be: what its delivery's parcel is then, and what people hear.
struct Station {
  OrderStatus order;
  ShipmentStatus shipment;
  NoticeKind notice;
};

// clang-format off
constexpr Station kStations[] = {
    {OrderStatus::paid,      ShipmentStatus::pending,   NoticeKind::order_paid},
    {OrderStatus::shipped,   ShipmentStatus::shipped,   NoticeKind::order_shipped},
    {OrderStatus::delivered, ShipmentStatus::delivered, NoticeKind::order_delivered},
    {OrderStatus::completed, ShipmentStatus::pending,   NoticeKind::order_completed},
    {OrderStatus::cancelled, ShipmentStatus::cancelled, NoticeKind::order_cancelled},
};
// clang-format on

/// The first station that has this, by either name.
template <class T>
const Station& station(T Station::*name, T value) {
  const auto found =
      std::find_if(std::begin(kStations), std::end(kStations), [&](const Station& one) { return one.*name == value; });
  TILL_ASSERT(found != std::end(kStations));  // no step leads elsewhere, and each parcel's status stands here
  return *found;
}

bool sees_all(const http::Caller& caller) { return domain::may(caller.rights, domain::Role::cashier); }

}  // namespace

Result<Order> Orders::get(const Uuid& id, const http::Caller& caller) const {
  TILL_TRY(auto* db, context_.read());
  return visible_order(context_, *db, id, caller);
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
  TILL_TRY(Order order, visible_order(context_, context_.tx(), id, caller));
  TILL_CHECK(domain::check_version(order, version));
  return step(std::move(order), change.status, change.reason, caller);
}

Result<Order> Orders::cancel(const Uuid& id, const std::string& reason, const http::Caller& caller) {
  TILL_TRY(Order order, visible_order(context_, context_.tx(), id, caller));
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
  TILL_CHECK(notices_.tell_of_order(station(&Station::order, to).notice, order, caller));
  return order;
}

Status Orders::move_shipment(const Order& order, const http::Caller& caller) {
  TILL_TRY(auto shipment, store::find_shipment_of(context_.tx(), order.row));
  if (!shipment) return {};
  shipment->status = station(&Station::order, order.status).shipment;
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
    TILL_TRY(Order order, visible_order(context_, db, before->order_id, caller));
    TILL_TRY(order, step(std::move(order), station(&Station::shipment, after.status).order, "", caller));
    TILL_TRY(const auto moved, store::find_shipment(db, id));
    after.version = moved->version;
  }
  TILL_CHECK(store::change_shipment(db, after, context_.stamp(caller)));
  return after;
}

}  // namespace till::services
