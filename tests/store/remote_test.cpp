// Facts of the store's other tills: each counts once, in whatever order they come; a count is a count everywhere.
#include "store/remote.h"

#include <rapidcheck.h>

#include <algorithm>

#include "store/facts.h"
#include "store/orders.h"
#include "store/shelf.h"
#include "sync/core/hlc.h"

using namespace till;
using namespace till::store;
using domain::StockEntryKind;

namespace {

constexpr int64_t kBase = 100;

// A till of the store, with the one product that all of them have.
struct Node : Shelf {
  Identity identity;
  int64_t wall_ms = 1'767'603'600'000, hlc = 0, receipts = 0;
  std::optional<domain::Product> cup;

  explicit Node(uint64_t seed) : bytes(seed) {
    identity = create_identity(db, {"shop", "main", "A" + std::to_string(seed), "EUR"}, bytes, {wall_ms}).value();
  }
  /// The product comes, and with it what waited for it.
  void get_cup(const Uuid& id) {
    if (cup) return;
    domain::Product product;
    product.id = id;
    product.name = product.sku = product.slug = "cup";
    REQUIRE(add_product(db, product, stamp).ok());
    REQUIRE(book_waiting(db, id, kBase).ok());
    cup = product;
  }
  int64_t next_fact() { return newest_fact(db).value() + 1; }
  core::Envelope newest() {
    const int64_t fact = newest_fact(db).value();
    return load_facts(db, identity, fact, 1).value().at(0);
  }
  int64_t on_hand() { return number("SELECT on_hand FROM stock"); }

  core::Envelope enter(StockEntryKind kind, int64_t moved, std::optional<int64_t> counted = {}) {
    hlc = core::next_hlc(hlc, {wall_ms});
    const StockEntry entry{.fact = next_fact(),
                           .id = uids.next(),
                           .product_row = cup->row,
                           .kind = kind,
                           .moved = moved,
                           .counted = counted,
                           .reason = "r",
                           .at = {wall_ms},
                           .business_date = 20260105,
                           .hlc = hlc};
    REQUIRE(add_stock_entry(db, entry, kBase).ok());
    return newest();
  }
  core::Envelope count(int64_t n) { return enter(StockEntryKind::count, n - on_hand(), n); }
  /// A sale with two lines of the product.
  core::Envelope sell(int64_t first, int64_t second) {
    hlc = core::next_hlc(hlc, {wall_ms});
    domain::Order order;
    order.row = next_fact();
    order.id = uids.next_parent();
    order.created_at = {wall_ms};
    order.hlc = hlc;
    order.business_date = 20260105;
    order.currency = "EUR";
    order.epoch_row = identity.epoch_row;
    order.receipt_n = ++receipts;
    for (const int64_t quantity : {first, second}) {
      domain::OrderLine& line = order.lines.emplace_back();
      line.product_row = cup->row;
      line.product_id = cup->id;
      line.name = "cup";
      line.quantity = quantity;
      line.moved = -quantity;
    }
    REQUIRE(add_lines(db, order, {domain::StockPolicy::allow, domain::StockPolicy::allow}, kBase).ok());
    REQUIRE(add_order(db, order, {}).ok());
    return newest();
  }
  void hear(const std::string& node, const core::Envelope& envelope) {
    const RemoteFact fact = read_fact(node, envelope);
    REQUIRE(fact.is_read());
    REQUIRE(book_fact(db, fact, kBase).ok());
    hlc = std::max(hlc, fact.hlc);
  }
  std::vector<domain::Movement> ledger() {
    const auto stock = get_stock(db, cup->id).value();
    std::vector<domain::Movement> all;
    int64_t from = 0;
    do {
      const auto page = list_movements(db, stock, from, 3).value();
      all.insert(all.end(), page.items.begin(), page.items.end());
      from = page.next;
    } while (from != 0);
    return all;
  }

