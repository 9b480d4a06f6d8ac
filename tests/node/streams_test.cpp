// What goes up: sales from their rows, edits from the outbox, the chain over both, and how marks are believed (A1, A4,
// A7).
#include "sync/node/streams.h"

#include <thread>

#include "crypto/hash.h"
#include "domain/journal.h"
#include "domain/stock_fact.h"
#include "node/till_fixture.h"

using namespace till;
using namespace till::node;

namespace {

domain::LineDraft one(const domain::Product& product) { return test::line(product); }

}  // namespace

TEST_CASE("a sale's envelope holds the receipt as sold, its journal hash, and the trace of its request") {
  Till till;
  const auto cup = till.add_product("cup", 500, 10);
  http::Caller caller = till.caller(Role::cashier);
  caller.trace[3] = 7;
  const auto sold =
      till.write([&] { return till.shop->selling.sell(test::paid({one(cup)}), caller, test::once("key-1")); });
  REQUIRE(sold.ok());
  const core::Loaded loaded = till.load(Stream::sale);
  REQUIRE(loaded.envelopes.size() == 2);  // the first stock, the sale
  CHECK(loaded.former == core::stream_start(till.state().epoch, Stream::sale));
  const core::Envelope& e = loaded.envelopes[1];
  CHECK(e.kind == core::Kind::order);
  CHECK(e.seq == 2);
  CHECK(e.uid == sold->order.id);
  CHECK(e.business_date == sold->order.business_date);
  CHECK(e.trace == caller.trace);
  const ByteView body = e.body;
  const auto read = domain::read_journal_body(body.first(body.size() - 32));
  REQUIRE(read.ok());
  CHECK(read->once_key == "key-1");
  CHECK(read->order.receipt_number == sold->order.receipt_number);
  CHECK(read->order.total == sold->order.total);
  CHECK(read->order.lines[0].product_id == cup.id);
  const core::Hash no_former{};
  const auto journal = crypto::Sha256().add(no_former).add(body.first(body.size() - 32)).finish();
  CHECK(to_hex(journal) == to_hex(body.last(32)));
}

TEST_CASE("a stock entry's envelope reads back as the entry") {
  Till till;
  const auto cup = till.add_product("cup", 500);
  till.clock.advance_ms(5);
  REQUIRE(till.book(cup, domain::StockEntryKind::count, 4000).ok());
  const auto envelopes = till.load(Stream::sale).envelopes;
  REQUIRE(envelopes.size() == 1);
  const auto fact = domain::read_stock_body(envelopes[0].body);
  REQUIRE(fact.ok());
  CHECK(envelopes[0].kind == core::Kind::stock);
  CHECK(envelopes[0].uid == fact->id);
  CHECK(envelopes[0].hlc == till.clock.now().ms << 16);
  CHECK(envelopes[0].trace == core::Trace{});
  CHECK(fact->product_id == cup.id);
  CHECK(fact->counted == 4000);
  CHECK(fact->moved == 4000);
  CHECK(fact->user_id == till.caller(Role::inventory_manager).id);
}

TEST_CASE("ticks only grow, within a millisecond and with the clock set back, and over a restart") {
  Till till;
  const auto cup = till.add_product("cup", 500, 9);
  till.sold({one(cup)});
  till.clock.set({till.clock.now().ms - 3'600'000});
  till.sold({one(cup)});
  till.restart();
  till.sold({one(cup)});
  int64_t last = 0;
  for (const core::Envelope& e : till.load(Stream::sale).envelopes) {
    CHECK(e.hlc > last);
    last = e.hlc;
  }
}

TEST_CASE("batches follow each other, and a restart computes the same hashes from any mark") {
  Till till;
  const auto cup = till.add_product("cup", 500);
  const std::vector<domain::LineDraft> long_receipt(400, one(cup));
  for (int i = 0; i < 6; ++i) till.sold(long_receipt);
  const core::Loaded first = till.load(Stream::sale);
  REQUIRE(first.envelopes.size() < 6);
  const core::Loaded second = till.load(Stream::sale, first.envelopes.back().seq + 1);
  CHECK(second.former == first.envelopes.back().hash);
  till.restart();
  CHECK(till.load(Stream::sale, first.envelopes.back().seq + 1).former == second.former);
  const core::Hash head = till.load(Stream::sale, 7).former;
  CHECK(till.load(Stream::sale, 7).envelopes.empty());
  CHECK(till.confirms(till.mark(Stream::sale, 4, 2)));
  till.restart();
  CHECK(till.load(Stream::sale, 7).former == head);                             // from the mark at 4
  CHECK(till.load(Stream::sale, 4).former == till.mark(Stream::sale, 3).hash);  // from that at 2
}

