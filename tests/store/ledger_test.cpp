// Stock as a chain of movements, and orders as facts: what is read back is what was written, in order, whatever was
// booked between; and a sum that does not fit its ledger is found.
#include "store/order_list.h"
#include "store/shelf.h"

using namespace till;
using namespace till::store;
using domain::Order;
using domain::Product;

namespace {

struct Books : Shelf {
  Identity identity = create_identity(db, {"t", "s", "n", "EUR"}, random, clock.now()).value();

  /// Sale number `fact` of one line each of the quantities.
  Order sell(const Product& product, std::vector<int64_t> quantities, int64_t fact, const std::string& key = "") {
    Order order;
    order.row = fact;
    order.id = ids.next_parent();
    order.version = 100;
    order.created_at = order.updated_at = clock.now();
    order.epoch_row = identity.epoch_row;
    order.receipt_n = fact;
    order.receipt_number = identity.receipt_number(fact);
    order.currency = "EUR";
    for (const int64_t quantity : quantities) {
      domain::OrderLine& line = order.lines.emplace_back();
      line.product_row = product.row;
      line.product_id = product.id;
      line.name = product.name;
      line.quantity = quantity;
      line.moved = -quantity;
      line.id = order.id.child(static_cast<uint16_t>(order.lines.size()));
    }
    const std::vector<domain::StockPolicy> policies(quantities.size(), domain::StockPolicy::warn);
    REQUIRE(add_lines(db, order, policies, stamp.version_base).ok());
    REQUIRE(add_order(db, order, {.key = key, .hash = 5}).ok());
    return order;
  }
  std::vector<int64_t> ledger(const Product& product, int64_t from, int64_t limit) {
    std::vector<int64_t> moves;
    const auto page = list_movements(db, get_stock(db, product.id).value(), from, limit).value();
    for (const auto& step : page.items) moves.push_back(step.moved);
    moves.push_back(page.next);
    return moves;
  }
};

}  // namespace

TEST_CASE("keys of parts hold fact and number") {
  for (const int64_t fact : {int64_t{1}, int64_t{1'000'000}, int64_t{1} << 50})
    for (const int64_t n : {0, 1, 2000, 4095}) {
      CHECK(fact_of(part_key(fact, n)) == fact);
      CHECK(part_number(part_key(fact, n)) == n);
    }
  CHECK(part_key(1, 4095) < part_key(2, 0));
  CHECK(static_cast<int64_t>(domain::kMaxLines) < 4096);
}

