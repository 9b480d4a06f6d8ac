// Stock as a ledger (D10): goods received, issued, adjusted, counted. Routes that change it take an Idempotency-Key.
#pragma once

#include "services/journal.h"

namespace till::services {

class Inventory {
 public:
  Inventory(const Context& context, Journal& journal) : context_(context), journal_(journal) {}

  /// Books an entry and gives the stock afterwards. Errors: not_found; invalid with /quantity for a sign that the kind
  /// does not take; conflict (out_of_stock) for an issue that a blocking product does not have.
  Result<domain::Stock> book(const Uuid& product_id, domain::StockEntryKind kind, const domain::StockChange& change,
                             const http::Caller& caller);

  /// The stock a product is made with, as its first receipt of goods. Inside the write that makes it.
  Status book_first(const domain::Product& product, int64_t quantity, const http::Caller& caller);

 private:
  Status enter(int64_t product_row, domain::StockEntryKind kind, int64_t moved, std::optional<int64_t> counted,
               const std::string& reason, const http::Caller& caller);

  const Context& context_;
  Journal& journal_;
};

}  // namespace till::services