 private:
  test::FakeRandom bytes;
  IdSource uids{clock, bytes};
};

/// What the rule of counts says of a set of facts.
int64_t expected_sum(const std::vector<core::Envelope>& facts) {
  std::pair<int64_t, Uuid> newest{};
  int64_t sum = 0;
  for (const core::Envelope& e : facts) {
    const RemoteFact fact = read_fact("", e);
    if (fact.entry_kind != StockEntryKind::count || std::pair(e.hlc, e.uid) < newest) continue;
    newest = {e.hlc, e.uid};
    sum = *fact.movements[0].counted;
  }
  for (const core::Envelope& e : facts)
    for (const RemoteMovement& movement : read_fact("", e).movements)
      if (!movement.counted && e.hlc > newest.first) sum += movement.quantity;
  return sum;
}

}  // namespace

TEST_CASE("another till's sale moves the stock and stands in the ledger under its name") {
  Node here(1), there(2);
  const Uuid id = here.ids.next();
  here.get_cup(id);
  there.get_cup(id);
  const auto receipt = there.enter(StockEntryKind::receive, 9000);
  const auto sale = there.sell(1000, 2000);
  for (int twice = 0; twice < 2; ++twice) {
    here.hear("A2", receipt);
    here.hear("A2", sale);
  }
  CHECK(here.on_hand() == 6000);
  here.sell(500, 500);
  CHECK(here.on_hand() == 5000);
  const auto ledger = here.ledger();
  REQUIRE(ledger.size() == 5);
  CHECK(ledger[0].node.empty());
  CHECK(ledger[2].node == "A2");
  CHECK(ledger[2].kind == "sale");
  CHECK(ledger[2].order_id == sale.uid);
  CHECK(ledger[2].id == sale.uid.child(2));
  CHECK(ledger[2].moved == -2000);
  CHECK(ledger[4].kind == "receive");
  CHECK(ledger[4].id == receipt.uid);
  CHECK(ledger[4].reason == "r");
  CHECK_FALSE(find_unequal_stock(here.db).value());
}

TEST_CASE("an own fact that comes back is known; one of a lost life is booked") {
  Node here(1), former(1);
  const Uuid id = here.ids.next();
  here.get_cup(id);
  former.get_cup(id);
  former.wall_ms += 5;
  const auto entry = here.enter(StockEntryKind::receive, 9000);
  const auto sale = here.sell(1000, 0);
  here.hear("A1", entry);
  here.hear("A1", sale);
  CHECK(here.on_hand() == 8000);
  CHECK(here.number("SELECT count(*) FROM remote_facts") == 0);
  former.sell(0, 0);  // other ids than those above
  former.sell(0, 0);
  here.hear("A1", former.sell(3000, 0));
  CHECK(here.on_hand() == 5000);
}

