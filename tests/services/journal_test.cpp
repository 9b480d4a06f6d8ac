// The chain of receipts: numbers without a gap whatever was refused or lost, every column of a receipt held by its
// hash, and a restore that goes on from where the backup ended.
#include "services/journal.h"

#include <sqlite3.h>

#include <map>
#include <set>

#include "support/shop_fixture.h"

using namespace till;
using namespace till::test;
using domain::Order;
using domain::Product;

namespace {

/// Receipts 1: a sale, 2: a return of it with a key, where every column is set, 3: a sale.
struct Books : ShopFixture {
  Product cup = add_product("Cup", 1999, 50), bag = add_product("Bag", 100, 50);
  Order sale = sold_less();
  Order back = take_back(sale.id, {{.line_id = sale.lines[0].id, .quantity = 1000}}, once("k"))->order;
  Order last = sold({line(cup)});

  Order sold_less() {
    domain::LineDraft draft = line(cup, 3000);
    draft.unit_price = 1500;
    draft.discount = 100;
    draft.reason = "scratched";
    return sell(paid({draft, line(bag)}), Role::manager)->order;
  }
  /// What the check says of a database after `sql`, which is undone again.
  services::JournalReport after(const std::string& sql) {
    services::JournalReport report;
    const Status undone = write([&]() -> Status {
      const Status changed = tx().execute(sql);
      REQUIRE_MESSAGE(changed.ok(), sql);
      report = services::verify_journal(tx(), identity).value();
      return Error{.message = "undo"};
    });
    CHECK(undone.error().message == "undo");
    return report;
  }
  std::vector<std::string> columns(const std::string& table) {
    std::vector<std::string> names;
    REQUIRE(write([&]() -> Status {
              const std::string sql = "SELECT name FROM pragma_table_info('" + table + "')";
              auto query = tx().query(sql.c_str());
              while (query.next()) names.push_back(query.get<std::string>(0));
              return query.status();
            }).ok());
    return names;
  }
};

/// Another value of the same type.
std::string other_value(const std::string& column) {
  const std::string step = column == "row" ? "1000" : "1";
  return "CASE typeof(" + column + ") WHEN 'integer' THEN " + column + " + " + step + " WHEN 'text' THEN " + column +
         " || 'x' WHEN 'blob' THEN zeroblob(length(" + column + ")) END";
}

}  // namespace

TEST_CASE("every column of order, line and payment that tells of the receipt is held by the chain") {
  Books books;
  books.check_books();
  // What may change later, or is this database's own business.
  const std::map<std::string, std::set<std::string>> kFree = {
      {"orders",
       {"version", "status", "oversold", "once_hash", "status_now", "version_now", "updated_at", "hlc", "trace",
        "customer", "place", "cashier_id", "of_order_id"}},
      {"order_lines", {"prev"}},
      {"payments", {"status", "reference"}}};
  const std::map<std::string, std::string> kRows = {{"orders", "row = " + std::to_string(books.back.row)},
                                                    {"order_lines", "row >> 12 = " + std::to_string(books.back.row)},
                                                    {"payments", "row >> 12 = " + std::to_string(books.back.row)}};
  int tampered = 0;
  for (const auto& free : kFree) {
    const std::string& table = free.first;
    for (const std::string& column : books.columns(table)) {
      if (free.second.contains(column)) continue;
      CAPTURE(table);
      CAPTURE(column);
      const auto report =
          books.after("UPDATE " + table + " SET " + column + " = " + other_value(column) + " WHERE " + kRows.at(table));
      CHECK_FALSE(report.intact);
      CHECK(report.fault != "");
      ++tampered;
    }
  }
  CHECK(tampered == 17 + 14 + 4);
  books.check_books();
}

TEST_CASE("rows that go, come or change places are found") {
  Books books;
  const std::string sale = std::to_string(books.sale.row), back = std::to_string(books.back.row),
                    last = std::to_string(books.last.row);
  const std::string kAttacks[] = {
      "DELETE FROM orders WHERE row = " + sale,
      "DELETE FROM orders WHERE row = " + back,
      "DELETE FROM order_lines WHERE row >> 12 = " + last,
      "DELETE FROM payments WHERE row >> 12 = " + last,
      "DELETE FROM order_lines WHERE row = (" + sale + " << 12) + 2",
      "INSERT INTO payments SELECT row + 1, method, 0, 0, status, NULL FROM payments WHERE row >> 12 = " + last,
      "UPDATE order_lines SET row = row + 1 WHERE row = (" + last + " << 12) + 1",
      "UPDATE payments SET row = row + 1 WHERE row = (" + last + " << 12) + 1",
      "UPDATE order_lines SET row = row + 100 WHERE row = (" + sale + " << 12) + 1",
      "UPDATE orders SET receipt_n = 4 - receipt_n WHERE receipt_n IN (1, 3)",
      "UPDATE orders SET total = total - 1, subtotal = subtotal - 1 WHERE row = " + last +
          ";"
          "UPDATE order_lines SET total = total - 1 WHERE row >> 12 = " +
          last +
          ";"
          "UPDATE payments SET amount = amount - 1 WHERE row >> 12 = " +
          last,
      "UPDATE epochs SET epoch = zeroblob(8)",
      "UPDATE epochs SET prev_hash = randomblob(32)",
      "UPDATE products SET id = randomblob(16)",
  };
  for (const std::string& attack : kAttacks) {
    CAPTURE(attack);
    const auto report = books.after(attack);
    CHECK_FALSE(report.intact);
    CHECK(report.fault != "");
  }
  CHECK(books.after("UPDATE products SET name = 'Mug', price = 5").intact);
  CHECK(books.after("UPDATE users SET name = '', email = ''").intact);  // a person may be forgotten
}

