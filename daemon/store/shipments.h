// Deliveries (006_orders.sql), one of each paid order that is delivered.
#pragma once

#include "domain/shipment.h"
#include "store/table.h"

namespace till::store {

/// Sets its row, version and times.
Status add_shipment(sqlite::Connection& db, domain::Shipment& shipment, const Stamp& stamp);
/// Writes status, carrier and tracking number as its next version.
Status change_shipment(sqlite::Connection& db, domain::Shipment& shipment, const Stamp& stamp);

Result<std::optional<domain::Shipment>> find_shipment(sqlite::Connection& db, const Uuid& id);
Result<std::optional<domain::Shipment>> find_shipment_of(sqlite::Connection& db, int64_t order_row);

struct ShipmentFilter {
  std::optional<domain::ShipmentStatus> status;
  std::optional<int64_t> customer_row;
};
/// Newest first; `before_row` 0: from the newest.
Result<Page<domain::Shipment>> list_shipments(sqlite::Connection& db, const ShipmentFilter& filter, int64_t before_row,
                                              int64_t limit);

}  // namespace till::store
