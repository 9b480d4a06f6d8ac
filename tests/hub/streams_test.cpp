// A node's streams at the hub: what follows, what comes again, what belongs to another history, what is lost, and what
// is poison (30-sync, Up; 31-sync-review A1, A2, A7, C6).
#include "hub/hub_fixture.h"

using namespace till;
using test::HubFixture;
using test::Till;
using test::uuid;

namespace {

const Uuid kCup = uuid(1);

}  // namespace

TEST_CASE("nothing is taken from a node that has not greeted, or that speaks to another hub") {
  HubFixture hub;
  Till a(hub, "s1", "A1");
  a.sell(kCup, 1000);
  core::Up up = a.batch();
  CHECK(a.deliver(up).rehello);
  a.greet();
  up.session.hub_epoch = {1, 2, 3};
  const core::Ack refused = a.deliver(up);
  CHECK(refused.rehello);
  CHECK(refused.session.hub_epoch == hub.identity.epoch);
  CHECK(hub.number("SELECT count(*) FROM facts") == 0);
  up.session = a.session();
  CHECK(a.deliver(up).mark.applied == 1);
}

TEST_CASE("a welcome says how far each stream is, with the hash there") {
  HubFixture hub;
  Till a(hub, "s1", "A1");
  const core::Welcome first = a.greet();
  REQUIRE(first.marks.size() == core::kStreamCount);
  for (const core::Mark& mark : first.marks) {
    CHECK(mark.applied == 0);
    CHECK(mark.hash == core::stream_start(a.epoch(), mark.stream));
  }
  a.sell(kCup, 1000).sell(kCup, 1000).send();
  const core::Mark mark = a.greet().marks[0];
  CHECK(mark.applied == 2);
  CHECK(mark.at == 2);
  CHECK(mark.hash == a.hash());
}

TEST_CASE("a batch that comes again, whole or in part, changes nothing and is acknowledged") {
  HubFixture hub;
  Till a(hub, "s1", "A1");
  a.greet();
  const core::Up first = a.sell(kCup, 1000).sell(kCup, 2000).batch();
  const core::Up second = a.sell(kCup, 4000).batch();
  core::Up both = first;
  both.envelopes.push_back(second.envelopes[0]);
  for (const core::Up& up : {first, first, both, first, second}) {
    const core::Ack ack = a.deliver(up);
    CHECK_FALSE(ack.gap);
    CHECK(ack.mark.at == up.first + static_cast<int64_t>(up.envelopes.size()) - 1);
    CHECK(ack.mark.hash == up.envelopes.back().hash);
  }
  CHECK(hub.number("SELECT count(*) FROM facts") == 3);
  CHECK(hub.on_hand(kCup) == -7000);
}

TEST_CASE("a batch beyond a gap is not applied") {
  HubFixture hub;
  Till a(hub, "s1", "A1");
  a.greet();
  a.sell(kCup, 1000).send();
  const core::Up missing = a.sell(kCup, 1000).batch();
  const core::Up early = a.sell(kCup, 1000).batch();
  const core::Ack ack = a.deliver(early);
  CHECK(ack.gap);
  CHECK(ack.mark.applied == 1);
  CHECK(ack.mark.at == 1);
  CHECK(a.deliver(missing).mark.applied == 2);
  CHECK(a.deliver(early).mark.applied == 3);
}

TEST_CASE("A1: a copy that made other facts under the same seqs is told by the hash, and none of them is taken") {
  HubFixture hub;
  Till a(hub, "s1", "A1");
  a.greet();
  a.sell(kCup, 1000).send();
  Till copy = a;
  const core::Hash truth = (a.sell(kCup, 1000).send(), a.hash());
  const core::Ack same_seq = copy.deliver(copy.sell(kCup, 9000).batch());
  CHECK(same_seq.gap);
  CHECK(same_seq.mark.at == 2);
  CHECK(same_seq.mark.hash == truth);
  CHECK(same_seq.mark.hash != copy.hash());
  const core::Ack next_seq = copy.deliver(copy.sell(kCup, 9000).batch());
  CHECK(next_seq.gap);
  CHECK(next_seq.mark.at == 2);
  CHECK(next_seq.mark.hash == truth);
  CHECK(hub.on_hand(kCup) == -2000);
}

