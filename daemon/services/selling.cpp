#include "services/selling.h"

namespace till::services {

using domain::Order;
using domain::OrderKind;
using domain::OrderLine;
using domain::OrderStatus;

struct Selling::Making {
  Order order;
  std::vector<domain::StockPolicy> policies{};  // of each line's product
};

namespace {

// The product a draft names, by whichever of its three names is given.
template <class Draft>
Result<std::optional<store::Sellable>> find_product(sqlite::Connection& db, const Draft& draft,
                                                    const std::string& pointer, Faults& faults) {
  const int names = (draft.product_id ? 1 : 0) + (draft.sku.empty() ? 0 : 1) + (draft.barcode.empty() ? 0 : 1);
  if (names != 1) {
    faults.add(pointer, "one_of", "needs exactly one of product_id, sku and barcode");
    return std::optional<store::Sellable>{};
  }
  const char* key = draft.product_id ? "/product_id" : !draft.sku.empty() ? "/sku" : "/barcode";
  TILL_TRY(auto found, draft.product_id     ? store::find_sellable_by_id(db, *draft.product_id)
                       : !draft.sku.empty() ? store::find_sellable_by_sku(db, draft.sku)
                                            : store::find_sellable_by_barcode(db, draft.barcode));
  if (!found) {
    faults.add(pointer + key, "unknown_product", "no product has this");
  } else if (!found->active) {
    faults.add(pointer + key, "inactive", found->name + " is not sold any more");
    found.reset();
  }
  return found;
}

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
  line.moved = wanted.restock ? wanted.quantity : 0;
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

void pay_back(Order& order, domain::Tender method) {
  order.payments.push_back(
      {.method = method, .amount = order.total, .tendered = order.total, .status = domain::PaymentStatus::refunded});
}

Error conflict(std::string message, std::string reason) {
  return {.code = Code::conflict, .message = std::move(message), .reason = std::move(reason)};
}

}  // namespace

Result<std::optional<Sold>> Selling::replay(const std::optional<http::OnceKey>& once, const http::Caller& caller,
                                            OrderKind kind, int64_t of_order_row) {
  if (!once) return std::optional<Sold>{};
  const Time since{context_.clock.now().ms - context_.settings.once_days * 86'400'000};
  TILL_TRY(auto hit, store::find_order_by_key(
                         context_.tx(), context_.identity, once->key,
                         {.cashier = caller.user, .kind = kind, .of_order_row = of_order_row, .since = since}));
  if (!hit) return std::optional<Sold>{};
  if (hit->hash != static_cast<int64_t>(once->body_hash))
    return Error{.code = Code::mismatch, .message = "This Idempotency-Key was used with another request"};
  return std::optional(Sold{std::move(hit->order), true});
}

Order Selling::begin(OrderKind kind, const http::Caller& caller) const {
  Order order;
  order.kind = kind;
  order.id = context_.ids.next_parent();
  order.version = context_.stamp(caller).next_version(0);
  order.created_at = order.updated_at = context_.clock.now();
  order.business_date = context_.business_date();
  order.cashier_id = caller.id;
  order.cashier_row = caller.user;
  order.currency = context_.identity.currency;
  order.trace = caller.trace;
  return order;
}

Status Selling::add_line(Making& making, const store::Sellable& product, const domain::LineDraft& draft,
                         bool may_override, const std::string& pointer, Faults& faults) const {
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

// Ids of parts, stock, journal, rows: the end of every kind of order. The counters move as the very last act.
Status Selling::finish(Making& making, const std::optional<http::OnceKey>& once) {
  sqlite::Connection& db = context_.tx();
  Order& order = making.order;
  for (size_t n = 0; n < order.lines.size(); ++n) order.lines[n].id = order.id.child(static_cast<uint16_t>(n + 1));
  for (size_t n = 0; n < order.payments.size(); ++n)
    order.payments[n].id = order.id.child(static_cast<uint16_t>(domain::kPaymentIds + n + 1));
  const std::string key = once ? once->key : std::string();
  journal_.enter(order, key);
  TILL_CHECK(store::add_lines(db, order, making.policies, context_.identity.version_base));
  TILL_CHECK(store::add_order(db, order, {.key = key, .hash = once ? static_cast<int64_t>(once->body_hash) : 0}));
  journal_.take(order);
  return {};
}

Result<Sold> Selling::sell(const domain::OrderDraft& draft, const http::Caller& caller,
                           const std::optional<http::OnceKey>& once) {
  TILL_TRY(auto before, replay(once, caller, OrderKind::sale, 0));
  if (before) return std::move(*before);

  Faults faults;
  Making making{begin(OrderKind::sale, caller)};
  const bool may_override = domain::may(caller.rights, context_.settings.override_role);
  if (draft.lines.empty()) faults.add("/lines", "required", "a sale needs a line");
  if (draft.payments.empty()) faults.add("/payments", "required", "a counter sale is paid at once");
  for (size_t i = 0; i < draft.lines.size(); ++i) {
    const std::string pointer = "/lines/" + std::to_string(i);
    TILL_TRY(const auto product, find_product(context_.tx(), draft.lines[i], pointer, faults));
    if (product) TILL_CHECK(add_line(making, *product, draft.lines[i], may_override, pointer, faults));
  }
  if (!faults.empty()) return std::move(faults).error();

  TILL_CHECK(domain::price_order(making.order, context_.settings.prices));
  for (const domain::PaymentDraft& p : draft.payments)
    making.order.payments.push_back({.method = p.method, .tendered = p.tendered});
  TILL_CHECK(domain::settle_cash(making.order));
  TILL_CHECK(finish(making, once));
  return Sold{std::move(making.order)};
}

Result<Sold> Selling::take_back(const Uuid& sale_id, const domain::ReturnDraft& draft, const http::Caller& caller,
                                const std::optional<http::OnceKey>& once) {
  sqlite::Connection& db = context_.tx();
  TILL_TRY(const Order sale, store::get_order(db, context_.identity, sale_id, store::As::now));
  TILL_TRY(auto before, replay(once, caller, OrderKind::return_, sale.row));
  if (before) return std::move(*before);
  if (sale.kind != OrderKind::sale) return conflict("Only a sale can be taken back", "not_a_sale");
  if (sale.status == OrderStatus::voided) return conflict("This sale was voided", "voided");
  if (draft.lines.empty()) return invalid_field("/lines", "required", "a return needs a line");

  Making making{begin(OrderKind::return_, caller)};
  making.order.of_order_id = sale.id;
  making.order.of_order_row = sale.row;
  making.order.reason = draft.reason;
  Faults faults;
  std::map<int64_t, store::Returned> returned;  // also by earlier lines of this return
  for (size_t i = 0; i < draft.lines.size(); ++i) {
    const domain::ReturnLineDraft& wanted = draft.lines[i];
    const std::string pointer = "/lines/" + std::to_string(i);
    const size_t n = wanted.line_id.child_number();
    if (wanted.line_id.parent() != sale.id || n == 0 || n > sale.lines.size()) {
      faults.add(pointer + "/line_id", "unknown_line", "is no line of this sale");
      continue;
    }
    const OrderLine& sold = sale.lines[n - 1];
    const int64_t key = store::part_key(sale.row, static_cast<int64_t>(n));
    if (!returned.contains(key)) {
      TILL_TRY(returned[key], store::returned_of(db, key));
    }
    store::Returned& back = returned[key];
    if (-back.quantity + wanted.quantity > sold.quantity)
      return conflict("More of " + sold.name + " than was sold and is still out", "over_returned");
    making.order.lines.push_back(returned_part(sold, sale.row, wanted, back));
    making.policies.push_back(domain::StockPolicy::allow);
  }
  if (!faults.empty()) return std::move(faults).error();
  add_up(making.order);
  making.order.subtotal =
      making.order.total + making.order.discount - (context_.settings.prices.prices_include_tax ? 0 : making.order.tax);
  pay_back(making.order, draft.refund.method);
  TILL_CHECK(finish(making, once));
  return Sold{std::move(making.order)};
}

Result<Sold> Selling::take_back_blind(const domain::BlindReturnDraft& draft, const http::Caller& caller,
                                      const std::optional<http::OnceKey>& once) {
  TILL_TRY(auto before, replay(once, caller, OrderKind::return_, 0));
  if (before) return std::move(*before);
  if (draft.lines.empty()) return invalid_field("/lines", "required", "a return needs a line");

  Making making{begin(OrderKind::return_, caller)};
  making.order.reason = draft.reason;
  Faults faults;
  for (size_t i = 0; i < draft.lines.size(); ++i) {
    const domain::BlindLineDraft& wanted = draft.lines[i];
    const std::string pointer = "/lines/" + std::to_string(i);
    TILL_TRY(const auto product, find_product(context_.tx(), wanted, pointer, faults));
    if (!product) continue;
    domain::LineDraft as_sold;
    as_sold.quantity = wanted.quantity;
    as_sold.unit_price = wanted.unit_price;
    as_sold.discount = wanted.discount;
    as_sold.reason = draft.reason;
    TILL_CHECK(add_line(making, *product, as_sold, true, pointer, faults));
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
  pay_back(order, draft.refund.method);
  TILL_CHECK(finish(making, once));
  return Sold{std::move(making.order)};
}

Result<Sold> Selling::void_sale(const Uuid& sale_id, const domain::VoidDraft& draft, const http::Caller& caller,
                                const std::optional<http::OnceKey>& once) {
  sqlite::Connection& db = context_.tx();
  TILL_TRY(const Order sale, store::get_order(db, context_.identity, sale_id, store::As::now));
  TILL_TRY(auto before, replay(once, caller, OrderKind::void_, sale.row));
  if (before) return std::move(*before);
  if (sale.kind != OrderKind::sale) return conflict("Only a sale can be voided", "not_voidable");
  if (sale.status == OrderStatus::voided) return conflict("This sale was voided already", "not_voidable");
  if (sale.business_date != context_.business_date())
    return conflict("This sale is of another day; take the goods back instead", "not_voidable");
  TILL_TRY(const bool returned, store::has_returns(db, sale.row));
  if (returned) return conflict("Something of this sale came back already; take the rest back too", "not_voidable");

  Making making{begin(OrderKind::void_, caller)};
  Order& order = making.order;
  order.of_order_id = sale.id;
  order.of_order_row = sale.row;
  order.reason = draft.reason;
  for (const OrderLine& sold : sale.lines) order.lines.push_back(mirrored(sold, sale.row));
  making.policies.assign(order.lines.size(), domain::StockPolicy::allow);
  add_up(order);
  order.subtotal = -sale.subtotal;
  for (const domain::Payment& paid : sale.payments)
    order.payments.push_back({.method = paid.method,
                              .amount = -paid.amount,
                              .tendered = -paid.amount,
                              .status = domain::PaymentStatus::refunded});
  TILL_TRY(const int64_t version, store::set_order_status(db, sale, OrderStatus::voided, context_.stamp(caller)));
  static_cast<void>(version);
  TILL_CHECK(finish(making, once));
  return Sold{std::move(making.order)};
}

Result<Order> Selling::get_order(const Uuid& id) const {
  TILL_TRY(auto* db, context_.read());
  return store::get_order(*db, context_.identity, id, store::As::now);
}

Result<domain::Page<Order>> Selling::list_orders(const domain::OrderFilter& filter, domain::Slice slice) const {
  TILL_TRY(auto* db, context_.read());
  return store::list_orders(*db, context_.identity, filter, slice.cursor, slice.limit);
}

}  // namespace till::services