TEST_CASE("a product's ledger is its own movements, newest first, over sales and entries") {
  Books books;
  const Product cup = books.make("cup"), bag = books.make("bag");
  books.move(cup, 10'000, 1);
  books.move(bag, 500, 2);
  books.sell(cup, {1000, 2000}, 3);
  books.sell(bag, {100}, 4);
  books.move(cup, -250, 5);
  CHECK(books.ledger(cup, 0, 10) == std::vector<int64_t>{-250, -2000, -1000, 10'000, 0});
  CHECK(books.ledger(bag, 0, 10) == std::vector<int64_t>{-100, 500, 0});
  CHECK(books.ledger(cup, 0, 2) == std::vector<int64_t>{-250, -2000, part_key(3, 1)});
  CHECK(books.ledger(cup, part_key(3, 1), 2) == std::vector<int64_t>{-1000, 10'000, 0});
  const auto stock = get_stock(books.db, cup.id).value();
  CHECK(stock.on_hand == 6750);
  CHECK(stock.last == part_key(5, 0));
  CHECK(stock.version == 104);
  for (const int64_t foreign : {part_key(2, 0), part_key(4, 1), part_key(9, 0), int64_t{1}})
    CHECK(list_movements(books.db, stock, foreign, 5).error().code == Code::invalid);
}

TEST_CASE("a sum that is not that of its ledger is found") {
  Books books;
  const Product cup = books.make("cup"), bag = books.make("bag"), none = books.make("none");
  books.move(cup, 10'000, 1);
  books.sell(cup, {1000}, 2);
  books.move(bag, 5, 3);
  CHECK_FALSE(find_unequal_stock(books.db).value());
  const std::pair<const char*, const Product&> kFaults[] = {
      {"UPDATE stock SET on_hand = on_hand + 1 WHERE product = 2", bag},
      {"UPDATE stock SET on_hand = 1 WHERE product = 3", none},
      {"UPDATE order_lines SET moved = moved - 1", cup},
      {"DELETE FROM stock_entries WHERE product = 2", bag},
      {"INSERT INTO stock_entries SELECT row + 1, id, 3, kind, moved, counted, reason, user, at, business_date, 0,"
       " hlc, trace FROM stock_entries WHERE product = 2",
       none},
  };
  for (const auto& fault : kFaults) {
    CAPTURE(std::string(fault.first));
    REQUIRE(books.db.run("BEGIN").ok());
    REQUIRE(books.db.run(fault.first).ok());
    CHECK(find_unequal_stock(books.db).value() == fault.second.id);
    REQUIRE(books.db.run("ROLLBACK").ok());
  }
  CHECK_FALSE(find_unequal_stock(books.db).value());
}

TEST_CASE("an order as sold is the same for ever, as it is now it moves on") {
  Books books;
  const Product cup = books.make("cup");
  const Order sale = books.sell(cup, {1000, 2000}, 1);
  const std::string sold = to_json(*get_order(books.db, books.identity, sale.id, As::sold));
  CHECK(sold == to_json(sale));
  CHECK(to_json(*get_order(books.db, books.identity, sale.id, As::now)) == sold);
  books.stamp.now = {books.clock.now().ms + 5};
  Order moving = sale;
  REQUIRE(set_order_status(books.db, moving, domain::OrderStatus::voided, books.stamp).ok());
  CHECK(moving.version == 101);
  const Order now = get_order(books.db, books.identity, sale.id, As::now).value();
  CHECK(now.status == domain::OrderStatus::voided);
  CHECK(now.version == 101);
  CHECK(now.updated_at == books.stamp.now);
  CHECK(to_json(*get_order(books.db, books.identity, sale.id, As::sold)) == sold);
  CHECK(get_order(books.db, books.identity, sale.id.child(1), As::now).error().code == Code::not_found);
}

TEST_CASE("what came back of a line is summed over its returns") {
  Books books;
  const Product cup = books.make("cup");
  const Order sale = books.sell(cup, {3000, 1000}, 1);
  CHECK_FALSE(has_returns(books.db, 1).value());
  CHECK(returned_of(books.db, part_key(1, 1))->quantity == 0);
  for (const int64_t fact : {2, 3}) {
    Order back = books.sell(cup, {}, fact + 100);
    back.row = fact;
    back.id = books.ids.next_parent();
    back.of_order_row = 1;
    domain::OrderLine& line = back.lines.emplace_back(sale.lines[0]);
    line.quantity = -1000;
    line.total = -333;
    line.tax = -53;
    line.discount = -7;
    line.of_line_row = part_key(1, 1);
    REQUIRE(add_lines(books.db, back, {domain::StockPolicy::allow}, 100).ok());
    REQUIRE(add_order(books.db, back, {}).ok());
  }
  const Returned back = returned_of(books.db, part_key(1, 1)).value();
  CHECK(back.quantity == -2000);
  CHECK(back.total == -666);
  CHECK(back.tax == -106);
  CHECK(back.discount == -14);
  CHECK(returned_of(books.db, part_key(1, 2))->quantity == 0);
  CHECK(has_returns(books.db, 1).value());
}

TEST_CASE("orders are listed newest first by what is asked, page by page while more are sold") {
  Books books;
  const Product cup = books.make("cup");
  std::vector<Order> sales;
  for (int64_t fact = 1; fact <= 5; ++fact) sales.push_back(books.sell(cup, {1000}, fact));
  REQUIRE(set_order_status(books.db, sales[1], domain::OrderStatus::voided, books.stamp).ok());
  auto rows = [&](const domain::OrderFilter& filter, int64_t before = 0, int64_t limit = 10) {
    std::vector<int64_t> found;
    const auto page =
        list_orders(books.db, books.identity, filter, {.cursor = before == 0 ? 0 : place_of(before), .limit = limit})
            .value();
    for (const Order& order : page.items) {
      CHECK(order.lines.size() == 1);
      found.push_back(order.row);
    }
    found.push_back(-(page.next >> kPlaceBits));
    return found;
  };
  CHECK(rows({}) == std::vector<int64_t>{5, 4, 3, 2, 1, 0});
  CHECK(rows({}, 0, 2) == std::vector<int64_t>{5, 4, -4});
  books.sell(cup, {1000}, 6);
  CHECK(rows({}, 4, 2) == std::vector<int64_t>{3, 2, -2});
  CHECK(rows({}, 2, 2) == std::vector<int64_t>{1, 0});
  domain::OrderFilter voided{}, returns{}, number{};
  voided.status = domain::OrderStatus::voided;
  returns.kind = domain::OrderKind::return_;
  number.receipt_number = books.identity.receipt_number(3);
  number.receipt_n = 3;
  CHECK(rows(voided) == std::vector<int64_t>{2, 0});
  CHECK(rows(returns) == std::vector<int64_t>{0});
  CHECK(rows(number) == std::vector<int64_t>{3, 0});
  REQUIRE(begin_epoch(books.db, books.random, {0}).ok());
  books.identity = find_identity(books.db).value().value();
  Order other = sales[0];
  other.row = 7;
  other.id = books.ids.next_parent();
  other.epoch_row = books.identity.epoch_row;
  other.receipt_n = 3;  // the same number in another epoch
  other.lines.clear();
  REQUIRE(add_order(books.db, other, {}).ok());
  CHECK(rows(number) == std::vector<int64_t>{3, 0});
}

TEST_CASE("counters go on behind the newest fact of either kind, and with the epoch's last receipt") {
  Books books;
  auto counters = [&] { return load_counters(books.db, books.identity).value(); };
  CHECK(counters().next_fact == 1);
  CHECK(counters().last_receipt == 0);
  const Product cup = books.make("cup");
  books.sell(cup, {1000}, 1);
  CHECK(counters().next_fact == 2);
  CHECK(counters().last_receipt == 1);
  books.move(cup, 5, 9);
  CHECK(counters().next_fact == 10);
  CHECK(counters().last_receipt == 1);
  REQUIRE(books.db.run("UPDATE orders SET hash = CAST(char(5, 6, 7) || zeroblob(29) AS BLOB)").ok());
  REQUIRE(begin_epoch(books.db, books.random, {0}).ok());
  books.identity = find_identity(books.db).value().value();
  CHECK(counters().next_fact == 10);
  CHECK(counters().last_receipt == 0);
  CHECK(counters().hash[2] == 7);  // the new epoch follows the last receipt
}

TEST_CASE("an order is found by its key within its scope, and as sold") {
  Books books;
  const Product cup = books.make("cup");
  const Order sale = books.sell(cup, {1000}, 1, "k");
  auto find = [&](const std::string& key, const OnceScope& scope) {
    return find_order_by_key(books.db, books.identity, key, scope).value();
  };
  const auto hit = find("k", {});
  REQUIRE(hit);
  CHECK(hit->hash == 5);
  CHECK(to_json(hit->order) == to_json(sale));
  CHECK_FALSE(find("K", {}));
  CHECK_FALSE(find("", {}));
  CHECK_FALSE(find("k", {.cashier = 1}));
  CHECK_FALSE(find("k", {.kind = domain::OrderKind::return_}));
  CHECK_FALSE(find("k", {.of_order_row = 1}));
  CHECK(find("k", {.since = sale.created_at}));
  CHECK_FALSE(find("k", {.since = {sale.created_at.ms + 1}}));
}
