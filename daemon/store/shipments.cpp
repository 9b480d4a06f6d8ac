#include "store/shipments.h"

#include "store/placed_orders.h"

namespace till::store {
namespace {

using domain::Shipment;

constexpr const char* kSelect =
    "SELECT s.row, s.id, s.version, s.created_at, s.updated_at, s.order_row, o.id, s.customer, s.status, s.carrier,"
    " s.tracking_number, s.address FROM shipments s JOIN orders o ON o.row = s.order_row ";

Shipment read_shipment(const sqlite::Query& query) {
  Shipment s;
  std::optional<int64_t> customer;
  std::optional<std::string> address;
  query.read(s.row, s.id, s.version, s.created_at, s.updated_at, s.order_row, s.order_id, customer, s.status, s.carrier,
             s.tracking_number, address);
  s.customer_row = customer.value_or(0);
  s.address = read_address(address);
  return s;
}

}  // namespace

Status add_shipment(sqlite::Connection& db, Shipment& s, const Stamp& stamp) {
  s.version = stamp.next_version(0);
  s.created_at = s.updated_at = stamp.now;
  return db.run(
      "INSERT INTO shipments (id, version, created_at, updated_at, order_row, customer, status, carrier,"
      " tracking_number, address) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      s.id, s.version, s.created_at, s.updated_at, s.order_row, sqlite::if_any(s.customer_row), s.status, s.carrier,
      s.tracking_number, address_text(s.address));
}

Status change_shipment(sqlite::Connection& db, Shipment& s, const Stamp& stamp) {
  s.version = stamp.next_version(s.version);
  s.updated_at = stamp.now;
  return db.run(
      "UPDATE shipments SET version = ?, updated_at = ?, status = ?, carrier = ?, tracking_number = ? WHERE row = ?",
      s.version, s.updated_at, s.status, s.carrier, s.tracking_number, s.row);
}

Result<std::optional<Shipment>> find_shipment(sqlite::Connection& db, const Uuid& id) {
  static const std::string sql = std::string(kSelect) + "WHERE s.id = ?";
  return sqlite::first_row(db.query(sql.c_str(), id), read_shipment);
}

Result<std::optional<Shipment>> find_shipment_of(sqlite::Connection& db, int64_t order_row) {
  static const std::string sql = std::string(kSelect) + "WHERE s.order_row = ?";
  return sqlite::first_row(db.query(sql.c_str(), order_row), read_shipment);
}

Result<Page<Shipment>> list_shipments(sqlite::Connection& db, const ShipmentFilter& filter, int64_t before_row,
                                      int64_t limit) {
  // A statement for each way in, so that each has its index.
  const auto select = [](const char* filtered) {
    return std::string(kSelect) + "WHERE s.row < ?1 " + filtered + " ORDER BY s.row DESC LIMIT ?4";
  };
  static const std::string own = select("AND s.customer = ?3 AND (?2 IS NULL OR s.status = ?2)");
  static const std::string by_status = select("AND s.status = ?2 AND ?3 IS NULL");
  static const std::string all = select("AND ?2 IS NULL AND ?3 IS NULL");
  const std::string& sql = filter.customer_row ? own : filter.status ? by_status : all;
  TILL_TRY(auto shipments, sqlite::all_rows(db.query(sql.c_str(), before_row > 0 ? before_row : INT64_MAX,
                                                     filter.status, filter.customer_row, limit + 1),
                                            read_shipment));
  return domain::page_of(std::move(shipments), limit);
}

}  // namespace till::store