TEST_CASE("a count undoes what it did not know of and what came late, and no more") {
  Node here(1), there(2);
  const Uuid id = here.ids.next();
  here.get_cup(id);
  there.get_cup(id);
  here.hear("A2", there.enter(StockEntryKind::receive, 10'000));
  there.wall_ms += 10;
  const auto late = there.sell(3000, 0);
  here.wall_ms += 20;
  here.count(7000);  // the shelf, after a sale that is not known here yet
  CHECK(here.on_hand() == 7000);
  here.hear("A2", late);
  CHECK(here.on_hand() == 7000);
  CHECK(here.ledger()[0].moved == 0);
  here.sell(1000, 0);
  there.wall_ms += 5;
  here.hear("A2", there.count(9999));  // older than ours
  CHECK(here.on_hand() == 6000);
  there.wall_ms += 100;
  const auto newer = there.count(5000);
  here.wall_ms += 200;
  here.sell(500, 0);  // after it
  here.hear("A2", newer);
  CHECK(here.on_hand() == 4500);
  CHECK_FALSE(find_unequal_stock(here.db).value());
}

TEST_CASE("what comes before its product waits for it, a count too") {
  Node here(1), there(2);
  const Uuid id = here.ids.next();
  there.get_cup(id);
  const auto receipt = there.enter(StockEntryKind::receive, 10'000);
  there.wall_ms += 10;
  const auto count = there.count(4000);
  here.hear("A2", count);
  here.hear("A2", there.sell(500, 500));
  here.hear("A2", receipt);
  CHECK(here.number("SELECT count(*) FROM remote_movements WHERE product IS NULL") == 4);
  here.get_cup(id);
  CHECK(here.on_hand() == 3000);
  CHECK(here.number("SELECT count(*) FROM remote_movements WHERE product IS NULL") == 0);
  CHECK(here.ledger().size() == 4);
  CHECK_FALSE(find_unequal_stock(here.db).value());
}

TEST_CASE("a fact that cannot be read is kept as it came and moves nothing") {
  Node here(1), there(2);
  const Uuid id = here.ids.next();
  here.get_cup(id);
  there.get_cup(id);
  const auto good = there.enter(StockEntryKind::receive, 1000);
  std::vector<core::Envelope> bad(5, good);
  bad[0].schema = 9;
  bad[1].body.pop_back();
  bad[2].kind = core::Kind::order;
  bad[3].hlc = INT64_MAX;
  bad[4].body.clear();
  for (core::Envelope& e : bad) {
    e.uid = there.ids.next();
    const RemoteFact fact = read_fact("A2", e);
    CHECK_FALSE(fact.is_read());
    CHECK(fact.unread == e.body);
    REQUIRE(book_fact(here.db, fact, kBase).ok());
  }
  CHECK(count_unread_facts(here.db).value() == 5);
  CHECK(here.on_hand() == 0);
  here.hear("A2", good);
  CHECK(here.on_hand() == 1000);
}

TEST_CASE("whatever tills do, and in whatever order they hear of it, all of them end with the same stock") {
  CHECK(rc::check([] {
    const auto script = *rc::gen::container<std::vector<std::tuple<int, int, int>>>(
        rc::gen::tuple(rc::gen::inRange(0, 3), rc::gen::inRange(0, 6), rc::gen::inRange(0, 50)));
    std::array<Node, 3> nodes{Node(1), Node(2), Node(3)};
    const Uuid id = nodes[0].ids.next();
    for (size_t n = 0; n < 2; ++n) nodes[n].get_cup(id);  // the third gets it later
    std::vector<core::Envelope> facts;
    std::array<std::vector<std::pair<std::string, core::Envelope>>, 3> unheard;
    const auto tell = [&](size_t author, core::Envelope fact) {
      for (size_t n = 0; n < 3; ++n)
        if (n != author) unheard[n].emplace_back("A" + std::to_string(author + 1), fact);
      facts.push_back(std::move(fact));
    };
    const auto hear = [&](size_t n, size_t which) {
      auto& waiting = unheard[n];
      if (waiting.empty()) return;
      const auto at = waiting.begin() + static_cast<std::ptrdiff_t>(which % waiting.size());
      nodes[n].hear(at->first, at->second);
      waiting.erase(at);
    };
    for (const auto& [node, verb, value] : script) {
      const auto n = static_cast<size_t>(node);
      Node& till = nodes[n];
      if (verb == 4) hear(n, static_cast<size_t>(value));
      if (verb == 5) till.wall_ms += value - 20;  // clocks go their own ways
      if (verb >= 4) continue;
      till.get_cup(id);
      if (verb == 0) tell(n, till.enter(StockEntryKind::receive, value * 1000));
      if (verb == 1) tell(n, till.enter(StockEntryKind::adjust, -value * 1000));
      if (verb == 2) tell(n, till.sell(value * 1000, 500));
      if (verb == 3) tell(n, till.count(value * 1000));
    }
    const int64_t expected = expected_sum(facts);
    for (size_t n = 0; n < 3; ++n) {
      while (!unheard[n].empty()) hear(n, *rc::gen::inRange<size_t>(0, 1000));
      nodes[n].get_cup(id);
      RC_ASSERT(nodes[n].on_hand() == expected);
      RC_ASSERT(!find_unequal_stock(nodes[n].db).value());
    }
  }));
}