TEST_CASE("A1: a restored node that names less than the hub has gets the hash where it stands") {
  HubFixture hub;
  Till a(hub, "s1", "A1");
  a.greet();
  a.sell(kCup, 1000).send();
  Till restored = a;
  a.sell(kCup, 1000).sell(kCup, 1000).send();
  const core::Mark mark = restored.greet().marks[0];
  CHECK(mark.applied == 3);
  CHECK(mark.at == 1);
  CHECK(mark.hash == restored.hash());
  const core::Page page = restored.pull(core::Scope::store);
  CHECK(page.marks[0].applied == 3);
  CHECK(page.marks[0].at == 1);
}

TEST_CASE("A2: what a copy wraps anew in another epoch is applied once by its uid, and only acknowledged again") {
  HubFixture hub;
  Till a(hub, "s1", "A1");
  a.greet();
  const core::Up old = a.sell(kCup, 1000).sell(kCup, 2000).batch();
  a.deliver(old);
  Till forked(hub, "s1", "A1", 2);
  forked.greet();
  for (const core::Envelope& e : old.envelopes) forked.add(core::Stream::sale, e.uid, e.kind, e.body, e.hlc);
  forked.sell(kCup, 4000);
  const core::Ack ack = forked.send();
  CHECK(ack.mark.applied == 3);
  CHECK(ack.mark.hash == forked.hash());
  CHECK(hub.on_hand(kCup) == -7000);
  CHECK(hub.number("SELECT count(*) FROM facts") == 3);
}

TEST_CASE("A7: what a node lost is skipped and noted, and the stream goes on behind it") {
  HubFixture hub;
  Till a(hub, "s1", "A1");
  a.greet();
  a.create(uuid(1), "A").send_edits();
  a.create(uuid(2), "B").create(uuid(3), "C").batch(core::Stream::shop);
  const core::Mark mark = a.greet({0, 3, 0}).marks[1];
  CHECK(mark.applied == 3);
  CHECK(mark.at == 1);
  CHECK(hub.number("SELECT last - first FROM gaps") == 1);
  const core::Ack ack = a.create(uuid(4), "D").send_edits();
  CHECK_FALSE(ack.gap);
  CHECK(ack.mark.applied == 4);
  CHECK(ack.mark.hash == a.hash(core::Stream::shop));
  CHECK(a.greet({0, 3, 0}).marks[1].applied == 4);
  CHECK(hub.number("SELECT count(*) FROM gaps") == 1);
}

TEST_CASE("a fact of a time that no clock shows is quarantined: tills would not book it either") {
  HubFixture hub;
  Till a(hub, "s1", "A1");
  a.greet();
  for (const int64_t hlc : {int64_t{-1}, int64_t{1} << 62, INT64_MAX}) a.move(kCup, 1000, hlc);
  a.move(kCup, 2000, (int64_t{1} << 62) - 1);
  CHECK(a.send().mark.applied == 4);
  CHECK(hub.on_hand(kCup) == 2000);
  CHECK(hub.held().size() == 3);
}

TEST_CASE("an envelope that can never be applied is quarantined whole, and those behind it are applied") {
  HubFixture hub;
  Till a(hub, "s1", "A1");
  a.greet();
  a.sell(kCup, 1000);
  a.add(core::Stream::sale, uuid(50), core::Kind::order, {1, 2, 3});
  a.add(core::Stream::sale, uuid(51), core::Kind::stock, {});
  a.add(core::Stream::sale, uuid(52), core::Kind::edit, {9});
  const auto stolen = domain::stock_body({.id = uuid(53), .product_id = kCup, .moved = 1, .business_date = 20260105});
  a.add(core::Stream::sale, uuid(54), core::Kind::stock, stolen);  // under another uid than its own
  a.sell(kCup, 1000);
  CHECK(a.send().mark.applied == 6);
  CHECK(hub.on_hand(kCup) == -2000);
  const auto held = hub.held();
  REQUIRE(held.size() == 4);
  CHECK(held[3].envelope.uid == uuid(50));
  CHECK(held[3].envelope.body == Bytes{1, 2, 3});
  CHECK(held[3].envelope.seq == 2);
  CHECK(held[3].node == "A1");
  CHECK(held[3].reason == "malformed");
  CHECK(a.pull(core::Scope::store).held.size() == 4);

  Till forked(hub, "s1", "A1", 2);  // A9: the uid is known in the quarantine, too
  forked.greet();
  forked.add(core::Stream::sale, uuid(50), core::Kind::order, {1, 2, 3});
  CHECK(forked.send().mark.applied == 1);
  CHECK(hub.held().size() == 4);
  CHECK(forked.pull(core::Scope::store).held.size() == 4);
}

