#include "services/order_maker.h"

#include <algorithm>

namespace till::services {

using domain::Order;
using domain::OrderLine;

Error conflict(std::string message, std::string reason) {
  return {.code = Code::conflict, .message = std::move(message), .reason = std::move(reason)};
}

Result<Order> visible_order(const Context& context, sqlite::Connection& db, const Uuid& id,
                            const http::Caller& caller) {
  TILL_TRY(auto order, store::find_order(db, context.identity, id, store::As::now));
  if (!order) {
    TILL_TRY(order, store::find_placed_order(db, context.identity, id, store::As::now));
  }
  const bool seen = order && (domain::may(caller.rights, domain::Role::cashier) ||
                              (order->customer_row != 0 && order->customer_row == caller.user));
  if (!seen) return Error{.code = Code::not_found, .message = "There is no such order"};
  return std::move(*order);
}

store::OrderOnce order_once(const std::optional<http::OnceKey>& once) {
  if (!once) return {};
  return {.key = once->key, .hash = static_cast<int64_t>(once->body_hash)};
}

Result<std::optional<Sold>> OrderMaker::replayed(std::optional<store::OnceHit> hit, const http::OnceKey& once) {
  if (!hit) return std::optional<Sold>{};
  if (hit->hash && *hit->hash != static_cast<int64_t>(once.body_hash))
    return Error{.code = Code::mismatch, .message = "This Idempotency-Key was used with another request"};
  return std::optional(Sold{.order = std::move(hit->order), .replayed = true});
}

Result<std::optional<Sold>> OrderMaker::replay(const std::optional<http::OnceKey>& once, const http::Caller& caller,
                                               store::OnceScope scope) const {
  if (!once) return std::optional<Sold>{};
  scope.cashier = caller.user;
  scope.since = once_since();
  scope.staff = domain::may(caller.rights, domain::Role::cashier);
  TILL_TRY(auto hit, store::find_order_by_key(context_.tx(), context_.identity, once->key, scope));
  return replayed(std::move(hit), *once);
}

Order OrderMaker::begin(domain::OrderKind kind, const http::Caller& caller) const {
  Order order;
  order.kind = kind;
  order.id = context_.ids.next_parent();
  order.currency = context_.identity.currency;
  sign(order, caller);
  return order;
}

void OrderMaker::sign(Order& order, const http::Caller& caller) const {
  order.version = context_.stamp(caller).next_version(order.version);
  order.created_at = order.updated_at = context_.clock.now();
  order.business_date = context_.business_date();
  order.cashier_id = caller.id;
  order.cashier_row = caller.user;
  order.trace = caller.trace;
}

namespace {

// A label with a price is one pack, at that price; a weighed good goes off the shelf by the weight that the price buys.
void apply_label(OrderLine& line, const store::Sellable& product, const domain::Label& label) {
  if (label.quantity) {
    line.quantity = domain::mul_div(line.quantity, *label.quantity, domain::kQuantityOne);
    line.moved = -line.quantity;
  } else if (label.price) {
    line.unit_price = *label.price;
    line.list_price.reset();
    if (product.unit == domain::Unit::weighed && product.price > 0)
      line.moved = -domain::mul_div(line.quantity, *label.price, product.price);
  }
}

}  // namespace

Status OrderMaker::add_line(Making& making, const Found& found, const domain::LineDraft& draft, bool may_override,
                            const std::string& pointer, Faults& faults) const {
  const store::Sellable& product = found.product;
  const auto rate = context_.settings.tax_classes.find(product.tax_class);
  if (rate == context_.settings.tax_classes.end())
    return conflict("The tax class of " + product.name + " is not set up", "unknown_tax_class");
  OrderLine line;
  line.product_id = product.id;
  line.product_row = product.row;
  line.name = product.name;
  line.quantity = draft.quantity;
  line.unit_price = draft.unit_price.value_or(product.price);
  if (line.unit_price != product.price) line.list_price = product.price;
  line.discount = draft.discount;
  line.tax_rate = rate->second;
  line.reason = draft.reason;
  line.moved = -draft.quantity;
  line.price_version = product.version;
  if (found.label && !draft.unit_price) apply_label(line, product, *found.label);
  if (line.list_price || line.discount > 0) {
    if (!may_override)
      return Error{
          .code = Code::forbidden, .message = "Another price needs a manager", .reason = "override_not_allowed"};
    if (line.reason.empty())
      faults.add(pointer + "/reason", "reason_required", "another price or a discount needs a reason");
  }
  making.order.lines.push_back(std::move(line));
  making.policies.push_back(product.stock_policy);
  return {};
}

void OrderMaker::number_parts(Order& order) {
  for (size_t n = 0; n < order.lines.size(); ++n) order.lines[n].id = order.id.child(static_cast<uint16_t>(n + 1));
  for (size_t n = 0; n < order.payments.size(); ++n)
    order.payments[n].id = order.id.child(static_cast<uint16_t>(domain::kPaymentIds + n + 1));
}

Status OrderMaker::finish(Making& making, const std::optional<http::OnceKey>& once, domain::NoticeKind kind,
                          const http::Caller& caller) {
  sqlite::Connection& db = context_.tx();
  Order& order = making.order;
  number_parts(order);
  // A piece that is held back past its time may be the one that is wanted.
  if (std::find(making.policies.begin(), making.policies.end(), domain::StockPolicy::block) != making.policies.end())
    TILL_CHECK(reservations_.release_due());
  const store::OrderOnce kept = order_once(once);
  journal_.enter(order, kept.key);
  TILL_CHECK(store::add_lines(db, order, making.policies, context_.identity.version_base));
  TILL_CHECK(store::add_order(db, order, kept));
  for (const OrderLine& line : order.lines)
    if (line.ran_low) TILL_CHECK(notices_.tell_of_stock(line.product_id, line.left));
  TILL_CHECK(notices_.tell_of_order(kind, order, caller));
  journal_.take(order);
  return {};
}

}  // namespace till::services
