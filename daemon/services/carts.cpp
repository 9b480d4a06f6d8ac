#include "services/carts.h"

#include "domain/refusal.h"
#include "services/find_sellable.h"

namespace till::services {
namespace {

using domain::Cart;
using domain::Role;

store::CartKey key_of(const http::Caller& caller) {
  return caller.till != 0 ? store::CartKey{.till = caller.till} : store::CartKey{.owner = caller.user};
}

constexpr int64_t kMostParked = 100;  // of a customer, and of all staff together

bool is_staff(const http::Caller& caller) { return domain::may(caller.rights, Role::cashier); }

Error cart_empty() {
  return {.code = Code::conflict, .message = "There is nothing in the cart", .reason = "cart_empty"};
}

// A cart holds amounts, no prices: a label's price is the amount it buys, and only of what is weighed is that one.
Result<int64_t> wanted_quantity(const domain::CartAddition& wanted, const Found& found) {
  if (!found.label) return wanted.quantity;
  if (found.label->quantity) return domain::mul_div(wanted.quantity, *found.label->quantity, domain::kQuantityOne);
  if (found.product.unit != domain::Unit::weighed || found.product.price == 0)
    return invalid_field("/barcode", "priced_label", "has a price of its own: sell it at the counter");
  return domain::mul_div(wanted.quantity, *found.label->price, found.product.price);
}

}  // namespace

Result<Cart> Carts::get(const http::Caller& caller) const {
  TILL_TRY(auto* db, context_.read());
  return current(*db, caller);
}

/// Made at its first use only: who only looks leaves no trace.
Result<Cart> Carts::current(sqlite::Connection& db, const http::Caller& caller) const {
  const store::CartKey key = key_of(caller);
  TILL_TRY(auto found, store::find_cart(db, key));
  Cart cart = found.value_or(Cart{});
  cart.owner = key.owner;
  cart.till = key.till;
  TILL_CHECK(fill(db, cart));
  return cart;
}

/// Prices it by the rules that an order will be priced by.
Status Carts::fill(sqlite::Connection& db, Cart& cart) const {
  TILL_TRY(auto content, store::read_cart_content(db, cart.row));
  domain::Order priced;
  for (size_t i = 0; i < content.lines.size(); ++i) {
    const domain::CartLine& line = content.lines[i];
    const auto rate = context_.settings.tax_classes.find(content.tax_classes[i]);
    priced.lines.push_back({.quantity = line.quantity,
                            .unit_price = line.unit_price,
                            .tax_rate = rate == context_.settings.tax_classes.end() ? 0 : rate->second});
  }
  TILL_CHECK(domain::price_order(priced, context_.settings.prices));
  cart.lines = std::move(content.lines);
  for (size_t i = 0; i < cart.lines.size(); ++i) {
    cart.lines[i].tax = priced.lines[i].tax;
    cart.lines[i].total = priced.lines[i].total;
  }
  cart.subtotal = priced.subtotal;
  cart.tax = priced.tax;
  cart.total = priced.total;
  cart.currency = context_.identity.currency;
  return {};
}

/// The current cart, to be written to.
Result<Cart> Carts::open(const http::Caller& caller) {
  const store::CartKey key = key_of(caller);
  TILL_TRY(auto found, store::find_cart(context_.tx(), key));
  if (found) return std::move(*found);
  Cart cart;
  cart.id = context_.ids.next();
  cart.owner = key.owner;
  cart.till = key.till;
  TILL_CHECK(store::add_cart(context_.tx(), cart, context_.stamp(caller)));
  return cart;
}

/// The end of each change: next version and event; and the cart as it is now, where that is the answer.
Status Carts::touch(Cart& cart, const http::Caller& caller) {
  TILL_CHECK(store::change_cart(context_.tx(), cart, context_.stamp(caller)));
  notices_.tell_of_cart(cart.id, cart.version, cart.owner, cart.till);
  return {};
}

Result<Cart> Carts::changed(Cart cart, const http::Caller& caller) {
  TILL_CHECK(touch(cart, caller));
  TILL_CHECK(fill(context_.tx(), cart));
  return cart;
}

Result<Cart> Carts::add(const domain::CartAddition& wanted, const http::Caller& caller) {
  sqlite::Connection& db = context_.tx();
  Faults faults;
  TILL_TRY(const auto found, find_sellable(db, wanted, context_.settings.scan_patterns, "", faults));
  if (!faults.empty()) return std::move(faults).error();
  TILL_TRY(const int64_t more, wanted_quantity(wanted, *found));
  TILL_TRY(Cart cart, open(caller));
  TILL_TRY(const int64_t before, store::cart_quantity(db, cart.row, found->product.row));
  const int64_t quantity = before + more;
  if (quantity > domain::kMaxQuantity) return invalid_field("/quantity", "range", "is more than a line may have");
  TILL_CHECK(store::set_cart_quantity(db, cart.row, found->product.row, quantity));
  TILL_TRY(Cart now, changed(std::move(cart), caller));
  if (now.lines.size() > domain::kMaxLines)
    return Error{.code = Code::conflict, .message = "The cart is full", .reason = "cart_full"};
  return now;
}

Result<Cart> Carts::set_quantity(const Uuid& product_id, int64_t quantity, int64_t version,
                                 const http::Caller& caller) {
  sqlite::Connection& db = context_.tx();
  TILL_TRY(const Cart seen, current(db, caller));
  TILL_CHECK(domain::check_version(seen, version));
  for (const domain::CartLine& line : seen.lines) {
    if (line.product_id != product_id) continue;
    TILL_CHECK(store::set_cart_quantity(db, seen.row, line.product_row, quantity));
    return changed(seen, caller);
  }
  return Error{.code = Code::not_found, .message = "This product is not in the cart"};
}

Result<Cart> Carts::clear(int64_t version, const http::Caller& caller) {
  TILL_TRY(const Cart seen, current(context_.tx(), caller));
  TILL_CHECK(domain::check_version(seen, version));
  if (seen.lines.empty()) return seen;
  TILL_CHECK(store::clear_cart(context_.tx(), seen.row));
  return changed(seen, caller);
}

Result<Cart> Carts::park(const std::string& name, const http::Caller& caller) {
  TILL_TRY(Cart cart, current(context_.tx(), caller));
  if (cart.lines.empty()) return cart_empty();
  TILL_TRY(const auto parked, store::list_parked_carts(context_.tx(), caller.user, is_staff(caller), 0, kMostParked));
  if (static_cast<int64_t>(parked.items.size()) == kMostParked)
    return Error{.code = Code::conflict,
                 .message = "Too many carts are parked; go on with one or throw one away",
                 .reason = "too_many_carts"};
  cart.name = name;
  cart.shared = is_staff(caller);
  return changed(std::move(cart), caller);
}

Result<domain::Page<Cart>> Carts::list_parked(const http::Caller& caller, domain::Slice slice) const {
  TILL_TRY(auto* db, context_.read());
  TILL_TRY(auto page, store::list_parked_carts(*db, caller.user, is_staff(caller), slice.cursor, slice.limit));
  for (Cart& cart : page.items) TILL_CHECK(fill(*db, cart));
  return page;
}

/// A parked cart that this caller may see; another's is not there for him.
Result<Cart> Carts::parked(const Uuid& id, const http::Caller& caller) const {
  TILL_TRY(auto found, store::find_cart_by_id(context_.tx(), id));
  const bool seen = found && found->name && (found->shared ? is_staff(caller) : found->owner == caller.user);
  if (!seen) return Error{.code = Code::not_found, .message = "There is no such parked cart"};
  return std::move(*found);
}

Result<Cart> Carts::resume(const Uuid& id, const http::Caller& caller) {
  sqlite::Connection& db = context_.tx();
  TILL_TRY(Cart cart, parked(id, caller));
  TILL_TRY(const Cart now, current(db, caller));
  if (!now.lines.empty())
    return Error{.code = Code::conflict,
                 .message = "There is something in the current cart; park or clear it first",
                 .reason = "cart_in_use"};
  if (now.row != 0) TILL_CHECK(store::remove_cart(db, now.row));
  const store::CartKey key = key_of(caller);
  cart.owner = key.owner;
  cart.till = key.till;
  cart.name.reset();
  cart.shared = false;
  return changed(std::move(cart), caller);
}

Status Carts::discard(const Uuid& id, const http::Caller& caller) {
  TILL_TRY(const Cart cart, parked(id, caller));
  return store::remove_cart(context_.tx(), cart.row);
}

Result<std::vector<domain::LineDraft>> Carts::take(std::optional<int64_t> version, const http::Caller& caller) {
  TILL_TRY(Cart cart, current(context_.tx(), caller));
  if (version) TILL_CHECK(domain::check_version(cart, *version));
  if (cart.lines.empty()) return cart_empty();
  std::vector<domain::LineDraft> lines;
  for (const domain::CartLine& line : cart.lines)
    lines.push_back({.product_id = line.product_id, .quantity = line.quantity});
  TILL_CHECK(store::clear_cart(context_.tx(), cart.row));
  TILL_CHECK(touch(cart, caller));
  return lines;
}

}  // namespace till::services
