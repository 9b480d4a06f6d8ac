#include "domain/stock_fact.h"

#include "base/wire.h"

namespace till::domain {
namespace {

constexpr size_t kMaxReason = 4 * 200;                // 200 characters
constexpr int64_t kMaxTime = int64_t{1} << 46;        // as domain/journal.cpp's
constexpr int64_t kMaxCorrection = int64_t{1} << 60;  // what a count moves: all that was ever booked

bool is_plausible(const StockFact& fact) {
  const int64_t most_moved = fact.counted ? kMaxCorrection : kMaxQuantity;
  auto within = [](int64_t value, int64_t least, int64_t most) { return value >= least && value <= most; };
  return !fact.id.is_nil() && !fact.product_id.is_nil() &&
         (fact.kind == StockEntryKind::count) == fact.counted.has_value() &&
         within(fact.moved, -most_moved, most_moved) && within(fact.counted.value_or(0), 0, kMaxQuantity) &&
         within(fact.at.ms, 0, kMaxTime) && within(fact.business_date, 1'01'01, 9999'12'31);
}

}  // namespace

Bytes stock_body(const StockFact& fact) {
  Bytes body;
  ByteWriter out(body);
  out.id(fact.id);
  out.id(fact.product_id);
  out.byte(static_cast<uint8_t>(fact.kind));
  out.integer(fact.moved);
  out.byte(fact.counted.has_value());
  if (fact.counted) out.integer(*fact.counted);
  out.text(fact.reason);
  out.id(fact.user_id);
  out.integer(fact.at.ms);
  out.integer(fact.business_date);
  return body;
}

Result<StockFact> read_stock_body(ByteView body) {
  ByteReader in(body);
  StockFact fact;
  fact.id = in.id();
  fact.product_id = in.id();
  fact.kind = in.enumerator(StockEntryKind::transfer_in);
  fact.moved = in.integer();
  if (in.truth()) fact.counted = in.integer();
  fact.reason = in.text(kMaxReason);
  fact.user_id = in.id();
  fact.at.ms = in.integer();
  fact.business_date = in.integer();
  if (!in.complete() || !is_plausible(fact))
    return Error{.code = Code::invalid, .message = "This is no stock movement"};
  return fact;
}

}  // namespace till::domain
