// Goods held back: on hand, but not available. For a placed order, until it is paid, cancelled or too late; or by hand.
#pragma once

#include "domain/head.h"
#include "domain/product.h"

namespace till::domain {

struct Reservation {
  Uuid id{};
  Uuid product_id{};
  int64_t quantity = 0;
  std::optional<Uuid> order_id{};
  std::optional<Time> expires_at{};
  Time created_at{};
  std::string reason{};

  // Not in answers.
  int64_t row = 0;
  int64_t product_row = 0;
  int64_t place = 0;  // of its order
  int64_t user = 0;

  static constexpr std::string_view kName = "Reservation";
  static constexpr auto fields() {
    return std::tuple(field("id", &Reservation::id), field("product_id", &Reservation::product_id),
                      field("quantity", &Reservation::quantity).doc("thousandths"),
                      field("order_id", &Reservation::order_id).doc("null: made by hand"),
                      field("expires_at", &Reservation::expires_at).doc("null: it does not"),
                      field("created_at", &Reservation::created_at), field("reason", &Reservation::reason));
  }
};

// ---- what clients send

struct ReservationDraft {
  int64_t quantity = 0;
  std::string reason;
  std::optional<int64_t> minutes;

  static constexpr std::string_view kName = "Reservation";
  static constexpr auto fields() {
    return std::tuple(
        field("quantity", &ReservationDraft::quantity).range(1, kMaxQuantity).required().doc("thousandths"),
        field("reason", &ReservationDraft::reason).text(1, 200).required(),
        field("minutes", &ReservationDraft::minutes)
            .range(1, 525'600)
            .doc("how long; until it is released if left out"));
  }
};

struct ReservationRelease {
  int64_t quantity = 0;

  static constexpr std::string_view kName = "ReservationRelease";
  static constexpr auto fields() {
    return std::tuple(field("quantity", &ReservationRelease::quantity).range(1, kMaxQuantity).required());
  }
};

}  // namespace till::domain
