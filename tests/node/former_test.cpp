// Orders of former lives: headquarters gives them back, and they are what they were: in lists, by receipt, for returns,
// for a till that asks again with its key, and in the journal's chain.
#include "store/former.h"

#include <algorithm>
#include <filesystem>

#include "domain/journal.h"
#include "node/till_fixture.h"
#include "services/journal.h"
#include "sqlite/backup.h"
#include "sync/node/verify.h"

using namespace till;
using namespace till::node;
using domain::Order;
using domain::OrderKind;
using domain::OrderStatus;

namespace {

// A till that loses its disk: what it made, and the page that brings it to a new one.
struct Lost : Till {
  domain::Product cup;
  Order sale, part, wrong, undone, last;

  Lost() {
    restore();  // not the epoch that a till of the same chance begins with
    restart();
    cup = add_product("cup", 500, 10);
    const auto draft = test::paid({test::line(cup, 2000), test::line(cup)});
    sale = sell(draft, Role::cashier, test::once("first", 11))->order;
    clock.advance_ms(1);
    part = take_back(sale.id, {{sale.lines[0].id, 1000, true}})->order;
    clock.advance_ms(1);
    wrong = sold({test::line(cup, 4000)});
    clock.advance_ms(1);
    undone = void_sale(wrong.id)->order;
    clock.advance_ms(60'000);
    last = sold({test::line(cup)});
  }
  std::vector<Uuid> newest_first() const { return {last.id, undone.id, wrong.id, part.id, sale.id}; }
};

// Its database anew, under the same names: other ids and ticks from now on.
struct Found : Till {
  Found() { clock.advance_ms(3'600'000); }
};

std::vector<Uuid> ids_of(const std::vector<Order>& orders) {
  std::vector<Uuid> ids;
  for (const Order& order : orders) ids.push_back(order.id);
  return ids;
}

// All orders in pages of so many.
std::vector<Uuid> listed(Till& till, int64_t limit, const domain::OrderFilter& filter = {}) {
  std::vector<Uuid> all;
  domain::Slice slice{.limit = limit, .total = true};
  do {
    const auto page = till.shop->orders.list(filter, till.caller(Role::manager), slice).value();
    for (const Uuid& id : ids_of(page.items)) all.push_back(id);
    slice.cursor = page.next;
    if (page.next == 0) CHECK(page.total == static_cast<int64_t>(all.size()));
  } while (slice.cursor != 0);
  return all;
}

// What an order shows, but for what only counts its changes.
std::string shown(Order order) {
  order.version = 0;
  order.updated_at = {};
  return to_json(order);
}

std::vector<core::Item> only_orders(std::vector<core::Item> items) {
  std::erase_if(items,
                [](const core::Item& item) { return std::get<core::Fact>(item).envelope.kind != core::Kind::order; });
  return items;
}

}  // namespace

TEST_CASE("a till with a new disk gets its orders back as they were, before and after it knows the goods") {
  Lost lost;
  Found found;
  const auto page = facts_of(lost, "A1");
  found.hear_facts(page);
  for (const Uuid& id : lost.newest_first()) CHECK(shown(found.order(id)) == shown(lost.order(id)));
  CHECK(found.order(lost.wrong.id).status == OrderStatus::voided);
  CHECK(found.number("SELECT count(*) FROM products WHERE removed = 0") == 0);  // only what was sold tells of it
  found.hear({image_of(lost.cup, 1)});
  CHECK(found.shown(lost.cup.id)->price == 500);
  CHECK(found.on_hand(lost.cup) == lost.on_hand(lost.cup));
  found.check_books();
  CHECK(verify_sync(found.db(), *found.replica)->fault.empty());
  found.hear_facts(page);  // again: each counts once
  CHECK(found.number("SELECT count(*) FROM orders") == 5);
  CHECK(found.on_hand(lost.cup) == lost.on_hand(lost.cup));
  CHECK(found.stream(Stream::sale).head == 0);  // nothing is sent back to where it came from
}

TEST_CASE("former orders are found by number and listed in time, in pages of any size") {
  Lost lost;
  Found found;
  found.hear_facts(facts_of(lost, "A1"));
  CHECK(listed(found, 50) == lost.newest_first());
  CHECK(listed(found, 2) == lost.newest_first());
  domain::OrderFilter returns, by_number;
  returns.kind = OrderKind::return_;
  CHECK(listed(found, 50, returns) == std::vector<Uuid>{lost.part.id});
  by_number.receipt_number = lost.wrong.receipt_number;
  by_number.receipt_n = lost.wrong.receipt_n;
  CHECK(listed(found, 1, by_number) == std::vector<Uuid>{lost.wrong.id});
  found.hear({image_of(lost.cup, 1)});
  const Order today = found.sold({test::line(lost.cup)});
  CHECK(listed(found, 1).front() == today.id);
  CHECK(listed(found, 1).size() == 6);
  CHECK(today.receipt_n == 1);
  const auto journal = found.shop->journal.list({.limit = 3}).value();
  CHECK(journal.items[1].receipt_number == lost.last.receipt_number);
  CHECK(found.shop->journal.list({.cursor = journal.next, .limit = 9})->items.size() == 3);
}

TEST_CASE("what came back of a former sale counts, and no more of it can be returned") {
  Lost lost;
  Found found;
  found.hear_facts(facts_of(lost, "A1"));
  found.hear({image_of(lost.cup, 1)});
  const Uuid line = lost.sale.lines[0].id;
  CHECK(found.take_back(lost.sale.id, {{line, 2000, true}}).error().reason == "over_returned");
  const auto rest = found.take_back(lost.sale.id, {{line, 1000, true}});
  REQUIRE(rest.ok());
  CHECK(rest->order.of_order_id == lost.sale.id);
  CHECK(rest->order.lines[0].of_line_id == line);
  CHECK(found.take_back(lost.sale.id, {{line, 1000, true}}).error().reason == "over_returned");
  CHECK(found.take_back(lost.wrong.id, {{lost.wrong.lines[0].id, 1000, true}}).error().reason == "voided");
  CHECK(found.void_sale(lost.last.id).ok());  // of today
  CHECK(found.order(lost.last.id).status == OrderStatus::voided);
  found.check_books();
}

TEST_CASE("a former sale by card is given back in cash: nobody knows the charge any more") {
  const domain::PaymentDraft by_card{.method = domain::Tender::card, .token = "pm_card_visa"};
  Lost lost;
  lost.settings.cards = services::CardMode::test;
  lost.restart();
  const Order sale = lost.sell({.lines = {test::line(lost.cup)}, .payments = {by_card}})->order;
  Found found;
  found.settings.cards = services::CardMode::test;
  found.restart();
  found.hear_facts(facts_of(lost, "A1"));
  CHECK(found.order(sale.id).payments[0].method == domain::Tender::card);
  CHECK(found.void_sale(sale.id).error().reason == "charge_lost");
  CHECK(found.take_back(sale.id, {{sale.lines[0].id, 1000, true}}).ok());
  found.check_books();
}

TEST_CASE("a till that asks again with its key gets the former order, whatever its body: nobody knows its hash") {
  Lost lost;
  Found found;
  found.hear_facts(facts_of(lost, "A1"));
  found.hear({image_of(lost.cup, 1)});
  const auto draft = test::paid({test::line(lost.cup)});
  auto ask = [&](Role role) { return found.sell(draft, role, test::once("first", 99)).value(); };
  CHECK(ask(Role::cashier).replayed);
  CHECK(ask(Role::cashier).order.id == lost.sale.id);
  CHECK_FALSE(ask(Role::manager).replayed);  // somebody else's key of the same name
  CHECK(ask(Role::manager).replayed);

  Found stranger;  // users went with the disk: whoever sells now is new
  stranger.run_sql("UPDATE users SET id = randomblob(16)");
  stranger.hear_facts(facts_of(lost, "A1"));
  stranger.hear({image_of(lost.cup, 1)});
  CHECK(stranger.order(lost.sale.id).cashier_id == lost.sale.cashier_id);
  const auto again = stranger.sell(draft, Role::manager, test::once("first", 99)).value();
  CHECK(again.order.id == lost.sale.id);
  const auto by_customer = stranger.sell({.fulfilment = domain::Fulfilment::pickup, .lines = draft.lines},
                                         Role::customer, test::once("first", 99));
  CHECK_FALSE(by_customer.value().replayed);
  stranger.check_books();
}

TEST_CASE("returns and voids that come before their sale find it when it comes") {
  Lost lost;
  Found found;
  auto items = only_orders(facts_of(lost, "A1"));
  std::reverse(items.begin(), items.end());
  const std::vector<core::Item> first(items.begin(), items.end() - 1), sale{items.back()};
  found.hear_facts(first);
  CHECK(found.order(lost.part.id).of_order_id == lost.sale.id);
  CHECK(found.order(lost.part.id).lines[0].of_line_id == lost.sale.lines[0].id);
  CHECK(found.order(lost.wrong.id).status == OrderStatus::voided);
  found.check_books();
  found.hear_facts(sale);
  for (const Uuid& id : lost.newest_first()) CHECK(shown(found.order(id)) == shown(lost.order(id)));
  CHECK(listed(found, 3) == lost.newest_first());
  CHECK(found.number("SELECT count(*) FROM orders WHERE of_order_id IS NOT NULL") == 0);
  CHECK(found.take_back(lost.sale.id, {{lost.sale.lines[0].id, 2000, true}}).error().reason == "over_returned");
  found.check_books();
}

TEST_CASE("the chain of a former life is checked; a gap in it is told and no fault, a change is one") {
  Lost lost;
  auto report_of = [](Till& till) { return till.shop->journal.verify().value(); };
  Found whole;
  whole.hear_facts(facts_of(lost, "A1"));
  CHECK(report_of(whole).receipts == 5);
  CHECK(report_of(whole).former == 5);
  CHECK(report_of(whole).unproven == 0);
  whole.run_sql("UPDATE order_lines SET name = 'mug' WHERE row < 0");
  CHECK_FALSE(report_of(whole).intact);
  CHECK(report_of(whole).fault.find("its hash") != std::string::npos);

  Found holed;
  auto items = only_orders(facts_of(lost, "A1"));
  items.erase(items.begin() + 2);
  holed.hear_facts(items);
  CHECK(report_of(holed).intact);
  CHECK(report_of(holed).receipts == 4);
  CHECK(report_of(holed).unproven == 1);
}

TEST_CASE("what a restored till had sold since its backup stands between what was before and what came after") {
  Till till;
  const auto cup = till.add_product("cup", 500, 10);
  std::vector<Uuid> made{till.sold({test::line(cup)}).id};
  domain::OrderDraft pickup{.fulfilment = domain::Fulfilment::pickup, .lines = {test::line(cup, 2000)}};
  const Order placed = till.sell(pickup, Role::customer)->order;
  const std::string backup = till.folder.file("backup.db");
  REQUIRE(sqlite::backup(till.db(), backup).ok());
  till.clock.advance_ms(1000);
  made.push_back(till.sold({test::line(cup)}).id);
  const std::vector<domain::PaymentDraft> cash{{.tendered = 100'000}};
  REQUIRE(till.write([&] { return till.shop->selling.pay(placed.id, cash, till.caller(Role::cashier), {}); }).ok());
  made.push_back(placed.id);
  const auto lost = facts_of(till, "A1");
  const int64_t on_hand = till.on_hand(cup);
  till.close();
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(till.folder.file("till.db") + suffix);
  std::filesystem::copy_file(backup, till.folder.file("till.db"));
  till.open();
  till.restore();
  till.restart();
  CHECK(till.order(placed.id).status == OrderStatus::pending);
  till.clock.advance_ms(1000);
  const Uuid before_page = till.sold({test::line(cup)}).id;
  const Uuid placed_later = till.sell(pickup, Role::customer)->order.id;
  till.hear_facts(lost);
  const Uuid after_page = till.sold({test::line(cup)}).id;
  made.insert(made.end(), {before_page, placed_later, after_page});
  std::reverse(made.begin(), made.end());
  for (const int64_t limit : {1, 2, 3, 50}) CHECK(listed(till, limit) == made);
  const Order paid = till.order(placed.id);
  CHECK(paid.status == OrderStatus::paid);
  CHECK(paid.placed_at == placed.placed_at);
  CHECK(paid.customer_id == placed.customer_id);
  CHECK(till.on_hand(cup) == on_hand - 2000);
  CHECK(till.shop->inventory.get_stock(cup.id)->reserved == 2000);  // for the one that was placed later
  till.check_books();
  CHECK(till.shop->journal.verify()->former == 2);
}

TEST_CASE("a fact that no receipt of this till can be moves the stock and is no order") {
  Lost lost;
  Found found;
  found.hear({image_of(lost.cup, 1)});
  auto items = only_orders(facts_of(lost, "A1"));
  core::Envelope& e = std::get<core::Fact>(items[0]).envelope;
  auto read = domain::read_journal_body(ByteView(e.body).first(e.body.size() - 32)).value();
  auto heard = [&](auto change) {
    Order order = read.order;
    order.id = found.ids.next_parent();
    change(order);
    core::Envelope other = e;
    other.uid = order.id;
    other.body = domain::journal_body(order, "");
    other.body.insert(other.body.end(), 32, uint8_t{0});
    const int64_t before = found.on_hand(lost.cup), orders = found.number("SELECT count(*) FROM orders");
    found.hear_facts({core::Fact{.node = "A1", .epoch = {}, .envelope = other}});
    CHECK(found.on_hand(lost.cup) == before - 3000);
    return found.number("SELECT count(*) FROM orders") - orders;
  };
  CHECK(heard([](Order&) {}) == 1);
  CHECK(heard([](Order& o) { o.currency = "USD"; }) == 0);
  CHECK(heard([](Order& o) {
          o.lines[0].of_line_id = Uuid{};
          o.lines[0].of_line_id->bytes[0] = 1;
        }) == 0);
  for (const char* number :
       {"A2-ABCD-1", "A1-ABC1-1", "A1-ABCD-01", "A1-ABCD-", "A1-ABCD-0", "A1ABCD1", "A1-abcd-1", ""})
    CHECK(heard([&](Order& o) { o.receipt_number = number; }) == 0);
}
