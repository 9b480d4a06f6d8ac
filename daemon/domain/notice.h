// What somebody should hear of: written in the commit of the change it tells of, so it is neither lost nor made up, and
// kept for headquarters to mail (20-api, notifications). Live listeners hear of more (http/event_feed.h).
#pragma once

#include "base/fields.h"

namespace till::domain {

// Stored as its number: append only.
enum class NoticeKind : uint8_t {
  order_placed,
  order_paid,
  order_shipped,
  order_delivered,
  order_completed,
  order_cancelled,
  order_refunded,
  order_voided,
  stock_low,
  login_alert,
  password_reset,
};

}  // namespace till::domain

template <>
struct till::EnumNames<till::domain::NoticeKind> {
  static constexpr std::array<std::string_view, 11> names{
      "order.placed",   "order.paid",   "order.shipped", "order.delivered",  "order.completed",    "order.cancelled",
      "order.refunded", "order.voided", "stock.low",     "auth.login_alert", "auth.password_reset"};
};

namespace till::domain {

struct Notice {
  Uuid id{};
  Time at{};
  NoticeKind kind{};
  std::optional<Uuid> user_id{};
  std::optional<Uuid> subject_id{};
  std::string detail{};
  std::string secret{};  // what only the one it is for may read: a reset token

  // Not in answers.
  int64_t row = 0;
  int64_t user_row = 0;

  static constexpr std::string_view kName = "Notice";
  static constexpr auto fields() {
    return std::tuple(
        field("id", &Notice::id), field("at", &Notice::at), field("kind", &Notice::kind),
        field("user_id", &Notice::user_id).doc("whom it is for; null: the shop's managers"),
        field("subject_id", &Notice::subject_id).doc("the order, product or user it is about"),
        field("detail", &Notice::detail).doc("the receipt number, the address that logged in, what is left"),
        field("secret", &Notice::secret).hidden());
  }
};

}  // namespace till::domain
