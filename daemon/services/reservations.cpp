#include "services/reservations.h"

namespace till::services {
namespace {

using domain::Reservation;
using domain::StockPolicy;

constexpr int64_t kReleasedAtOnce = 256;

}  // namespace

Error out_of_stock(const std::string& product_name, const std::string& pointer) {
  Error error{.code = Code::conflict, .message = "There is not enough of " + product_name, .reason = "out_of_stock"};
  if (!pointer.empty()) error.fields.push_back({pointer, "out_of_stock", "more than the shop has"});
  return error;
}

Status Reservations::release_due() {
  TILL_TRY(const auto due, store::list_due_reservations(context_.tx(), context_.clock.now(), kReleasedAtOnce));
  for (const Reservation& late : due)
    TILL_CHECK(store::release_reservation(context_.tx(), late, late.quantity, context_.identity.version_base));
  return {};
}

Status Reservations::hold(const domain::Order& order, const std::vector<StockPolicy>& policies, Time until,
                          const http::Caller& caller) {
  TILL_CHECK(release_due());
  for (size_t n = 0; n < order.lines.size(); ++n)
    TILL_CHECK(hold_line(order, order.lines[n], policies[n], n, until, caller));
  return {};
}

Status Reservations::hold_line(const domain::Order& order, const domain::OrderLine& line, StockPolicy policy, size_t n,
                               Time until, const http::Caller& caller) {
  Reservation reservation{.id = context_.ids.next(),
                          .quantity = -line.moved,
                          .expires_at = until,
                          .created_at = order.created_at,
                          .reason = "order",
                          .product_row = line.product_row,
                          .place = order.place,
                          .user = caller.user};
  TILL_TRY(const auto now, store::add_reservation(context_.tx(), reservation, context_.identity.version_base));
  if (now.available < 0 && policy != StockPolicy::allow)
    return out_of_stock(line.name, "/lines/" + std::to_string(n) + "/quantity");
  return now.ran_low ? notices_.tell_of_stock(line.product_id, now.available) : Status{};
}

Result<bool> Reservations::is_held(const domain::Order& order) const {
  TILL_TRY(const auto held, store::list_reservations_of_order(context_.tx(), order.place));
  return !held.empty();
}

Status Reservations::extend(const domain::Order& order, Time until) {
  return store::extend_reservations(context_.tx(), order.place, until);
}

Status Reservations::release(const domain::Order& order) {
  TILL_TRY(const auto held, store::list_reservations_of_order(context_.tx(), order.place));
  for (const Reservation& one : held)
    TILL_CHECK(store::release_reservation(context_.tx(), one, one.quantity, context_.identity.version_base));
  return {};
}

Result<Reservation> Reservations::reserve(const Uuid& product_id, const domain::ReservationDraft& draft,
                                          const http::Caller& caller) {
  TILL_CHECK(release_due());
  sqlite::Connection& db = context_.tx();
  TILL_TRY(const auto product, store::get_product(db, product_id));
  const Time now = context_.clock.now();
  Reservation reservation{.id = context_.ids.next(),
                          .product_id = product_id,
                          .quantity = draft.quantity,
                          .created_at = now,
                          .reason = draft.reason,
                          .product_row = product.row,
                          .user = caller.user};
  if (draft.minutes) reservation.expires_at = Time{now.ms + *draft.minutes * 60'000};
  TILL_TRY(const auto booked, store::add_reservation(db, reservation, context_.identity.version_base));
  if (booked.available < 0) return out_of_stock(product.name, "/quantity");
  if (booked.ran_low) TILL_CHECK(notices_.tell_of_stock(product_id, booked.available));
  return reservation;
}

Result<domain::Stock> Reservations::release_quantity(const Uuid& product_id, int64_t quantity) {
  TILL_CHECK(release_due());
  sqlite::Connection& db = context_.tx();
  TILL_TRY(const auto product, store::get_product(db, product_id));
  TILL_TRY(const auto held, store::list_reservations_of_product(db, product.row));
  int64_t left = quantity;
  for (const Reservation& one : held) {
    if (left == 0) break;
    const int64_t part = std::min(left, one.quantity);
    TILL_CHECK(store::release_reservation(db, one, part, context_.identity.version_base));
    left -= part;
  }
  if (left > 0)
    return Error{.code = Code::conflict,
                 .message = "Less of " + product.name + " is reserved by hand",
                 .reason = "not_reserved"};
  return store::get_stock(db, product_id);
}

Status Reservations::release_one(const Uuid& id) {
  sqlite::Connection& db = context_.tx();
  TILL_TRY(const auto found, store::find_reservation(db, id));
  if (!found) return Error{.code = Code::not_found, .message = "There is no such reservation"};
  if (found->place != 0)
    return Error{
        .code = Code::conflict, .message = "It belongs to an order; cancel that instead", .reason = "of_order"};
  return store::release_reservation(db, *found, found->quantity, context_.identity.version_base);
}

Result<domain::Page<Reservation>> Reservations::list(domain::Slice slice) const {
  TILL_TRY(auto* db, context_.read());
  return store::list_reservations(*db, slice.cursor, slice.limit);
}

}  // namespace till::services
