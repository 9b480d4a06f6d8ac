// A stock movement that is no sale, or a count, as it travels to the hub and from there to the store's other nodes. Its
// body is frozen like domain/journal.h's: a change is a new schema number of the envelope.
//
// Body, schema 1 (base/wire.h):
//   id entry | id product | u8 kind | integer moved | truth counted? [integer counted] | text reason | id user
//   | integer at_ms | integer business date
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "domain/stock.h"

namespace till::domain {

struct StockFact {
  Uuid id{};
  Uuid product_id{};
  StockEntryKind kind = StockEntryKind::receive;
  int64_t moved = 0;                 // thousandths; of a count: what its author's book was off by
  std::optional<int64_t> counted{};  // counts: what stood on the shelf
  std::string reason{};
  Uuid user_id{};  // nil: the operator
  Time at{};
  int64_t business_date = 0;

  bool operator==(const StockFact&) const = default;
};

Bytes stock_body(const StockFact& fact);

/// The inverse. Bytes from a wire: whatever no shop could have written is refused; only a count has counted.
/// Error: invalid.
Result<StockFact> read_stock_body(ByteView body);

}  // namespace till::domain
