// Stock as a ledger (D10): goods received, issued, adjusted, counted, sent to another store and come from one. What
// books runs on the writer's thread, what reads on the caller's.
#pragma once

#include "services/journal.h"
#include "services/notices.h"

namespace till::services {

class Inventory {
 public:
  Inventory(const Context& context, Journal& journal, const Notices& notices)
      : context_(context), journal_(journal), notices_(notices) {}

  /// Books an entry and gives the stock afterwards. Errors: not_found; invalid with /quantity for a sign that the kind
  /// does not take; conflict (out_of_stock) for an issue or a transfer out that a blocking product does not have.
  Result<domain::Stock> book(const Uuid& product_id, domain::StockEntryKind kind, const domain::StockChange& change,
                             const http::Caller& caller);

  /// The stock a product is made with, as its first receipt of goods. Inside the write that makes it.
  Status book_first(const domain::Product& product, int64_t quantity, const http::Caller& caller);

  Result<domain::Stock> get_stock(const Uuid& product_id) const;
  /// `low_only`: products at or below their low-stock threshold.
  Result<domain::Page<domain::Stock>> list_stock(bool low_only, domain::Slice slice) const;
  /// A product's ledger, newest first.
  Result<domain::Page<domain::Movement>> list_movements(const Uuid& product_id, domain::Slice slice) const;

 private:
  /// Returns the entry's tick, for Journal::take_fact().
  Result<int64_t> enter(const domain::Product& product, domain::StockEntryKind kind, int64_t moved,
                        std::optional<int64_t> counted, const std::string& reason, const http::Caller& caller);

  const Context& context_;
  Journal& journal_;
  const Notices& notices_;
};

}  // namespace till::services