TEST_CASE("a mark is believed only if its hash is ours") {
  Till till;
  const auto cup = till.add_product("cup", 500, 9);
  for (int i = 0; i < 3; ++i) till.sold({one(cup)});
  CHECK(till.confirms(till.mark(Stream::sale, 2)));
  CHECK(till.stream(Stream::sale).acked == 2);
  CHECK(till.stream(Stream::sale).head == 4);
  core::Mark other = till.mark(Stream::sale, 3);
  other.hash[0] ^= 1;
  CHECK_FALSE(till.confirms(other));
  core::Mark beyond = till.mark(Stream::sale, 4);
  beyond.applied = 5;  // somebody else made a fifth
  CHECK_FALSE(till.confirms(beyond));
  CHECK(till.stream(Stream::sale).acked == 2);
  core::Mark late = till.mark(Stream::sale, 1);
  CHECK(till.confirms(late));
  CHECK(till.stream(Stream::sale).acked == 2);  // a late answer takes nothing back
  CHECK(till.confirms(late, true));
  CHECK(till.stream(Stream::sale).acked == 1);  // a hub that was restored does
  CHECK(till.confirms(till.mark(Stream::sale, 0), true));
  CHECK(till.stream(Stream::sale).acked == 0);
}

TEST_CASE("edits are forgotten when they are backed up and have landed; what is gone is never asked for") {
  Till till;
  auto cup = till.add_product("cup", 500);
  for (int i = 0; i < 3; ++i) cup = till.change(cup, R"({"price": )" + std::to_string(i) + "}").value();
  const core::Mark backed = till.mark(Stream::shop, 4, 3);
  CHECK(till.confirms(backed));
  CHECK(till.number("SELECT count(*) FROM outbox") == 4);  // none has landed
  till.keep(till.last_page(Scope::tenant, {image_of(cup, 4)}, {backed}));
  CHECK(till.confirms(backed));
  CHECK(till.number("SELECT count(*) FROM outbox") == 1);
  CHECK(till.stream(Stream::shop).lost == 3);
  till.restart();
  CHECK(till.load(Stream::shop, 4).former == till.replica->load(till.db(), {Stream::shop, 4})->former);
  CHECK(till.load(Stream::shop, 4).envelopes.size() == 1);
  // A hub restored from a backup that is too old: what it lacks is gone (A7).
  CHECK(till.confirms({.stream = Stream::shop, .applied = 1, .at = 1, .hash = {1}}, true));
  CHECK(till.stream(Stream::shop).acked == 3);
  CHECK(till.stream(Stream::sale).lost == 0);
}

TEST_CASE("a backup mark over years of sales is walked to a piece at a time: sales wait for it") {
  Till till;
  const auto cup = till.add_product("cup", 500);
  REQUIRE(till.write([&]() -> Status {
                for (int i = 0; i < 4500; ++i)
                  TILL_CHECK(till.shop->inventory.book_first(cup, 1000, till.caller(Role::inventory_manager)));
                return {};
              })
              .ok());
  const core::Mark mark = till.mark(Stream::sale, 4500, 4400);
  CHECK(till.confirms(till.mark(Stream::sale, 4500)));
  till.restart();  // no hash is known but that of the newest mark
  for (const int64_t expected : {2000, 4000, 4400, 4400}) {
    CHECK(till.confirms(mark));
    CHECK(till.stream(Stream::sale).backed == expected);
  }
  till.restart();
  CHECK(till.load(Stream::sale, 4401).former == till.mark(Stream::sale, 4400).hash);
}

TEST_CASE("what a reader has compared, a write does not walk to again") {
  Till till;
  till.add_product("cup", 500, 9);
  const core::Mark mark = till.mark(Stream::sale, 1);
  till.restart();
  REQUIRE(till.replica->agrees(till.db(), mark).value());
  REQUIRE(till.write([&] { return till.tx().run("UPDATE stock_entries SET moved = moved + 1"); }).ok());
  CHECK(till.confirms(mark));
}