TEST_CASE("a fault is told by the receipt it is at") {
  Books books;
  const auto report =
      books.after("UPDATE order_lines SET name = 'Mug' WHERE row >> 12 = " + std::to_string(books.back.row));
  CHECK(report.fault.find(books.back.receipt_number + ":") == 0);
  CHECK(report.receipts == 2);
}

TEST_CASE("numbers are 1, 2, 3, also when sales between them were refused") {
  ShopFixture shop;
  const Product cup = shop.add_product("Cup", 1999, 5),
                rare = shop.add_product("Rare", 100, 0, domain::StockPolicy::block);
  for (int64_t n = 1; n <= 4; ++n) {
    CHECK_FALSE(shop.sell({}).ok());
    CHECK_FALSE(shop.sell({.lines = {line(cup)}, .payments = {{.tendered = 1}}}).ok());
    CHECK_FALSE(shop.sell(paid({line(cup), line(rare)})).ok());  // refused after its first line was written
    REQUIRE(shop.book(cup, domain::StockEntryKind::receive, 1000).ok());
    const Order sale = shop.sold({line(cup)});
    CHECK(sale.receipt_n == n);
    CHECK(sale.receipt_number == "A1-" + shop.identity.epoch_tag + "-" + std::to_string(n));
    if (n == 2) shop.reopen();
  }
  shop.check_books();
  const auto newest = shop.shop->journal.list({.cursor = 0, .limit = 3}).value();
  REQUIRE(newest.items.size() == 3);
  CHECK(newest.items[0].receipt_number.ends_with("-4"));
  CHECK(newest.items[0].hash == shop.shop->journal.verify()->head);
  CHECK(shop.shop->journal.list({.cursor = newest.next, .limit = 3})->items.size() == 1);
}

TEST_CASE("a commit that fails leaves no gap and no number twice") {
  ShopFixture shop;
  const Product cup = shop.add_product("Cup", 1999, 5);
  shop.sold({line(cup)});
  auto with_hook = [&](int (*hook)(void*)) {
    return shop.write([&]() -> Result<Sold> {
      sqlite3_commit_hook(shop.tx().handle(), hook, nullptr);
      return shop.shop->selling.sell(paid({line(cup)}), shop.caller(Role::cashier), once("k"));
    });
  };
  CHECK_FALSE(with_hook([](void*) { return 1; }).ok());
  CHECK(shop.on_hand(cup) == 4000);
  const auto again = with_hook(nullptr);
  REQUIRE(again.ok());
  CHECK_FALSE(again->replayed);
  CHECK(again->order.receipt_n == 2);
  CHECK(shop.sold({line(cup)}).receipt_n == 3);
  CHECK(shop.number("SELECT count(DISTINCT row) FROM orders") == 3);
  shop.check_books();
}

TEST_CASE("after a restore the numbers begin again under another tag, and the chain goes on") {
  Books books;
  const std::string former_tag = books.identity.epoch_tag;
  const int64_t former_base = books.identity.version_base;
  books.clock.advance_ms(60'000);
  books.restore();
  CHECK(books.identity.epoch_tag != former_tag);
  CHECK(books.identity.version_base > former_base);
  const Order first = books.sold({line(books.cup)});
  CHECK(first.receipt_n == 1);
  CHECK(first.receipt_number == "A1-" + books.identity.epoch_tag + "-1");
  CHECK(first.version >= books.identity.version_base);
  CHECK(books.order(books.sale.id).receipt_number == books.sale.receipt_number);
  books.check_books();
  CHECK(books.shop->journal.verify()->receipts == 4);

  books.restore();  // twice without a sale between
  books.restore();
  CHECK(books.sold({line(books.cup)}).receipt_n == 1);
  books.check_books();
  // The end of an epoch is held by the next one.
  CHECK_FALSE(books.after("DELETE FROM orders WHERE row = " + std::to_string(books.last.row)).intact);
  CHECK_FALSE(books.after("DELETE FROM epochs WHERE id = 1").intact);
}

TEST_CASE("an empty journal is intact") {
  ShopFixture shop;
  const auto report = shop.shop->journal.verify().value();
  CHECK(report.intact);
  CHECK(report.receipts == 0);
  CHECK(report.head == std::string(64, '0'));
}
