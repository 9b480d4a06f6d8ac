// The bytes that receipts are hashed over: frozen, because chains made years ago have to verify (domain/journal.h).
#include "domain/journal.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <set>

using namespace till;
using namespace till::domain;

namespace {

constexpr const char* kGolden = TEST_SOURCE_DIR "/domain/journal_body_v1.hex";

Uuid id(uint8_t n) {
  Uuid made;
  for (size_t i = 0; i < made.bytes.size(); ++i) made.bytes[i] = static_cast<uint8_t>(n + i);
  return made;
}

OrderLine first_line() {
  OrderLine line;
  line.product_id = id(0x10);
  line.name = "Grüne Tasse";
  line.quantity = 2500;
  line.unit_price = 1799;
  line.list_price = 1999;
  line.discount = 98;
  line.tax_rate = 190'000;
  line.tax = 703;
  line.total = 4400;
  line.moved = -2500;
  line.price_version = 1'767'603'600'001;
  line.reason = "scratched";
  return line;
}

/// Every field is set, and to a value of its own.
Order specimen() {
  Order order;
  order.kind = OrderKind::return_;
  order.id = id(0x40);
  order.receipt_number = "A1-K7QD-12";
  order.created_at = {1'767'603'600'123};
  order.business_date = 20260105;
  order.cashier_id = id(0x70);
  order.currency = "EUR";
  order.of_order_id = id(0xa0);
  order.reason = "too small";
  order.subtotal = 4498;
  order.discount = 98;
  order.tax = 704;
  order.total = 4403;
  OrderLine second;
  second.product_id = id(0x20);
  second.name = "Bag";
  second.quantity = -1000;
  second.unit_price = 3;
  second.total = -3;
  second.of_line_id = id(0xb0);
  order.lines = {first_line(), second};
  order.payments = {{.amount = 4403, .tendered = 5000}, {.amount = -1, .tendered = 0}};
  return order;
}

std::string body(const Order& order, std::string_view key = "01-abc") { return to_hex(journal_body(order, key)); }

}  // namespace

TEST_CASE("the body of schema 1 is the one of the golden file, byte for byte") {
  std::ifstream file(kGolden);
  std::string golden((std::istreambuf_iterator<char>(file)), {});
  std::erase(golden, '\n');
  CHECK(body(specimen()) == golden);
}

TEST_CASE("the body of an empty order is as long as its fixed parts") {
  // 3 bytes, 3 ids, 4 empty texts, 6 integers, 2 counts
  CHECK(journal_body(Order{}, "").size() == 3 + 3 * 16 + 4 * 8 + 6 * 8 + 2 * 8);
}

TEST_CASE("each field of order, line and payment changes the body") {
  std::set<std::string> seen{body(specimen())};
  auto differs = [&](auto change) {
    Order order = specimen();
    change(order);
    CHECK(seen.insert(body(order)).second);
  };
  differs([](Order& o) { o.kind = OrderKind::sale; });
  differs([](Order& o) { o.id.bytes[15] ^= 1; });
  differs([](Order& o) { o.receipt_number = "A1-K7QD-13"; });
  differs([](Order& o) { ++o.created_at.ms; });
  differs([](Order& o) { ++o.business_date; });
  differs([](Order& o) { o.cashier_id = {}; });
  differs([](Order& o) { o.currency = "CHF"; });
  differs([](Order& o) { o.of_order_id.reset(); });
  differs([](Order& o) { o.reason += "!"; });
  for (int64_t Order::*amount : {&Order::subtotal, &Order::discount, &Order::tax, &Order::total})
    differs([&](Order& o) { ++(o.*amount); });
  differs([](Order& o) { o.lines[0].product_id.bytes[0] ^= 1; });
  differs([](Order& o) { o.lines[0].name[0] = 'g'; });
  for (int64_t OrderLine::*n :
       {&OrderLine::quantity, &OrderLine::unit_price, &OrderLine::discount, &OrderLine::tax_rate, &OrderLine::tax,
        &OrderLine::total, &OrderLine::moved, &OrderLine::price_version})
    differs([&](Order& o) { ++(o.lines[0].*n); });
  differs([](Order& o) { o.lines[0].list_price.reset(); });
  differs([](Order& o) { o.lines[0].reason.clear(); });
  differs([](Order& o) { o.lines[1].of_line_id.reset(); });
  differs([](Order& o) { std::swap(o.lines[0], o.lines[1]); });
  differs([](Order& o) { o.lines.pop_back(); });
  differs([](Order& o) { ++o.payments[0].amount; });
  differs([](Order& o) { ++o.payments[0].tendered; });
  differs([](Order& o) { o.payments.pop_back(); });
  CHECK(seen.insert(body(specimen(), "")).second);
}

