// A new database out of a damaged one: what headquarters has not heard of is sent, and nothing that was tampered with.
// Here what is unreadable is missing; tests/crash damages real pages.
#include "store/salvage.h"

#include "node/till_fixture.h"
#include "services/journal.h"
#include "sync/node/verify.h"

using namespace till;
using namespace till::node;
using domain::Order;

namespace {

// A till that had a day, of which headquarters knows the first two facts.
struct Damaged : Till {
  domain::Product cup;
  Order sale, part, last;

  Damaged() {
    restore();
    restart();
    cup = add_product("cup", 500, 10);
    clock.advance_ms(10);
    sale = sell(test::paid({test::line(cup, 2000)}), Role::cashier, test::once("first", 11))->order;
    REQUIRE(confirms(mark(Stream::sale, 2)));
    clock.advance_ms(10);
    part = take_back(sale.id, {{sale.lines[0].id, 1000, true}})->order;
    REQUIRE(book(cup, domain::StockEntryKind::count, 8000).ok());
    clock.advance_ms(10);
    last = sold({test::line(cup)});
  }
};

struct Fresh : Till {
  Fresh() : Till(false) { clock.advance_ms(3'600'000); }

  store::Salvaged rescue(Till& old) {
    auto made = write([&] {
      const store::Stamp stamp{.now = clock.now(), .version_base = identity.version_base};
      auto salvaged = store::carry_over_facts(old.db(), tx(), identity, stamp);
      const Status edits = store::carry_over_edits(old.db(), tx(), identity, stamp);
      return edits.ok() ? salvaged : Result<store::Salvaged>(edits.error());
    });
    REQUIRE(made.ok());
    restart();
    return *made;
  }
};

}  // namespace

TEST_CASE("what headquarters has not acknowledged is sent by the new life as it was, the rest is only put back") {
  Damaged old;
  Fresh fresh;
  const auto salvaged = fresh.rescue(old);
  CHECK(salvaged.sound == 5);
  CHECK(salvaged.lost == 0);
  const auto unsent = old.load(Stream::sale, 3).envelopes, sent = fresh.load(Stream::sale).envelopes;
  REQUIRE(sent.size() == 3);
  for (size_t i = 0; i < sent.size(); ++i) {
    CHECK(sent[i].seq == static_cast<int64_t>(i) + 1);
    CHECK(sent[i].uid == unsent[i].uid);
    CHECK(sent[i].kind == unsent[i].kind);
    CHECK(sent[i].hlc == unsent[i].hlc);
    CHECK(sent[i].trace == unsent[i].trace);
    CHECK(sent[i].business_date == unsent[i].business_date);
    CHECK(sent[i].body == unsent[i].body);
  }
  CHECK(fresh.shown(old.cup.id));  // its edit is on its way, too
  CHECK(fresh.stream(Stream::shop).head == old.stream(Stream::shop).head);
  CHECK(fresh.on_hand(old.cup) == 7000);
  fresh.check_books();
  const auto again = fresh.sell(test::paid({test::line(old.cup)}), Role::cashier, test::once("first", 11));
  CHECK(again->order.id == old.sale.id);
  CHECK(fresh.sell(test::paid({test::line(old.cup)}), Role::cashier, test::once("first", 12)).error().code ==
        Code::mismatch);  // out of the file comes also the body's hash
  const Order today = fresh.sold({test::line(old.cup)});
  CHECK(fresh.load(Stream::sale, 4).envelopes.at(0).uid == today.id);
  CHECK(fresh.load(Stream::sale, 4).envelopes.at(0).hlc > unsent.back().hlc);
  CHECK(verify_sync(fresh.db(), *fresh.replica)->fault.empty());
  fresh.check_books();
}

TEST_CASE("a fact of which a part is missing or another is left out, told as lost, and given back by headquarters") {
  for (const std::string damage :
       {"DELETE FROM payments WHERE row >> 12 = 2", "DELETE FROM order_lines WHERE row >> 12 = 2",
        "UPDATE orders SET total = total + 1 WHERE row = 2"}) {
    CAPTURE(damage);
    Damaged old;
    const auto page = facts_of(old, "A1");
    old.run_sql(damage);
    Fresh fresh;
    const auto salvaged = fresh.rescue(old);
    CHECK(salvaged.sound == 4);
    CHECK(salvaged.lost == 1);
    CHECK(fresh.shop->journal.verify()->unproven == 1);
    CHECK(fresh.load(Stream::sale).envelopes.size() == 3);
    fresh.hear_facts(page);
    CHECK(fresh.order(old.part.id).of_order_id == old.sale.id);
    CHECK(fresh.take_back(old.sale.id, {{old.sale.lines[0].id, 2000, true}}).error().reason == "over_returned");
    CHECK(fresh.on_hand(old.cup) == 7000);
    CHECK(fresh.shop->journal.verify()->unproven == 0);
    CHECK(fresh.stream(Stream::sale).head == 3);
    fresh.check_books();
  }
}

TEST_CASE("an order of which one does not know any more what it is of, or sold, or who sold it, is none") {
  for (const auto& [damage, lost] :
       {std::pair{"DELETE FROM orders WHERE row = 2", 2}, {"DELETE FROM products", 5}, {"DELETE FROM users", 3}}) {
    CAPTURE(std::string(damage));
    Damaged old;
    const auto page = facts_of(old, "A1");
    old.run_sql(damage);
    Fresh fresh;
    CHECK(fresh.rescue(old).lost == lost);
    fresh.hear_facts(page);
    CHECK(fresh.order(old.part.id).of_order_id == old.sale.id);
    CHECK(fresh.on_hand(old.cup) == 7000);
    fresh.check_books();
  }
}

TEST_CASE("a receipt that was changed where the page's sum cannot tell is convicted by the chain") {
  Damaged old;
  old.run_sql("UPDATE orders SET reason = 'another' WHERE row = 3");
  Fresh fresh;
  CHECK(fresh.rescue(old).lost == 1);
  CHECK(fresh.number("SELECT count(*) FROM orders") == 2);
  fresh.check_books();
}

TEST_CASE("what was carried over once is carried over again until headquarters has it") {
  Damaged old;
  Fresh second, third;
  second.rescue(old);
  REQUIRE(second.confirms(second.mark(Stream::sale, 1)));
  CHECK(third.rescue(second).sound == 3);  // those that came from headquarters come from there again
  CHECK(third.load(Stream::sale).envelopes.size() == 2);
  CHECK(third.load(Stream::sale).envelopes.back().uid == old.last.id);
  CHECK(third.order(old.last.id).receipt_number == old.last.receipt_number);
  third.hear_facts(facts_of(old, "A1"));
  CHECK(third.on_hand(old.cup) == 7000);
  CHECK(third.number("SELECT count(*) FROM orders") == 3);
  third.check_books();
}
