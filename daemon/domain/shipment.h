// A delivery on its way: made when its order is paid. Its status moves the order's along.
#pragma once

#include "domain/head.h"
#include "domain/postal_address.h"

namespace till::domain {

// Stored as its number: append only.
enum class ShipmentStatus : uint8_t { pending, shipped, delivered, cancelled };

}  // namespace till::domain

template <>
struct till::EnumNames<till::domain::ShipmentStatus> {
  static constexpr std::array<std::string_view, 4> names{"pending", "shipped", "delivered", "cancelled"};
};

namespace till::domain {

struct Shipment : Head {
  Uuid order_id{};
  ShipmentStatus status = ShipmentStatus::pending;
  std::string carrier;
  std::string tracking_number;
  std::optional<PostalAddress> address;

  // Not in answers.
  int64_t order_row = 0;
  int64_t customer_row = 0;

  static constexpr std::string_view kName = "Shipment";
  static constexpr auto fields() {
    return std::tuple_cat(
        head_fields<Shipment>(),
        std::tuple(field("order_id", &Shipment::order_id).read_only(), field("status", &Shipment::status),
                   field("carrier", &Shipment::carrier).text(0, 100),
                   field("tracking_number", &Shipment::tracking_number).code(0, 64),
                   field("address", &Shipment::address).read_only().doc("null: the customer was erased")));
  }
};

}  // namespace till::domain