TEST_CASE("an envelope of a schema from later is kept for a hub that knows it") {
  HubFixture hub;
  Till a(hub, "s1", "A1");
  a.greet();
  core::Up up = a.sell(kCup, 1000).batch();
  up.envelopes[0].schema = 2;
  up.envelopes[0].hash = core::chained(up.former, up.envelopes[0]);
  CHECK(a.deliver(up).mark.applied == 1);
  REQUIRE(hub.held().size() == 1);
  CHECK(hub.held()[0].reason == "unknown_schema");
}

namespace {

/// One sale makes the hub's database fail, as a bug would, again and again.
void poison(HubFixture& hub, const Uuid& uid) {
  REQUIRE(hub.db
              ->execute("CREATE TRIGGER poison BEFORE INSERT ON facts WHEN hex(new.uid) = upper('" + to_hex(uid.bytes) +
                        "') BEGIN SELECT raise(ABORT, 'poison'); END")
              .ok());
}

hub::Way note(HubFixture& hub, const Till& till, const core::Up& up, bool alone) {
  auto way = hub.in_write([&](auto& tx) { return hub.applier.note(tx, till.name(), up, alone); });
  REQUIRE(way.ok());
  return *way;
}

bool applies(HubFixture& hub, const Till& till, const core::Up& up, hub::Way way) {
  return hub.in_write([&](auto& tx) { return hub.applier.apply(tx, till.name(), up, way); }).ok();
}

}  // namespace

TEST_CASE("C6: what fails again and again is taken apart the third time, and only the poison is quarantined") {
  HubFixture hub;
  Till a(hub, "s1", "A1");
  a.greet();
  const core::Up up = a.sell(kCup, 1000).sell(kCup, 2000).sell(kCup, 4000).batch();
  poison(hub, up.envelopes[1].uid);
  for (int i = 0; i < 2; ++i) {
    CHECK(note(hub, a, up, false) == hub::Way::whole);
    CHECK_FALSE(applies(hub, a, up, hub::Way::whole));
    CHECK(hub.number("SELECT count(*) FROM facts") == 0);
  }
  CHECK(note(hub, a, up, false) == hub::Way::apart);
  const auto parts = hub::taken_apart(up);
  REQUIRE(parts.size() == 3);
  CHECK(note(hub, a, parts[0], true) == hub::Way::whole);
  CHECK(applies(hub, a, parts[0], hub::Way::whole));
  for (int i = 0; i < 2; ++i) {
    CHECK(note(hub, a, parts[1], true) == hub::Way::whole);
    CHECK_FALSE(applies(hub, a, parts[1], hub::Way::whole));
  }
  CHECK(note(hub, a, parts[1], true) == hub::Way::unseen);
  CHECK(applies(hub, a, parts[1], hub::Way::unseen));
  CHECK(note(hub, a, parts[2], true) == hub::Way::whole);
  CHECK(applies(hub, a, parts[2], hub::Way::whole));
  CHECK(hub.on_hand(kCup) == -5000);
  REQUIRE(hub.held().size() == 1);
  CHECK(hub.held()[0].envelope.uid == up.envelopes[1].uid);
  CHECK(hub.number("SELECT count(*) FROM attempts WHERE alone = 1") == 0);
  CHECK_FALSE(a.deliver(up).gap);  // the node may well send all of it again

  REQUIRE(hub.db->execute("DROP TRIGGER poison").ok());
  const auto retried = hub.in_write([&](auto& tx) { return hub.applier.retry(tx, up.envelopes[1].uid); });
  REQUIRE(retried.ok());
  CHECK(retried->status == hub::HeldStatus::applied);
  CHECK(hub.on_hand(kCup) == -7000);
  CHECK(hub.held().empty());
  CHECK(a.pull(core::Scope::store).held.empty());
}

TEST_CASE("C6: neither a batch that is early nor one that the machine failed gets nearer to quarantine") {
  HubFixture hub;
  Till a(hub, "s1", "A1");
  a.greet();
  const core::Up missing = a.sell(kCup, 1000).batch();
  const core::Up early = a.sell(kCup, 1000).batch();
  for (int i = 0; i < 5; ++i) {
    CHECK(note(hub, a, early, true) == hub::Way::whole);
    CHECK(a.deliver(early).gap);
    CHECK(note(hub, a, missing, true) == hub::Way::whole);
    hub.write([&](auto& tx) { return hub.applier.forget_try(tx, a.name(), missing); });
  }
}