TEST_CASE("text cannot flow from one field into the next") {
  Order left = specimen(), right = specimen();
  left.lines[0].name = "ab";
  left.reason = "c";
  right.lines[0].name = "a";
  right.reason = "bc";
  CHECK(body(left) != body(right));
  Order currency = specimen(), number = specimen();
  currency.receipt_number = "A1-K7QD-1";
  currency.currency = "2EUR";
  number.receipt_number = "A1-K7QD-12";
  CHECK(body(currency) != body(number));
}

namespace {

/// The specimen as a shop makes it: an order's id has room for those of its parts.
Order sold() {
  Order order = specimen();
  order.id = order.id.parent();
  return order;
}

}  // namespace

TEST_CASE("a body is read back as the order that was sold, its parts numbered") {
  const auto read = read_journal_body(journal_body(sold(), "01-abc"));
  REQUIRE(read.ok());
  CHECK(read->once_key == "01-abc");
  CHECK(body(read->order) == body(sold()));
  const Order& order = read->order;
  CHECK(order.status == OrderStatus::completed);
  CHECK(order.change == 597);
  CHECK(order.lines[1].id == sold().id.child(2));
  CHECK(order.payments[1].id == sold().id.child(0x8002));
  CHECK(order.payments[0].status == PaymentStatus::refunded);
  CHECK_FALSE(order.lines[0].of_line_id);
  CHECK_FALSE(order.lines[1].list_price);
}

TEST_CASE("a body that is cut, grown or has any byte changed is refused or is another order, never misread") {
  const Bytes whole = journal_body(sold(), "01-abc");
  for (size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(read_journal_body(ByteView(whole).first(size)).ok());
  Bytes longer = whole;
  longer.push_back(0);
  CHECK_FALSE(read_journal_body(longer).ok());
  for (size_t at = 0; at < whole.size(); ++at)
    for (const int flip : {0x01, 0x80, 0xff}) {
      Bytes changed = whole;
      changed[at] = static_cast<uint8_t>(changed[at] ^ flip);
      const auto read = read_journal_body(changed);
      if (read) CHECK(journal_body(read->order, read->once_key) == changed);
    }
}

TEST_CASE("what no shop could have sold is refused") {
  auto refused = [](auto change) {
    Order order = sold();
    change(order);
    CHECK_FALSE(read_journal_body(journal_body(order, "")).ok());
  };
  CHECK(read_journal_body(journal_body(sold(), "")).ok());
  refused([](Order& o) { o.id = {}; });
  refused([](Order& o) { o.id = o.id.child(1); });
  refused([](Order& o) { o.lines[0].name.assign(801, 'x'); });
  refused([](Order& o) { o.lines[0].name = "\xc3("; });
  refused([](Order& o) { o.lines[0].quantity = kMaxQuantity + 1; });
  refused([](Order& o) { o.lines[0].unit_price = -1; });
  refused([](Order& o) { o.lines[0].list_price = -2; });
  refused([](Order& o) { o.lines[0].moved = INT64_MIN; });
  refused([](Order& o) { o.total = INT64_MAX; });
  refused([](Order& o) { o.created_at.ms = INT64_MAX; });
  refused([](Order& o) { o.business_date = 0; });
  refused([](Order& o) { o.kind = static_cast<OrderKind>(3); });
  refused([](Order& o) { o.lines.resize(kMaxLines + 1); });
  refused([](Order& o) { o.payments.resize(kMaxPayments + 1); });
  CHECK_FALSE(read_journal_body(journal_body(sold(), std::string(300, 'k'))).ok());
  Order full = sold();
  full.lines.resize(kMaxLines);
  CHECK(read_journal_body(journal_body(full, "")).ok());
}

TEST_CASE("an epoch's tag is twenty bits of its first four bytes in base 32") {
  const std::pair<Bytes, const char*> kRows[] = {{{0, 0, 0, 0, 9, 9, 9, 9}, "AAAA"},
                                                 {{0, 0, 0xff, 0xff, 0, 0, 0, 0}, "B777"},
                                                 {{0xff, 0xff, 0xff, 0xff}, "7777"},
                                                 {{0, 0, 0, 1}, "AAAB"},
                                                 {{}, "AAAA"}};
  for (const auto& [epoch, tag] : kRows) CHECK(epoch_tag(epoch) == tag);
  CHECK(receipt_number("A1", "K7QD", 12) == "A1-K7QD-12");
  CHECK(receipt_number("Kasse-3", "AAAA", 1) == "Kasse-3-AAAA-1");
}
