// What nodes pull: everything, in order, in pages that fit; and when they have to start over (30-sync, Down;
// 31-sync-review A3, A4, A5, B8, B9, C4, C9).
#include "hub/hub_fixture.h"

using namespace till;
using core::Scope;
using test::HubFixture;
using test::items;
using test::Till;
using test::uuid;

namespace {

const Uuid kCup = uuid(1);

struct OneTill : HubFixture {
  Till a{*this, "s1", "A1"};
  OneTill() { a.greet(); }
};

core::SetHash digest_of(const std::vector<core::RowImage>& rows) {
  core::SetHash sum;
  for (const core::RowImage& row : rows) sum.add(core::write_image(row));
  return sum;
}

}  // namespace

TEST_CASE("an empty hub answers an empty last page") {
  OneTill hub;
  for (const Scope scope : core::kScopes) {
    const core::Page page = hub.a.pull(scope);
    CHECK(page.last);
    CHECK(page.items.empty());
    CHECK(page.to == core::Position{});
    CHECK(page.marks.size() == core::kStreamCount);
    CHECK(page.session.hub_epoch == hub.identity.epoch);
  }
}

TEST_CASE("a row comes at its newest rev only, and the digest is that of the rows that came") {
  OneTill hub;
  for (uint32_t n = 1; n <= 4; ++n) hub.a.create(uuid(n), "S-" + std::to_string(n)).send_edits();
  const core::Position early = hub.a.pull(Scope::tenant).to;
  hub.a.change(uuid(2), "price", "5").send_edits();
  hub.a.change(uuid(2), "price", "6").send_edits();
  const auto pages = hub.a.pull_all(Scope::tenant);
  const auto rows = items<core::RowImage>(pages);
  REQUIRE(rows.size() == 4);
  CHECK(rows.back().id == uuid(2));
  CHECK(rows.back().rev == 6);
  CHECK(pages.back().digest == digest_of(rows));
  const auto later = items<core::RowImage>(hub.a.pull_all(Scope::tenant, early));
  REQUIRE(later.size() == 1);
  CHECK(later[0].find("price")->value == "6");
}

TEST_CASE("the digest follows removals and revivals") {
  OneTill hub;
  hub.a.create(kCup, "A").create(uuid(2), "B").send_edits();
  core::RowEdit gone = Till::product(core::Action::remove, kCup, {});
  for (const core::RowField& f : hub.image(kCup).fields) gone.fields.push_back({f.name, f.tags, f.value, "null"});
  hub.a.edit(gone).send_edits();
  auto pages = hub.a.pull_all(Scope::tenant);
  CHECK(items<core::RowImage>(pages).size() == 2);
  CHECK(pages.back().digest == digest_of(items<core::RowImage>(pages)));
  hub.a.change(kCup, "name", "\"x\"").send_edits();
  pages = hub.a.pull_all(Scope::tenant);
  CHECK(pages.back().digest == digest_of(items<core::RowImage>(pages)));
}

TEST_CASE("pages are bounded by items and by bytes, follow each other without a hole, and never split an envelope") {
  OneTill hub;
  Till b(hub, "s1", "B1");
  b.greet();
  for (int i = 0; i < 1200; ++i) hub.a.sell(kCup, 1000);
  hub.a.send();
  domain::Order large;  // more than a page by itself
  large.id = hub.ids.next_parent();
  large.business_date = 20260105;
  large.receipt_number = "A1-X-1";
  for (uint32_t n = 0; n < 1500; ++n) {
    domain::OrderLine& line = large.lines.emplace_back();
    line.product_id = uuid(1000 + n);
    line.name = std::string(100, 'n');
    line.quantity = 1000;
    line.moved = -1000;
  }
  hub.a.add_order(large).sell(kCup, 1).send();
  const auto pages = b.pull_all(Scope::store);
  CHECK(pages.size() > 4);
  const auto facts = items<core::Fact>(pages);
  CHECK(facts.size() == 1202);
  CHECK(items<core::Conflict>(pages).size() == 1501);  // each product of it was oversold
  for (size_t i = 0; i < pages.size(); ++i) {
    CHECK(pages[i].last == (i + 1 == pages.size()));
    CHECK(pages[i].items.size() < 2600);
    if (i > 0) CHECK(pages[i].from == pages[i - 1].to);
    size_t conflicts = items<core::Conflict>({pages[i]}).size();
    if (conflicts > 1) CHECK(conflicts == 1500);  // in one page with its sale
  }
}

TEST_CASE("A3: facts of the asking epoch come as a reference, those of a former epoch and of others in full") {
  OneTill hub;
  Till b(hub, "s1", "B1"), other_store(hub, "s2", "C1");
  b.greet();
  other_store.greet();
  other_store.sell(kCup, 1).send();
  hub.a.sell(kCup, 1).sell(kCup, 1).send();
  b.sell(kCup, 1).send();
  hub.a.sell(kCup, 1).send();
  auto pages = hub.a.pull_all(Scope::store);
  REQUIRE(items<core::Own>(pages).size() == 1);
  CHECK(items<core::Own>(pages)[0].seq == 3);
  CHECK(items<core::Own>(pages)[0].hash == hub.a.hash());
  CHECK(items<core::Fact>(pages).size() == 1);
  CHECK(items<core::Fact>(pages)[0].node == "B1");
  Till rebuilt(hub, "s1", "A1", 9);
  rebuilt.greet();
  pages = rebuilt.pull_all(Scope::store);
  CHECK(items<core::Own>(pages).empty());
  CHECK(items<core::Fact>(pages).size() == 4);
  CHECK(items<core::Fact>(pages)[0].epoch == hub.a.epoch());
}

