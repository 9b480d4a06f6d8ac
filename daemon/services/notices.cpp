#include "services/notices.h"

namespace till::services {
namespace {

using domain::NoticeKind;
using domain::Role;

constexpr int64_t kKept_ms = int64_t{30} * 86'400'000;
constexpr int64_t kSecret_ms = 3'600'000;  // as long as a reset token is good for
constexpr int64_t kForgottenAtOnce = 200;

}  // namespace

Status Notices::tell_of_order(NoticeKind kind, const domain::Order& order, const http::Caller& caller) const {
  std::string data;
  JsonWriter(data)
      .begin_object()
      .member("order_id", order.id)
      .member("version", order.version)
      .member("kind", to_string(order.kind))
      .member("status", to_string(order.status))
      .member("receipt_number", order.receipt_number)
      .end_object();
  context_.announce({.name = to_string(kind),
                     .data = std::move(data),
                     .rights = domain::right(Role::cashier),
                     .user = order.customer_row,
                     .till = caller.till});
  if (order.customer_row == 0) return {};
  return store::add_notice(context_.tx(), {.id = context_.ids.next(),
                                           .at = context_.clock.now(),
                                           .kind = kind,
                                           .subject_id = order.id,
                                           .detail = order.receipt_number,
                                           .user_row = order.customer_row});
}

Status Notices::tell_of_stock(const Uuid& product_id, int64_t available) const {
  std::string data;
  JsonWriter(data).begin_object().member("product_id", product_id).member("available", available).end_object();
  context_.announce({.name = to_string(NoticeKind::stock_low),
                     .data = std::move(data),
                     .rights = domain::right(Role::cashier) | domain::right(Role::inventory_manager)});
  return store::add_notice(context_.tx(), {.id = context_.ids.next(),
                                           .at = context_.clock.now(),
                                           .kind = NoticeKind::stock_low,
                                           .subject_id = product_id,
                                           .detail = std::to_string(available)});
}

Status Notices::tell(const access::Notice& notice) {
  context_.announce({.name = to_string(notice.kind), .data = "{}", .user = notice.user});
  return store::add_notice(context_.tx(), {.id = context_.ids.next(),
                                           .at = context_.clock.now(),
                                           .kind = notice.kind,
                                           .detail = notice.address,
                                           .secret = notice.secret,
                                           .user_row = notice.user});
}

void Notices::tell_of_cart(const Uuid& cart_id, int64_t version, int64_t owner, int64_t till) const {
  std::string data;
  JsonWriter(data).begin_object().member("cart_id", cart_id).member("version", version).end_object();
  context_.announce({.name = "cart.changed", .data = std::move(data), .user = owner, .till = till});
}

Result<domain::Page<domain::Notice>> Notices::list(std::optional<NoticeKind> kind, domain::Slice slice) const {
  TILL_TRY(auto* db, context_.read());
  return store::list_notices(*db, kind, slice.cursor, slice.limit);
}

Status Notices::tidy() const {
  TILL_CHECK(store::forget_secrets(context_.tx(), {context_.clock.now().ms - kSecret_ms}));
  return store::forget_notices(context_.tx(), {context_.clock.now().ms - kKept_ms}, kForgottenAtOnce);
}

}  // namespace till::services
