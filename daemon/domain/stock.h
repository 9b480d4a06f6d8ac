// Stock is a ledger (D10): movements only; a count becomes an adjusting movement.
#pragma once

#include "domain/head.h"
#include "domain/product.h"

namespace till::domain {

// Stored as its number: append only.
enum class StockEntryKind : uint8_t { receive, issue, adjust, count, transfer_out, transfer_in };

}  // namespace till::domain

template <>
struct till::EnumNames<till::domain::StockEntryKind> {
  static constexpr std::array<std::string_view, 6> names{"receive", "issue",        "adjust",
                                                         "count",   "transfer_out", "transfer_in"};
};

namespace till::domain {

/// What a product has, as GET /inventory/{id} shows it.
struct Stock {
  Uuid product_id{};
  int64_t on_hand = 0;
  int64_t reserved = 0;
  int64_t available = 0;
  int64_t version = 0;

  int64_t product_row = 0;
  int64_t last = 0;  // newest movement's key

  static constexpr std::string_view kName = "Stock";
  static constexpr auto fields() {
    return std::tuple(
        field("product_id", &Stock::product_id).read_only(),
        field("on_hand", &Stock::on_hand).read_only().doc("thousandths; below zero: more sold than booked in"),
        field("reserved", &Stock::reserved).read_only(), field("available", &Stock::available).read_only(),
        field("version", &Stock::version).read_only());
  }
};

/// Body of each way to book.
struct StockChange {
  int64_t quantity = 0;
  std::string reason;

  static constexpr std::string_view kName = "StockEntry";
  static constexpr auto fields() {
    return std::tuple(
        field("quantity", &StockChange::quantity)
            .range(-kMaxQuantity, kMaxQuantity)
            .required()
            .doc("thousandths; receive, issue and transfers: above zero, adjust: the difference, count: what stands on "
                 "the shelf"),
        field("reason", &StockChange::reason).text(1, 200).required());
  }
};

/// One step of a product's ledger.
struct Movement {
  Uuid id{};
  std::string kind;
  int64_t moved = 0;
  Time at{};
  int64_t business_date = 0;
  std::optional<Uuid> order_id;
  std::optional<int64_t> counted;
  std::string reason;
  std::string node;

  static constexpr std::string_view kName = "Movement";
  static constexpr auto fields() {
    return std::tuple(field("id", &Movement::id),
                      field("kind", &Movement::kind)
                          .doc("sale, return, void, receive, issue, adjust, count, transfer_out, transfer_in"),
                      field("moved", &Movement::moved).doc("thousandths, signed"), field("at", &Movement::at),
                      field("business_date", &Movement::business_date), field("order_id", &Movement::order_id),
                      field("counted", &Movement::counted).doc("counts: what stood on the shelf"),
                      field("reason", &Movement::reason),
                      field("node", &Movement::node).doc("another till of the store that made it; empty: this one"));
  }
};

}  // namespace till::domain