TEST_CASE("A8: an ignored sale is booked and taken back, so that node and hub have the same") {
  HubFixture hub;
  Till a(hub, "s1", "A1"), b(hub, "s1", "B1");
  a.greet();
  b.greet();
  const core::Up up = a.sell(kCup, 1000).batch();
  poison(hub, up.envelopes[0].uid);
  a.deliver(up, hub::Way::unseen);
  REQUIRE(hub.db->execute("DROP TRIGGER poison").ok());
  const auto ignored = hub.in_write([&](auto& tx) { return hub.applier.ignore(tx, up.envelopes[0].uid, "a test"); });
  REQUIRE(ignored.ok());
  CHECK(ignored->status == hub::HeldStatus::ignored);
  CHECK(hub.on_hand(kCup) == 0);
  const auto facts = test::items<core::Fact>(b.pull_all(core::Scope::store));
  REQUIRE(facts.size() == 2);
  CHECK(facts[0].envelope.uid == up.envelopes[0].uid);
  CHECK(facts[1].node == "hub");
  const auto body = hub::split_receipt(facts[1].envelope.body);
  REQUIRE(body.has_value());
  const auto counter = domain::read_journal_body(body->body);
  REQUIRE(counter.ok());
  CHECK(counter->order.kind == domain::OrderKind::void_);
  CHECK(counter->order.total == -1000);
  CHECK(counter->order.lines[0].moved == 1000);
  CHECK(counter->order.of_order_id == up.envelopes[0].uid);
  CHECK(counter->order.reason == "ignored: a test");
  CHECK_FALSE(hub.in_write([&](auto& tx) { return hub.applier.retry(tx, up.envelopes[0].uid); }).ok());
  CHECK_FALSE(hub.in_write([&](auto& tx) { return hub.applier.ignore(tx, uuid(99), "x"); }).ok());
}

TEST_CASE("A8: an ignored count leaves what was there; what cannot be read is only put aside") {
  HubFixture hub;
  Till a(hub, "s1", "A1");
  a.greet();
  a.move(kCup, 5000).send();
  const core::Up up = a.count(kCup, 9000).batch();
  a.deliver(up, hub::Way::unseen);
  CHECK(hub.in_write([&](auto& tx) { return hub.applier.ignore(tx, up.envelopes[0].uid, "x"); }).ok());
  CHECK(hub.on_hand(kCup) == 5000);
  a.move(kCup, 1).send();
  CHECK(hub.on_hand(kCup) == 5001);
  a.add(core::Stream::sale, uuid(50), core::Kind::order, {1}).send();
  CHECK(hub.in_write([&](auto& tx) { return hub.applier.ignore(tx, uuid(50), "x"); }).ok());
  CHECK(hub.held().empty());
}

TEST_CASE("a revoked node is told so, and nothing more is taken from it") {
  HubFixture hub;
  Till a(hub, "s1", "A1");
  a.greet();
  const auto node = hub::find_node(*hub.db, a.name());
  hub.write([&](auto& tx) { return hub::set_revoked(tx, (*node)->row, true); });
  CHECK(a.greet().verdict == core::Verdict::revoked);
  CHECK_FALSE(applies(hub, a, a.sell(kCup, 1).batch(), hub::Way::whole));
  hub.write([&](auto& tx) { return hub::set_revoked(tx, (*node)->row, false); });
  CHECK(a.greet().verdict == core::Verdict::resume);
}

TEST_CASE("the first key of a node is kept; another one does not replace it until an operator says so") {
  HubFixture hub;
  const core::NodeName name{"shop", "s1", "A1"};
  core::Hello hello;
  hello.key = core::Key{1};
  auto greet = [&] { return hub.in_write([&](auto& tx) { return hub.applier.welcome(tx, name, hello); }).ok(); };
  CHECK(greet());
  hello.key = core::Key{2};
  CHECK(greet());
  auto node = hub::find_node(*hub.db, name);
  CHECK((*node)->key == core::Key{1});
  hub.write([&](auto& tx) { return hub::forget_key(tx, (*node)->row); });
  CHECK(greet());
  node = hub::find_node(*hub.db, name);
  CHECK((*node)->key == core::Key{2});
}