TEST_CASE("a checkout writes what it wrote before there was sync") {
  Till till;
  const auto cup = till.add_product("cup", 500, 9), bag = till.add_product("bag", 10, 9);
  std::map<std::string, std::string> statements;  // they have to live as long as the connection
  auto tables = till.db().query("SELECT name FROM sqlite_schema WHERE type = 'table'");
  while (tables.next()) statements[tables.get<std::string>(0)] = "SELECT count(*) FROM " + tables.get<std::string>(0);
  auto rows = [&] {
    std::map<std::string, int64_t> counts;
    for (const auto& [name, sql] : statements) counts[name] = till.number(sql.c_str());
    return counts;
  };
  auto expected = rows();
  till.sold({one(cup), one(bag)});
  expected["orders"] += 1;
  expected["order_lines"] += 2;
  expected["payments"] += 1;
  CHECK(rows() == expected);
}

TEST_CASE("an edit goes up with who made it, when, by which request, and only with what changed") {
  Till till;
  const auto cup = till.add_product("cup", 500);
  till.clock.advance_ms(7);
  http::Caller caller = till.caller(Role::manager);
  caller.trace[0] = 3;
  const auto patch = patch_from_json<domain::Product>(*parse_json(R"({"price": 600, "brand": "Krug"})"));
  REQUIRE(till.write([&] { return till.shop->catalogue.change_product(cup.id, cup.version, *patch, caller); }).ok());
  const auto envelopes = till.load(Stream::shop).envelopes;
  REQUIRE(envelopes.size() == 2);
  const auto made = core::read_edit(envelopes[0].body).value(), edit = core::read_edit(envelopes[1].body).value();
  CHECK(made.action == core::Action::create);
  CHECK(edit.action == core::Action::change);
  CHECK(edit.id == cup.id);
  CHECK(edit.user == caller.id);
  CHECK(edit.at == till.clock.now());
  CHECK(envelopes[1].trace == caller.trace);
  REQUIRE(edit.fields.size() == 2);
  CHECK(edit.fields[0].name == "brand");
  CHECK(edit.fields[1].name == "price");
  CHECK(edit.fields[1].before == "500");
  CHECK(edit.fields[1].after == "600");
  CHECK(edit.fields[1].base == std::vector<core::Tag>{core::tag_of(envelopes[0].uid)});
  for (const core::FieldEdit& field : made.fields) {
    CHECK(field.name != "version");
    CHECK(field.name != "stock");
  }
}

TEST_CASE("a till without a hub keeps no edits; when it gets one it tells of all that is there, once") {
  Till till(false);
  domain::Category sort;
  sort.name = "Sort";
  REQUIRE(till.write([&] { return till.shop->catalogue.add_category(sort, till.caller(Role::manager)); }).ok());
  const auto cup = till.add_product("cup", 500), gone = till.add_product("gone", 1);
  REQUIRE(till.change(cup, R"({"price": 600})").ok());
  REQUIRE(till.write([&]() -> Status {
                return till.shop->catalogue.remove_product(gone.id, gone.version, till.caller(Role::manager));
              })
              .ok());
  CHECK(till.number("SELECT count(*) FROM outbox") == 0);
  // A start that died in the middle left some of it behind.
  till.run_sql(
      "INSERT INTO outbox (stream, seq, uid, entity, row_id, hlc, business_date, trace, body)"
      " VALUES (2, 1, x'aa', 1, x'bb', 0, 0, x'', x'')");
  for (int start = 0; start < 2; ++start) {
    till.attach_now();
    till.restart();
    const auto envelopes = till.load(Stream::bulk).envelopes;
    REQUIRE(envelopes.size() == 2);
    CHECK(core::read_edit(envelopes[0].body)->entity == core::Entity::category);
    const auto edit = core::read_edit(envelopes[1].body).value();
    CHECK(edit.id == cup.id);
    CHECK(edit.action == core::Action::create);
    CHECK(till.load(Stream::shop).envelopes.empty());
  }
}

