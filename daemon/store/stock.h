// The stock ledger: each movement adds to the running sum and points at the movement before it (002_shop.sql).
#pragma once

#include "domain/stock_fact.h"
#include "store/table.h"

namespace till::store {

/// Keys of facts and of their parts: part n of fact f is (f << kPartBits) | n.
inline constexpr int kPartBits = 12;
inline constexpr int64_t part_key(int64_t fact, int64_t n) { return (fact << kPartBits) | n; }
inline constexpr int64_t fact_of(int64_t part) { return part >> kPartBits; }
inline constexpr int64_t part_number(int64_t part) { return part & ((int64_t{1} << kPartBits) - 1); }

Result<domain::Stock> get_stock(sqlite::Connection& db, const Uuid& product_id);
Result<Page<domain::Stock>> list_stock(sqlite::Connection& db, bool low_only, const Slice& slice);

/// What a change of a product's stock led to.
struct Booked {
  int64_t available = 0;
  bool ran_low = false;  // it was above the product's low-stock threshold before, and is not any more
};

/// Books `moved` onto a product's sum; `key` is the movement's own.
Result<Booked> book_movement(sqlite::Connection& db, int64_t product_row, int64_t moved, int64_t key,
                             int64_t version_base);

/// Holds back more (above zero) or less of a product.
Result<Booked> book_reservation(sqlite::Connection& db, int64_t product_row, int64_t quantity, int64_t version_base);

struct StockEntry {
  int64_t fact = 0;
  Uuid id{};
  int64_t product_row = 0;
  domain::StockEntryKind kind = domain::StockEntryKind::receive;
  int64_t moved = 0;
  std::optional<int64_t> counted;
  std::string reason;
  int64_t user = 0;
  Time at{};
  int64_t business_date = 0;
  int64_t hlc = 0;  // a count's makes it the newest: own facts come after all that was seen
  core::Trace trace{};
};
/// Writes the entry and books it.
Result<Booked> add_stock_entry(sqlite::Connection& db, const StockEntry& entry, int64_t version_base);

/// An entry as it travels, and what its envelope has beside it.
struct SentEntry {
  domain::StockFact fact;
  int64_t hlc = 0;
  core::Trace trace{};
};
Result<std::optional<SentEntry>> find_stock_entry(sqlite::Connection& db, int64_t fact);

/// A product's ledger, the last booked first, from movement `from` on (0: the last). `next` is where the following page
/// begins.
Result<Page<domain::Movement>> list_movements(sqlite::Connection& db, const domain::Stock& stock, int64_t from,
                                              int64_t limit);

/// The first product whose running sum is not the sum of its movements; nullopt if all agree.
Result<std::optional<Uuid>> find_unequal_stock(sqlite::Connection& db);

}  // namespace till::store