TEST_CASE("a fact is passed on as it came") {
  OneTill hub;
  Till b(hub, "s1", "B1");
  b.greet();
  core::Up up = hub.a.sell(kCup, 1).batch();
  up.envelopes[0].trace = {1, 2, 3};
  up.envelopes[0].hash = core::chained(up.former, up.envelopes[0]);
  hub.a.deliver(up);
  const auto facts = items<core::Fact>(b.pull_all(Scope::store));
  REQUIRE(facts.size() == 1);
  CHECK(core::chained(up.former, facts[0].envelope) == up.envelopes[0].hash);
}

TEST_CASE("A5: a position or a belief that is not of our past starts the scope over") {
  OneTill hub;
  hub.a.create(kCup, "A").create(uuid(2), "B").send_edits();
  const core::Position now = hub.a.pull(Scope::tenant).to;
  CHECK_FALSE(hub.a.pull(Scope::tenant, now, now).resync);
  core::Position wrong = now;
  wrong.chain[0] ^= 1;
  CHECK(hub.a.pull(Scope::tenant, wrong).resync);
  CHECK(hub.a.pull(Scope::tenant, {}, wrong).resync);
  CHECK(hub.a.pull(Scope::tenant, {now.rev + 1, now.chain}).resync);
  CHECK(hub.a.pull(Scope::tenant, now, {now.rev + 9, now.chain}).resync);
  CHECK(hub.a.pull(Scope::tenant, {0, now.chain}).resync);
}

TEST_CASE("A5: a hub that was put back to an earlier time and went on is found out, also by a node it never outran") {
  OneTill hub;
  hub.a.create(kCup, "A").send_edits();
  const core::Page before = hub.a.pull(Scope::tenant);
  hub.write([](sqlite::Connection& tx) { return tx.execute("CREATE TABLE saved AS SELECT * FROM changes"); });
  hub.a.create(uuid(2), "B").send_edits();
  const core::Page after = hub.a.pull(Scope::tenant, before.to, before.head);
  // The restore: rev 2 never happened; something else takes its place.
  hub.write([](sqlite::Connection& tx) {
    return tx.execute(
        "DELETE FROM changes WHERE rev > 1; DELETE FROM shared_rows WHERE rev > 1; DELETE FROM row_keys;"
        "UPDATE scopes SET rev = 1, chain = (SELECT chain FROM saved WHERE rev = 1);"
        "DELETE FROM seqs; DELETE FROM streams; DELETE FROM nodes");
  });
  Till b(hub, "s1", "B1"), a_again = hub.a;
  b.greet();
  a_again.greet();
  b.create(uuid(3), "C").create(uuid(4), "D").send_edits();
  CHECK(a_again.pull(Scope::tenant, after.to, after.head).resync);
  CHECK(a_again.pull(Scope::tenant, before.to, after.head).resync);
  CHECK_FALSE(a_again.pull(Scope::tenant, before.to, before.head).resync);
}

TEST_CASE("A4: a page says how far the hub is with the asking node") {
  OneTill hub;
  hub.a.sell(kCup, 1).sell(kCup, 1).send();
  const core::Page page = hub.a.pull(Scope::tenant);
  CHECK(page.marks[0].applied == 2);
  CHECK(page.marks[0].hash == hub.a.hash());
}

TEST_CASE("B8, B9: who pulls from before what was forgotten starts over, unless that pull began under the same mark") {
  OneTill hub;
  for (uint32_t n = 1; n <= 6; ++n) hub.a.create(uuid(n), "S-" + std::to_string(n)).send_edits();
  auto position = [&](int64_t rev) { return core::Position{rev, **hub::chain_at(*hub.db, hub::kTenant, rev)}; };
  hub.write([](sqlite::Connection& tx) { return tx.run("UPDATE scopes SET gc_rev = 4"); });
  CHECK(hub.a.pull(Scope::tenant, position(3)).resync);
  CHECK_FALSE(hub.a.pull(Scope::tenant, position(4)).resync);
  CHECK_FALSE(hub.a.pull(Scope::tenant).resync);
  CHECK(hub.a.pull(Scope::tenant).gc_rev == 4);
  CHECK_FALSE(hub.a.pull(Scope::tenant, position(3), {}, 4).resync);
  hub.write([](sqlite::Connection& tx) { return tx.run("UPDATE scopes SET gc_rev = 5"); });
  CHECK(hub.a.pull(Scope::tenant, position(3), {}, 4).resync);
}

TEST_CASE("a pull from another hub's time, or before any hello, is sent back to greet") {
  OneTill hub;
  Till stranger(hub, "s1", "X1");
  CHECK(stranger.pull(Scope::tenant).rehello);
  Till forked(hub, "s1", "A1", 5);
  CHECK(forked.pull(Scope::tenant).rehello);
  hub.identity.epoch = {7};
  const core::Pull old{.session = {{}, {8}, hub.a.epoch()}};
  CHECK(hub::make_page(*hub.db, hub.identity, hub.a.name(), old)->rehello);
}