TEST_CASE("a copy goes on as another life: what is not backed up goes up anew, the rest does not") {
  Till till;
  auto cup = till.add_product("cup", 500, 9);
  for (int i = 0; i < 3; ++i) till.sold({one(cup)});
  cup = till.change(cup, R"({"price": 600})").value();
  CHECK(till.confirms(till.mark(Stream::sale, 4, 2)));
  const auto before = till.load(Stream::sale, 3).envelopes;
  const core::Epoch former = till.state().epoch;
  const auto forked = till.write([&] { return till.replica->fork(till.tx()); });
  REQUIRE(forked.ok());
  CHECK(forked->state.epoch != former);
  CHECK(forked->state.streams[0].head == 2);
  CHECK(forked->state.streams[0].acked == 0);
  CHECK(till.state().epoch == forked->state.epoch);
  const core::Loaded anew = till.load(Stream::sale);
  CHECK(anew.former == core::stream_start(forked->state.epoch, Stream::sale));
  REQUIRE(anew.envelopes.size() == 2);
  for (size_t i = 0; i < 2; ++i) {
    CHECK(anew.envelopes[i].uid == before[i].uid);
    CHECK(anew.envelopes[i].body == before[i].body);  // the receipt keeps its number
    CHECK(anew.envelopes[i].hash != before[i].hash);
  }
  CHECK(till.load(Stream::shop).envelopes.size() == 2);
  const auto sold = till.sold({one(cup)});  // selling goes on at once, under the new epoch's numbers
  CHECK(sold.receipt_n == 1);
  CHECK(till.stream(Stream::sale).head == 3);
  till.check_books();
  till.restart();
  CHECK(till.stream(Stream::sale).head == 3);
  till.check_books();
}

TEST_CASE("a restored till forks by itself and keeps how far it had heard") {
  Till till;
  const auto cup = till.add_product("cup", 500, 9);
  till.sold({one(cup)});
  CHECK(till.confirms(till.mark(Stream::sale, 2, 1)));
  till.hear({});
  till.restore();
  till.restart();
  CHECK(till.state().scopes[0].cursor.rev == 1);
  CHECK(till.stream(Stream::sale).head == 1);
  CHECK(till.load(Stream::sale).envelopes.front().kind == core::Kind::order);
}

TEST_CASE("a lost commit loses the life it began") {
  Till till;
  const auto epoch = till.state().epoch;
  const auto lost = till.write([&]() -> Status {
    TILL_TRY(const auto forked, till.replica->fork(till.tx()));
    static_cast<void>(forked);
    return Error{.message = "disk full"};
  });
  CHECK_FALSE(lost.ok());
  CHECK(to_hex(till.identity.epoch) != to_hex(epoch));  // memory ran ahead
  REQUIRE(till.write([&]() -> Status {
                TILL_CHECK(till.replica->reload(till.tx()));
                return till.shop->load(till.tx());
              })
              .ok());
  CHECK(to_hex(till.identity.epoch) == to_hex(epoch));
  CHECK(till.load(Stream::sale).former == core::stream_start(epoch, Stream::sale));
}

TEST_CASE("a commit lost on the writer's thread while a batch is built harms nobody") {
  Till till;
  till.add_product("cup", 500, 9);
  const core::Mark mark = till.mark(Stream::sale, 1);
  auto lost = sqlite::Connection::open(till.folder.file("till.db"), sqlite::Mode::read_only).value();
  std::thread writer([&] {
    for (int i = 0; i < 300; ++i) CHECK(till.replica->reload(*lost).ok());
  });
  for (int i = 0; i < 300; ++i) {
    CHECK(till.load(Stream::sale).envelopes.size() == 1);
    CHECK(till.replica->agrees(till.db(), mark).value());
  }
  writer.join();
}

TEST_CASE("the report tells what waits and since when") {
  Till till;
  SyncReport report = sync_report(till.db()).value();
  CHECK(report.lag[0].envelopes == 0);
  CHECK_FALSE(report.lag[0].oldest);
  const auto cup = till.add_product("cup", 500, 9);
  const Time first = till.clock.now();
  till.clock.advance_ms(1000);
  till.sold({one(cup)});
  report = sync_report(till.db()).value();
  CHECK(report.lag[0].envelopes == 2);
  CHECK(report.lag[0].oldest == first);
  CHECK(report.lag[1].envelopes == 1);
  CHECK(till.confirms(till.mark(Stream::sale, 1)));
  report = sync_report(till.db()).value();
  CHECK(report.lag[0].envelopes == 1);
  CHECK(report.lag[0].oldest == till.clock.now());
}

TEST_CASE("the hub's epoch is remembered") {
  Till till;
  CHECK(till.state().hub_epoch == core::HubEpoch{});
  REQUIRE(till.write([&] { return till.replica->note_hub(till.tx(), {1, 2, 3}); }).ok());
  till.restart();
  CHECK(till.state().hub_epoch == core::HubEpoch{1, 2, 3});
}
