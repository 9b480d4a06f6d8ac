// The bytes of a stock movement on its way to the hub (domain/stock_fact.h).
#include "domain/stock_fact.h"

#include <doctest/doctest.h>

using namespace till;
using namespace till::domain;

namespace {

Uuid id(uint8_t n) {
  Uuid made;
  made.bytes.fill(n);
  return made;
}

StockFact count() {
  return {.id = id(1),
          .product_id = id(2),
          .kind = StockEntryKind::count,
          .moved = -3'000,
          .counted = 12'500,
          .reason = "Inventur",
          .user_id = id(3),
          .at = {1'767'603'600'123},
          .business_date = 20260105};
}

StockFact receipt() {
  StockFact fact = count();
  fact.kind = StockEntryKind::receive;
  fact.counted.reset();
  fact.user_id = {};
  return fact;
}

}  // namespace

TEST_CASE("a stock fact is read back as it was written") {
  for (const StockFact& fact : {count(), receipt()}) {
    const auto read = read_stock_body(stock_body(fact));
    REQUIRE(read.ok());
    CHECK(*read == fact);
  }
}

TEST_CASE("the bytes of a stock fact are frozen") {
  CHECK(to_hex(stock_body(count())) ==
        "0101010101010101010101010101010102020202020202020202020202020202"
        "03ef2e01a8c30108496e76656e74757203030303030303030303030303030303f6eb93d6f1669294a913");
}

TEST_CASE("a stock fact that is cut, grown or changed is refused or is another fact, never misread") {
  const Bytes whole = stock_body(count());
  for (size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(read_stock_body(ByteView(whole).first(size)).ok());
  Bytes longer = whole;
  longer.push_back(0);
  CHECK_FALSE(read_stock_body(longer).ok());
  for (size_t at = 0; at < whole.size(); ++at)
    for (const int flip : {0x01, 0x80, 0xff}) {
      Bytes changed = whole;
      changed[at] = static_cast<uint8_t>(changed[at] ^ flip);
      const auto read = read_stock_body(changed);
      if (read) CHECK(stock_body(*read) == changed);
    }
}

TEST_CASE("what no shop could have booked is refused") {
  auto refused = [](auto change) {
    StockFact fact = count();
    change(fact);
    CHECK_FALSE(read_stock_body(stock_body(fact)).ok());
  };
  CHECK(read_stock_body(stock_body(count())).ok());
  refused([](StockFact& f) { f.id = {}; });
  refused([](StockFact& f) { f.product_id = {}; });
  refused([](StockFact& f) { f.kind = StockEntryKind::receive; });
  refused([](StockFact& f) { f.counted.reset(); });
  refused([](StockFact& f) { f.counted = -1; });
  refused([](StockFact& f) { f.counted = kMaxQuantity + 1; });
  refused([](StockFact& f) { f.moved = INT64_MIN; });
  StockFact large = receipt();  // sums of such must not overflow
  large.moved = kMaxQuantity + 1;
  CHECK_FALSE(read_stock_body(stock_body(large)).ok());
  refused([](StockFact& f) { f.reason.assign(801, 'x'); });
  refused([](StockFact& f) { f.reason = "\xff"; });
  refused([](StockFact& f) { f.at.ms = -1; });
  refused([](StockFact& f) { f.business_date = 1'0000'01'01; });
}
