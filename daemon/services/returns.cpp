#include "services/returns.h"

#include <algorithm>
#include <map>

#include "services/find_sellable.h"

namespace till::services {

using domain::Order;
using domain::OrderKind;
using domain::OrderLine;
using domain::OrderStatus;
using domain::Tender;

namespace {

// What goes back has the opposite sign of what was sold.
void negate(OrderLine& line) {
  line.quantity = -line.quantity;
  line.discount = -line.discount;
  line.tax = -line.tax;
  line.total = -line.total;
  line.moved = -line.moved;
}

OrderLine mirrored(const OrderLine& sold, int64_t order_row) {
  OrderLine line = sold;
  negate(line);
  line.of_line_id = sold.id;
  line.of_line_row = store::part_key(order_row, sold.id.child_number());
  return line;
}

// Some of a sold line goes back, after what went `back` before (with a return's sign). Amounts are what all of it
// together should be, less what was: so parts add up to the whole. Counts itself to `back`.
OrderLine returned_part(const OrderLine& sold, int64_t order_row, const domain::ReturnLineDraft& wanted,
                        store::Returned& back) {
  auto part = [&](int64_t whole, int64_t& so_far) {
    const int64_t more = domain::refund_part(whole, sold.quantity, -back.quantity, -so_far, wanted.quantity);
    so_far -= more;
    return -more;
  };
  OrderLine line = mirrored(sold, order_row);
  line.total = part(sold.total, back.total);
  line.tax = part(sold.tax, back.tax);
  line.discount = part(sold.discount, back.discount);
  line.quantity = -wanted.quantity;
  // As much as was sold moved something else for a good sold by its label: its weight.
  line.moved = wanted.restock ? domain::mul_div(-sold.moved, wanted.quantity, sold.quantity) : 0;
  back.quantity -= wanted.quantity;
  return line;
}

// A return's or void's amounts are those of its lines, which were computed from the sale.
void add_up(Order& order) {
  for (const OrderLine& line : order.lines) {
    order.discount += line.discount;
    order.tax += line.tax;
    order.total += line.total;
  }
}

void point_at(Order& order, const Order& sale, const std::string& reason) {
  order.of_order_id = sale.id;
  order.of_order_row = sale.row;
  order.customer_row = sale.customer_row;
  order.customer_id = sale.customer_id;
  order.reason = reason;
}

}  // namespace

int64_t Returns::subtotal_of(const Order& order) const {
  return order.total + order.discount - (context_.settings.prices.prices_include_tax ? 0 : order.tax);
}

Result<Sold> Returns::take_back(const Uuid& sale_id, const domain::ReturnDraft& draft, const http::Caller& caller,
                                const std::optional<http::OnceKey>& once) {
  TILL_TRY(const Order sale, store::get_order(context_.tx(), context_.identity, sale_id, store::As::now));
  TILL_TRY(auto before, maker_.replay(once, caller, {.kind = OrderKind::return_, .of_order_row = sale.row}));
  if (before) return std::move(*before);
  if (sale.kind != OrderKind::sale) return conflict("Only a sale can be taken back", "not_a_sale");
  if (sale.status == OrderStatus::voided) return conflict("This sale was voided", "voided");
  if (sale.status == OrderStatus::cancelled) return conflict("This order was cancelled", "cancelled");
  if (draft.lines.empty()) return invalid_field("/lines", "required", "a return needs a line");

  Making making{maker_.begin(OrderKind::return_, caller)};
  point_at(making.order, sale, draft.reason);
  TILL_CHECK(add_return_lines(making, sale, draft.lines));
  add_up(making.order);
  making.order.subtotal = subtotal_of(making.order);
  TILL_CHECK(pay_back(making.order, sale, draft.refund.method));
  TILL_CHECK(maker_.finish(making, once, domain::NoticeKind::order_refunded, caller));
  return Sold{.order = std::move(making.order)};
}

Status Returns::add_return_lines(Making& making, const Order& sale, const std::vector<domain::ReturnLineDraft>& lines) {
  Faults faults;
  std::map<int64_t, store::Returned> returned;  // also by earlier lines of this return
  for (size_t i = 0; i < lines.size(); ++i) {
    const domain::ReturnLineDraft& wanted = lines[i];
    const std::string pointer = "/lines/" + std::to_string(i);
    const size_t n = wanted.line_id.child_number();
    if (wanted.line_id.parent() != sale.id || n == 0 || n > sale.lines.size()) {
      faults.add(pointer + "/line_id", "unknown_line", "is no line of this sale");
      continue;
    }
    const OrderLine& sold = sale.lines[n - 1];
    const int64_t key = store::part_key(sale.row, static_cast<int64_t>(n));
    if (!returned.contains(key)) {
      TILL_TRY(returned[key], store::returned_of(context_.tx(), key));
    }
    store::Returned& back = returned[key];
    if (-back.quantity + wanted.quantity > sold.quantity)
      return conflict("More of " + sold.name + " than was sold and is still out", "over_returned");
    making.order.lines.push_back(returned_part(sold, sale.row, wanted, back));
    making.policies.push_back(domain::StockPolicy::allow);
  }
  return faults.empty() ? Status{} : std::move(faults).error();
}

/// `amount` of a sale's money, below zero, goes back by one tender. Never more than came by it. Cards: to one of the
/// charges that still holds as much.
Result<domain::Payment> Returns::refund(const Order& sale, Tender method, int64_t amount) {
  domain::Payment back{
      .method = method, .amount = amount, .tendered = amount, .status = domain::PaymentStatus::refunded};
  if (method == Tender::cash) return back;  // a manager may give cash for a card; its receipt says so
  TILL_TRY(const auto refunded, store::refunded_by(context_.tx(), sale.row, method));
  int64_t captured = 0;
  const domain::Payment* charge = nullptr;
  for (const domain::Payment& paid : sale.payments) {
    if (paid.method != method) continue;
    captured += paid.amount;
    if (!charge || paid.amount > charge->amount) charge = &paid;
  }
  if (charge == nullptr || -refunded - amount > captured)
    return conflict("More than was paid by card cannot go back to it", "refund_above_captured");
  if (charge->reference.empty())
    return conflict("By which charge the card was paid is not known here any more; give it back in cash",
                    "charge_lost");
  if (amount != 0) {
    TILL_TRY(back.reference, cards_.refund(charge->reference, -amount));
  }
  return back;
}

Status Returns::pay_back(Order& order, const Order& sale, Tender method) {
  TILL_TRY(order.payments.emplace_back(), refund(sale, method, order.total));
  return {};
}

Result<Sold> Returns::take_back_blind(const domain::BlindReturnDraft& draft, const http::Caller& caller,
                                      const std::optional<http::OnceKey>& once) {
  TILL_TRY(auto before, maker_.replay(once, caller, {.kind = OrderKind::return_}));
  if (before) return std::move(*before);
  Faults faults;
  if (draft.lines.empty()) faults.add("/lines", "required", "a return needs a line");
  if (draft.refund.method != Tender::cash) faults.add("/refund/method", "cash_only", "which card is not known here");

  Making making{maker_.begin(OrderKind::return_, caller)};
  making.order.reason = draft.reason;
  for (size_t i = 0; i < draft.lines.size(); ++i) {
    const domain::BlindLineDraft& wanted = draft.lines[i];
    const std::string pointer = "/lines/" + std::to_string(i);
    TILL_TRY(const auto found, find_sellable(context_.tx(), wanted, context_.settings.scan_patterns, pointer, faults));
    if (!found) continue;
    domain::LineDraft as_sold;
    as_sold.quantity = wanted.quantity;
    as_sold.unit_price = wanted.unit_price;
    as_sold.discount = wanted.discount;
    as_sold.reason = draft.reason;
    TILL_CHECK(maker_.add_line(making, *found, as_sold, true, pointer, faults));
  }
  if (!faults.empty()) return std::move(faults).error();
  TILL_CHECK(domain::price_order(making.order, context_.settings.prices));
  Order& order = making.order;
  for (size_t i = 0; i < order.lines.size(); ++i) {
    OrderLine& line = order.lines[i];
    negate(line);
    if (!draft.lines[i].restock) line.moved = 0;
    line.reason.clear();  // it stands on the order
  }
  order.subtotal = -order.subtotal;
  order.discount = -order.discount;
  order.tax = -order.tax;
  order.total = -order.total;
  TILL_CHECK(pay_back(order, order, Tender::cash));
  TILL_CHECK(maker_.finish(making, once, domain::NoticeKind::order_refunded, caller));
  return Sold{.order = std::move(making.order)};
}

Result<Sold> Returns::void_sale(const Uuid& sale_id, const domain::VoidDraft& draft, const http::Caller& caller,
                                const std::optional<http::OnceKey>& once) {
  sqlite::Connection& db = context_.tx();
  TILL_TRY(Order sale, store::get_order(db, context_.identity, sale_id, store::As::now));
  TILL_TRY(auto before, maker_.replay(once, caller, {.kind = OrderKind::void_, .of_order_row = sale.row}));
  if (before) return std::move(*before);
  if (sale.kind != OrderKind::sale) return conflict("Only a sale can be voided", "not_voidable");
  if (sale.status == OrderStatus::voided) return conflict("This sale was voided already", "not_voidable");
  if (sale.status != OrderStatus::completed)
    return conflict("This order is " + std::string(to_string(sale.status)) + "; cancel it instead", "not_voidable");
  if (sale.business_date != context_.business_date())
    return conflict("This sale is of another day; take the goods back instead", "not_voidable");
  TILL_TRY(const bool returned, store::has_returns(db, sale.row));
  if (returned) return conflict("Something of this sale came back already; take the rest back too", "not_voidable");

  Making making{maker_.begin(OrderKind::void_, caller)};
  Order& order = making.order;
  point_at(order, sale, draft.reason);
  for (const OrderLine& sold : sale.lines) order.lines.push_back(mirrored(sold, sale.row));
  making.policies.assign(order.lines.size(), domain::StockPolicy::allow);
  add_up(order);
  order.subtotal = -sale.subtotal;
  TILL_CHECK(pay_back_as_paid(order, sale, caller));
  TILL_CHECK(store::set_order_status(db, sale, OrderStatus::voided, context_.stamp(caller)));
  TILL_CHECK(maker_.finish(making, once, domain::NoticeKind::order_voided, caller));
  return Sold{.order = std::move(making.order)};
}

/// By the tenders it came by, in their order, until the whole amount is back.
Status Returns::pay_back_as_paid(Order& order, const Order& sale, const http::Caller& caller) {
  int64_t left = -order.total;
  for (const domain::Payment& paid : sale.payments) {
    int64_t part = std::min(left, paid.amount);
    if (paid.method == Tender::cash && part > 0 && !domain::may(caller.rights, domain::Role::cashier))
      return conflict("Cash is given back at the counter; ask the shop to cancel", "cash_needs_staff");
    TILL_TRY(order.payments.emplace_back(), refund(sale, paid.method, -part));
    left -= part;
  }
  return {};
}

Status Returns::give_back_all(const Order& sale, const std::string& reason, const http::Caller& caller) {
  Making making{maker_.begin(OrderKind::return_, caller)};
  point_at(making.order, sale, reason);
  std::vector<domain::ReturnLineDraft> lines;
  for (size_t n = 0; n < sale.lines.size(); ++n) {
    TILL_TRY(const auto back,
             store::returned_of(context_.tx(), store::part_key(sale.row, static_cast<int64_t>(n) + 1)));
    const int64_t out = sale.lines[n].quantity + back.quantity;
    if (out > 0) lines.push_back({.line_id = sale.lines[n].id, .quantity = out, .restock = true});
  }
  if (lines.empty()) return {};
  TILL_CHECK(add_return_lines(making, sale, lines));
  add_up(making.order);
  making.order.subtotal = subtotal_of(making.order);
  TILL_CHECK(pay_back_as_paid(making.order, sale, caller));
  return maker_.finish(making, {}, domain::NoticeKind::order_refunded, caller);
}

}  // namespace till::services
