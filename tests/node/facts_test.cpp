// Facts of the store's other tills as pages bring them: the stock follows, and the store's clock does not fall behind
// what was heard, over a restart either.
#include <filesystem>

#include "node/till_fixture.h"
#include "sqlite/backup.h"

using namespace till;
using namespace till::node;

TEST_CASE("two tills share a product's stock; each keeps its own journal") {
  Till here, there;
  there.clock.advance_ms(60'000);  // its ids and ticks are others
  const auto cup = there.add_product("cup", 500, 10);
  there.sold({test::line(cup, 2000)});
  here.hear_facts(facts_of(there, "A2"));
  CHECK(here.state().scopes[1].cursor.rev == 1);
  here.hear({image_of(cup, 2)});  // the row comes after what it moved (C8)
  CHECK(here.on_hand(cup) == 8000);
  here.hear_facts(facts_of(there, "A2"));
  CHECK(here.on_hand(cup) == 8000);
  here.sold({test::line(cup)});
  CHECK(here.on_hand(cup) == 7000);
  const auto ledger = here.shop->inventory.list_movements(cup.id, {.cursor = 0, .limit = 2}).value();
  REQUIRE(ledger.items.size() == 2);
  CHECK(ledger.items[0].node.empty());
  CHECK(ledger.items[1].node == "A2");
  CHECK(here.shop->inventory.list_movements(cup.id, {.cursor = ledger.next, .limit = 9})->items.size() == 1);
  CHECK(here.shop->orders.list({}, here.caller(domain::Role::manager), {})->items.size() == 1);
  CHECK(here.number("SELECT count(*) FROM order_lines") == 1);
  here.check_books();
}

TEST_CASE("what is booked after a page is later than all that the page brought, however wrong the clocks are") {
  Till here, there;
  const auto cup = there.add_product("cup", 500, 10);
  here.hear({image_of(cup, 1)});
  there.clock.advance_ms(int64_t{365} * 86'400'000);  // a year ahead
  REQUIRE(there.book(cup, domain::StockEntryKind::count, 3000).ok());
  const auto items = facts_of(there, "A2");
  const int64_t heard = std::get<core::Fact>(items.back()).envelope.hlc;
  here.hear_facts(items);
  CHECK(here.on_hand(cup) == 3000);
  here.sold({test::line(cup)});
  CHECK(here.load(Stream::sale).envelopes.back().hlc == heard + 1);
  CHECK(here.on_hand(cup) == 2000);  // else the sale would be before the count and move nothing elsewhere
  there.hear_facts(facts_of(here, "A1"));
  CHECK(there.on_hand(cup) == 2000);

  Till again;
  again.hear({image_of(cup, 1)});
  again.hear_facts(items);
  again.restart();
  REQUIRE(again.book(cup, domain::StockEntryKind::count, 7000).ok());
  CHECK(again.load(Stream::sale).envelopes.back().hlc == heard + 1);
  again.hear_facts(items);
  CHECK(again.on_hand(cup) == 7000);
}

TEST_CASE("a till restored from before its sales gets their movements back from the hub") {
  Till till;
  const auto cup = till.add_product("cup", 500, 10);
  const std::string backup = till.folder.file("backup.db");
  REQUIRE(sqlite::backup(till.db(), backup).ok());
  till.clock.advance_ms(1000);
  till.sold({test::line(cup, 4000)});
  const auto lost = facts_of(till, "A1");
  till.close();
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(till.folder.file("till.db") + suffix);
  std::filesystem::copy_file(backup, till.folder.file("till.db"));
  till.open();
  till.restore();
  till.restart();
  CHECK(till.on_hand(cup) == 10'000);
  till.hear_facts(lost);
  CHECK(till.on_hand(cup) == 6000);  // the receipt of goods was here, the sale was not
  till.check_books();
}

TEST_CASE("a fact of tomorrow's kind is kept, counted, and stops nothing") {
  Till here, there;
  const auto cup = there.add_product("cup", 500, 10);
  here.hear({image_of(cup, 1)});
  auto items = facts_of(there, "A2");
  core::Fact strange = std::get<core::Fact>(items[0]);
  strange.envelope.uid = there.ids.next();
  strange.envelope.schema = 99;
  items.insert(items.begin(), strange);
  here.hear_facts(items);
  CHECK(here.on_hand(cup) == 10'000);
  CHECK(sync_report(here.db())->facts_not_read == 1);
}
