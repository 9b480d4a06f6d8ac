#include "services/selling.h"

#include "services/find_sellable.h"
#include "store/people.h"
#include "store/shipments.h"

namespace till::services {

using domain::Fulfilment;
using domain::Order;
using domain::OrderKind;
using domain::OrderStatus;
using domain::Role;
using domain::StockPolicy;

namespace {

// At the counter the goods are in the customer's hand, whatever the book says. What is fetched or sent later has to be
// there (20-api: delivery and pickup default to block).
void be_strict(std::vector<StockPolicy>& policies) {
  for (StockPolicy& policy : policies)
    if (policy == StockPolicy::warn) policy = StockPolicy::block;
}

Error staff_only(const char* what) {
  return {
      .code = Code::forbidden, .message = std::string(what) + " needs somebody of the shop", .reason = "staff_only"};
}

}  // namespace

Time Selling::reserved_until() const { return {context_.clock.now().ms + context_.settings.reserve_min * 60'000}; }

Result<std::optional<Sold>> Selling::sold_before(const std::optional<http::OnceKey>& once,
                                                 const http::Caller& caller) const {
  if (!once) return std::optional<Sold>{};
  TILL_TRY(auto sold, maker_.replay(once, caller, {.kind = OrderKind::sale}));
  if (sold) return sold;
  TILL_TRY(auto placed, store::find_placed_order_by_key(context_.tx(), context_.identity, once->key, caller.user,
                                                        maker_.once_since()));
  return OrderMaker::replayed(std::move(placed), *once);
}

Result<Sold> Selling::sell(const domain::OrderDraft& draft, const http::Caller& caller,
                           const std::optional<http::OnceKey>& once) {
  TILL_TRY(auto before, sold_before(once, caller));
  if (before) return std::move(*before);
  TILL_CHECK(check_who(draft, caller));

  Faults faults;
  Making making{maker_.begin(OrderKind::sale, caller)};
  Order& order = making.order;
  order.fulfilment = draft.fulfilment;
  const bool at_once = draft.fulfilment == Fulfilment::counter;
  if (at_once && draft.payments.empty()) faults.add("/payments", "required", "a counter sale is paid at once");
  TILL_CHECK(set_customer(order, draft, caller));
  TILL_CHECK(set_address(order, draft, faults));
  if (draft.lines.empty()) {
    TILL_TRY(const auto lines, carts_.take(draft.cart_version, caller));
    TILL_CHECK(add_lines(making, lines, caller, faults));
  } else {
    TILL_CHECK(add_lines(making, draft.lines, caller, faults));
  }
  if (!faults.empty()) return std::move(faults).error();

  TILL_CHECK(domain::price_order(order, context_.settings.prices));
  if (!at_once) be_strict(making.policies);
  if (draft.payments.empty()) return place(std::move(making), once, caller);
  TILL_CHECK(settle(order, draft.payments, caller));
  return complete(std::move(making), once, caller);
}

Status Selling::check_who(const domain::OrderDraft& draft, const http::Caller& caller) const {
  if (domain::may(caller.rights, Role::cashier)) return {};
  if (draft.fulfilment == Fulfilment::counter) return staff_only("A counter sale");
  if (draft.customer_id && *draft.customer_id != caller.id) return staff_only("An order for somebody else");
  return {};
}

/// Whose order it is: a customer's own, or of the one that staff name. A counter sale may be nobody's.
Status Selling::set_customer(Order& order, const domain::OrderDraft& draft, const http::Caller& caller) const {
  if (!draft.customer_id) {
    if (domain::may(caller.rights, Role::cashier)) return {};
    order.customer_row = caller.user;
    order.customer_id = caller.id;
    return {};
  }
  TILL_TRY(const auto row, store::find_user_row(context_.tx(), *draft.customer_id));
  if (!row) return invalid_field("/customer_id", "unknown_user", "there is no such customer");
  order.customer_row = *row;
  order.customer_id = draft.customer_id;
  return {};
}

Status Selling::set_address(Order& order, const domain::OrderDraft& draft, Faults& faults) const {
  if (draft.fulfilment != Fulfilment::delivery) {
    if (draft.address || draft.address_id)
      faults.add(draft.address ? "/address" : "/address_id", "not_needed", "only a delivery goes somewhere");
    return {};
  }
  if (draft.address && draft.address_id) {
    faults.add("/address", "one_of", "is given beside address_id");
  } else if (draft.address) {
    order.address = draft.address;
  } else if (draft.address_id) {
    TILL_TRY(order.address, store::find_address(context_.tx(), order.customer_row, *draft.address_id));
    if (!order.address) faults.add("/address_id", "unknown_address", "is no address of the customer");
  } else {
    TILL_TRY(order.address, store::find_default_address(context_.tx(), order.customer_row));
    if (!order.address) faults.add("/address_id", "required", "a delivery needs an address");
  }
  return {};
}

Status Selling::add_lines(Making& making, const std::vector<domain::LineDraft>& lines, const http::Caller& caller,
                          Faults& faults) const {
  const bool may_override = domain::may(caller.rights, context_.settings.override_role);
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string pointer = "/lines/" + std::to_string(i);
    TILL_TRY(const auto found,
             find_sellable(context_.tx(), lines[i], context_.settings.scan_patterns, pointer, faults));
    if (found) TILL_CHECK(maker_.add_line(making, *found, lines[i], may_override, pointer, faults));
  }
  return {};
}

/// Not paid: no fact, no number, no movement; its goods are held back.
Result<Sold> Selling::place(Making making, const std::optional<http::OnceKey>& once, const http::Caller& caller) {
  Order& order = making.order;
  if (!domain::may(caller.rights, Role::cashier)) {
    TILL_TRY(const int64_t held, store::count_held_orders(context_.tx(), caller.user, order.created_at));
    if (held >= context_.settings.most_unpaid)
      return conflict("Pay or cancel some of your orders first", "too_many_open_orders");
  }
  order.status = OrderStatus::pending;
  order.placed_at = order.created_at;
  order.reserved_until = reserved_until();
  OrderMaker::number_parts(order);
  TILL_CHECK(store::add_placed_order(context_.tx(), order, journal_.next_fact(), order_once(once)));
  TILL_CHECK(reservations_.hold(order, making.policies, *order.reserved_until, caller));
  TILL_CHECK(notices_.tell_of_order(domain::NoticeKind::order_placed, order, caller));
  return Sold{.order = std::move(order)};
}

/// Amounts of all payments first, so that nothing is charged for an order that does not add up; then the cards.
Status Selling::settle(Order& order, const std::vector<domain::PaymentDraft>& payments, const http::Caller& caller) {
  Faults faults;
  for (size_t i = 0; i < payments.size(); ++i) {
    const domain::PaymentDraft& p = payments[i];
    const std::string pointer = "/payments/" + std::to_string(i);
    const bool cash = p.method == domain::Tender::cash;
    if (cash && !domain::may(caller.rights, Role::cashier)) return staff_only("Taking cash");
    if (cash && !p.tendered) faults.add(pointer + "/tendered", "required", "how much cash was handed over");
    if (cash && (p.amount || !p.token.empty()))
      faults.add(pointer + (p.amount ? "/amount" : "/token"), "not_needed", "is for cards");
    if (!cash && p.token.empty()) faults.add(pointer + "/token", "required", "which card");
    if (!cash && p.tendered) faults.add(pointer + "/tendered", "not_needed", "is for cash");
    order.payments.push_back({.method = p.method, .amount = p.amount.value_or(0), .tendered = p.tendered.value_or(0)});
  }
  if (payments.empty()) faults.add("/payments", "required", "nothing is paid");
  if (!faults.empty()) return std::move(faults).error();
  TILL_CHECK(domain::settle(order));
  for (size_t i = 0; i < payments.size(); ++i) {
    domain::Payment& paid = order.payments[i];
    if (paid.method != domain::Tender::card) continue;
    auto charged = cards_.charge(payments[i].token, paid.amount,
                                 to_string(order.id.child(static_cast<uint16_t>(domain::kPaymentIds + i + 1))));
    if (!charged.ok()) {
      TILL_CHECK(undo_charges(order));
      return std::move(charged).error();
    }
    paid.reference = std::move(*charged);
  }
  return {};
}

/// One of several cards said no: the others get their money back.
Status Selling::undo_charges(const Order& order) {
  for (const domain::Payment& paid : order.payments) {
    if (!paid.reference.empty()) {
      TILL_TRY(const auto refunded, cards_.refund(paid.reference, paid.amount));
      static_cast<void>(refunded);
    }
  }
  return {};
}

/// Paid in full: the order becomes a fact.
Result<Sold> Selling::complete(Making making, const std::optional<http::OnceKey>& once, const http::Caller& caller) {
  Order& order = making.order;
  const bool at_once = order.fulfilment == Fulfilment::counter;
  order.status = at_once ? OrderStatus::completed : OrderStatus::paid;
  const auto kind = at_once ? domain::NoticeKind::order_completed : domain::NoticeKind::order_paid;
  TILL_CHECK(maker_.finish(making, once, kind, caller));
  if (order.fulfilment == Fulfilment::delivery) {
    domain::Shipment shipment;
    shipment.id = context_.ids.next();
    shipment.order_row = order.row;
    shipment.customer_row = order.customer_row;
    shipment.address = order.address;
    TILL_CHECK(store::add_shipment(context_.tx(), shipment, context_.stamp(caller)));
    order.shipment_id = shipment.id;
  }
  return Sold{.order = std::move(order)};
}

Result<Sold> Selling::pay(const Uuid& order_id, const std::vector<domain::PaymentDraft>& payments,
                          const http::Caller& caller, const std::optional<http::OnceKey>& once) {
  sqlite::Connection& db = context_.tx();
  TILL_TRY(const Order found, visible_order(context_, db, order_id, caller));
  if (found.fulfilment != Fulfilment::counter) {  // a counter sale is paid by the POST that made it, never here
    TILL_TRY(auto before, maker_.replay(once, caller, {.kind = OrderKind::sale, .place = found.place}));
    if (before) return std::move(*before);
  }
  if (found.status != OrderStatus::pending)
    return conflict("This order is " + std::string(to_string(found.status)) + " and takes no payment", "not_pending");

  Making making{found};
  Order& order = making.order;
  for (const domain::OrderLine& line : order.lines) {
    TILL_TRY(making.policies.emplace_back(), store::stock_policy(db, line.product_row));
  }
  TILL_CHECK(reservations_.release_due());
  TILL_CHECK(reservations_.extend(order, reserved_until()));
  if (Status settled = settle(order, payments, caller); !settled.ok()) {
    if (settled.error().code != Code::declined) return std::move(settled).error();
    return Sold{.order = found, .declined = std::move(settled).error()};
  }
  TILL_TRY(const bool held, reservations_.is_held(order));
  if (!held) be_strict(making.policies);
  TILL_CHECK(reservations_.release(order));
  maker_.sign(order, caller);
  order.reserved_until.reset();
  TILL_TRY(Sold paid, complete(std::move(making), once, caller));
  TILL_CHECK(store::set_placed_sold(db, paid.order.place, paid.order.row));
  return paid;
}

}  // namespace till::services
