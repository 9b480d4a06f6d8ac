// The node's step: what it sends, waits for and asks again, with a hand-turned clock.
#include "sync/core/session.h"

#include <doctest/doctest.h>

#include "core/samples.h"
#include "support/fake_random.h"

namespace till::core {
namespace {

using till::test::FakeRandom;

// A session whose executor is the test: effects are kept until it looks.
struct Node {
  FakeRandom random;
  NodeSession session;
  int64_t now_ms = 1'000'000;
  std::vector<Effect> effects{};

  explicit Node(State state = {.epoch = {1}}) : session(state, {}, random) {}

  void step(Event event) {
    for (Effect& effect : session.step(std::move(event), now_ms, Time{now_ms})) effects.push_back(std::move(effect));
  }
  void pass(int64_t ms) {
    for (const int64_t end = now_ms + ms; now_ms < end;) {
      now_ms = std::min(end, now_ms + 250);
      step(Ticked{});
    }
  }
  template <class T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const Effect& effect : effects)
      if (const T* match = std::get_if<T>(&effect)) found.push_back(*match);
    return found;
  }
  template <class M>
  std::vector<M> sent() const {
    std::vector<M> found;
    for (const Send& send : all<Send>())
      if (const M* match = std::get_if<M>(&send.message)) found.push_back(*match);
    return found;
  }
  Session live() const { return sent<Hello>().back().session; }

  void link_and_welcome(std::vector<Mark> marks = {}, int64_t credit = 2) {
    step(Linked{});
    Session s = live();
    s.hub_epoch = {9};
    step(Arrived{Welcome{.session = s, .credit = credit, .marks = std::move(marks)}});
    session_ = s;
  }
  // The executor's answer to the Confirms of a welcome.
  void confirm_all() {
    for (const Confirm& c : all<Confirm>()) confirm(c.mark.stream, c.mark.applied);
    effects.clear();
  }
  void confirm(Stream stream, int64_t acked) {
    StreamState state = session.state().streams[index_of(stream)];
    state.acked = acked;
    step(Confirmed{stream, state});
  }
  void make(Stream stream, int64_t head) {
    Made made{};
    for (const Stream s : kStreams) made.heads[index_of(s)] = session.state().streams[index_of(s)].head;
    made.heads[index_of(stream)] = head;
    step(made);
  }
  void load(Stream stream, int64_t first, int64_t last) {
    Loaded loaded{.stream = stream, .former = {}, .envelopes = {}};
    for (int64_t seq = first; seq <= last; ++seq) {
      loaded.envelopes.push_back(test::sample_envelope(1));
      loaded.envelopes.back().seq = seq;
    }
    step(std::move(loaded));
  }
  void ack(Stream stream, int64_t applied, bool gap = false) {
    step(Arrived{Ack{.session = session_, .mark = {.stream = stream, .applied = applied, .at = applied}, .gap = gap}});
  }
  Page answer(const Pull& pull, int64_t to, int64_t head) const {
    Page page{.session = session_, .scope = pull.scope, .id = pull.id, .from = pull.from};
    page.to = {to, {1}};
    page.head = {head, {1}};
    page.last = to == head;
    return page;
  }
  void keep(Scope scope, int64_t rev, int64_t head) {
    Kept kept{.scope = scope, .state = {.cursor = {rev, {1}}, .head = {head, {1}}}, .landed = {}};
    step(kept);
  }
  Session session_{};
};

TEST_CASE("greets when linked, and again with longer waits until it is welcomed") {
  Node node;
  node.pass(10'000);
  CHECK(node.effects.empty());
  node.step(Linked{});
  CHECK(node.sent<Hello>().size() == 1);
  node.pass(300'000);
  const size_t hellos = node.sent<Hello>().size();
  CHECK(hellos >= 300 / 18);  // at least every 15 s and a fifth
  CHECK(hellos <= 300 / 12 + 2);
  CHECK(node.sent<Hello>()[0].session.nonce != node.sent<Hello>()[1].session.nonce);
}

TEST_CASE("a hub that comes back rings, and is greeted soon") {
  Node node;
  node.step(Linked{});
  node.pass(40'000);  // its patience has grown
  node.effects.clear();
  node.step(Rang{Scope::tenant, 1});
  CHECK(node.effects.empty());  // not all tills of a chain at the same moment
  node.pass(1'500);
  CHECK(node.sent<Hello>().size() == 1);
}

TEST_CASE("a welcome for another greeting or epoch is not ours") {
  Node node;
  node.step(Linked{});
  Session s = node.live();
  s.nonce[0] ^= 1;
  node.step(Arrived{Welcome{.session = s}});
  CHECK_FALSE(node.session.welcomed());
  s = node.live();
  s.epoch[0] ^= 1;
  node.step(Arrived{Welcome{.session = s}});
  CHECK_FALSE(node.session.welcomed());
}

TEST_CASE("a welcome confirms every stream, notes the hub and pulls every scope") {
  Node node;
  node.link_and_welcome({{.stream = Stream::sale, .applied = 4, .at = 4}});
  const auto confirms = node.all<Confirm>();
  REQUIRE(confirms.size() == kStreamCount);
  CHECK(confirms[0].mark.applied == 4);
  CHECK(confirms[0].may_lower);
  CHECK(confirms[1].mark.hash == stream_start({1}, Stream::shop));
  CHECK(node.all<NoteHub>().size() == 1);
  CHECK(node.sent<Pull>().size() == kScopeCount);
}

TEST_CASE("told to wait it waits, told that it is revoked it stays silent") {
  Node node;
  node.step(Linked{});
  node.step(Arrived{Welcome{.session = node.live(), .verdict = Verdict::wait, .wait_s = 30}});
  node.effects.clear();
  node.pass(20'000);
  CHECK(node.effects.empty());
  node.pass(20'000);
  CHECK(node.sent<Hello>().size() >= 1);
  node.step(Arrived{Welcome{.session = node.live(), .verdict = Verdict::revoked}});
  node.effects.clear();
  node.pass(100'000);
  CHECK(node.effects.empty());
  CHECK(node.session.revoked());
}

TEST_CASE("no number in a welcome sends it away for good") {
  Node node;
  node.step(Linked{});
  node.step(Arrived{Welcome{.session = node.live(), .verdict = Verdict::wait, .wait_s = INT64_MAX}});
  node.effects.clear();
  node.now_ms += 2 * 3'600'000;
  node.pass(250);
  CHECK(node.sent<Hello>().size() == 1);
}

TEST_CASE("sends up to the credit and goes on with each ack") {
  Node node;
  node.link_and_welcome({}, 2);
  node.confirm_all();
  node.make(Stream::sale, 100);
  CHECK(node.all<Load>().size() == 1);
  node.load(Stream::sale, 1, 10);
  node.load(Stream::sale, 11, 20);
  CHECK(node.sent<Up>().size() == 2);
  CHECK(node.all<Load>().size() == 2);  // the credit is used up
  node.ack(Stream::sale, 10);
  node.confirm(Stream::sale, 10);
  CHECK(node.all<Load>().back().first == 21);
}

TEST_CASE("a gap sends it back once, however many complain") {
  Node node;
  node.link_and_welcome({}, 4);
  node.confirm_all();
  node.make(Stream::sale, 40);
  for (int i = 0; i < 4; ++i) node.load(Stream::sale, i * 10 + 1, i * 10 + 10);
  node.pass(1'500);
  node.effects.clear();
  for (int i = 0; i < 3; ++i) {
    node.ack(Stream::sale, 0, true);
    node.confirm(Stream::sale, 0);
  }
  const auto loads = node.all<Load>();
  REQUIRE(loads.size() == 1);
  CHECK(loads[0].first == 1);
}

TEST_CASE("what is not answered is sent again, and at last it greets anew") {
  Node node;
  node.link_and_welcome();
  node.confirm_all();
  node.make(Stream::shop, 3);
  node.load(Stream::shop, 1, 3);
  for (int i = 0; i < 2; ++i) {
    node.effects.clear();
    node.pass(11'000);
    REQUIRE(node.all<Load>().size() >= 1);
    node.load(Stream::shop, 1, 3);
    CHECK(node.sent<Up>().size() == 1);
  }
  node.effects.clear();
  node.pass(22'000);
  CHECK(node.sent<Hello>().size() >= 1);
}

TEST_CASE("what greets anew pulls nothing under no greeting") {
  Node node;
  node.link_and_welcome();
  node.confirm_all();
  node.make(Stream::shop, 3);
  for (int i = 0; i < 4; ++i) {
    node.load(Stream::shop, 1, 3);
    node.pass(11'000);
  }
  REQUIRE(node.sent<Hello>().size() >= 1);
  for (const Pull& pull : node.sent<Pull>()) CHECK(pull.session.nonce != Nonce{});
}

TEST_CASE("a mark that is late takes nothing back; a welcome's may") {
  Node node;
  node.link_and_welcome();
  node.confirm_all();
  node.make(Stream::sale, 30);
  node.load(Stream::sale, 1, 30);
  node.confirm(Stream::sale, 30);
  node.confirm(Stream::sale, 20);  // of a page that was read before the last ack
  CHECK(node.session.state().streams[0].acked == 30);
  node.step(Unlinked{});
  node.link_and_welcome();
  node.confirm(Stream::sale, 20);
  CHECK(node.session.state().streams[0].acked == 20);
}

TEST_CASE("answers of a former session are not heard") {
  Node node;
  node.link_and_welcome();
  node.confirm_all();
  const Session former = node.session_;
  node.step(Unlinked{});
  node.link_and_welcome();
  node.confirm_all();
  node.step(Arrived{Ack{.session = former, .mark = {.applied = 7, .at = 7}}});
  node.step(Arrived{Page{.session = former, .id = 1}});
  CHECK(node.effects.empty());
}

TEST_CASE("another hub epoch, or less acknowledged than it said, makes it greet") {
  Node node;
  node.link_and_welcome();
  node.confirm_all();
  node.step(Arrived{Ack{.session = node.session_, .rehello = true}});
  CHECK_FALSE(node.session.welcomed());

  node.effects.clear();
  node.pass(2'000);
  node.link_and_welcome({{.stream = Stream::sale, .applied = 5, .at = 5}});
  node.make(Stream::sale, 5);
  node.confirm_all();
  node.ack(Stream::sale, 3, true);
  CHECK_FALSE(node.session.welcomed());
}

TEST_CASE("pulls until it has the head, then rests until a doorbell or the poll") {
  Node node;
  node.link_and_welcome();
  const Pull first = node.sent<Pull>()[0];
  node.confirm_all();
  node.step(Arrived{node.answer(first, 5, 9)});
  CHECK(node.all<Keep>().size() == 1);
  node.effects.clear();
  node.keep(first.scope, 5, 9);
  REQUIRE(node.sent<Pull>().size() == 1);
  const Pull second = node.sent<Pull>()[0];
  CHECK(second.from.rev == 5);
  CHECK(second.head.rev == 9);
  node.step(Arrived{node.answer(second, 9, 9)});
  node.effects.clear();
  node.keep(first.scope, 9, 9);
  CHECK(node.sent<Pull>().empty());
  node.step(Rang{first.scope, 9});  // nothing new
  CHECK(node.sent<Pull>().empty());
  node.step(Rang{first.scope, 10});
  CHECK(node.sent<Pull>().size() == 1);
}

TEST_CASE("without a doorbell it polls") {
  Node node;
  node.link_and_welcome();
  const auto pulls = node.sent<Pull>();
  node.confirm_all();
  for (const Pull& pull : pulls) {
    node.step(Arrived{node.answer(pull, 0, 0)});
    node.keep(pull.scope, 0, 0);
  }
  node.effects.clear();
  node.pass(20'000);
  CHECK(node.sent<Pull>().empty());
  node.pass(20'000);
  CHECK(node.sent<Pull>().size() >= kScopeCount);
}

TEST_CASE("a doorbell that rings during a pull is answered by another") {
  Node node;
  node.link_and_welcome();
  const Pull pull = node.sent<Pull>()[0];
  node.confirm_all();
  node.step(Rang{pull.scope, 3});
  node.step(Arrived{node.answer(pull, 0, 0)});
  node.effects.clear();
  node.keep(pull.scope, 0, 0);
  REQUIRE(node.sent<Pull>().size() == 1);
  node.step(
      Arrived{node.answer(node.sent<Pull>()[0], 0, 0)});  // a retained ring of a hub's lost future: no endless asking
  node.effects.clear();
  node.keep(pull.scope, 0, 0);
  CHECK(node.sent<Pull>().empty());
}

TEST_CASE("a busy shop's doorbell is answered once a second") {
  Node node;
  node.link_and_welcome();
  const auto pulls = node.sent<Pull>();
  node.confirm_all();
  for (const Pull& pull : pulls) {
    node.step(Arrived{node.answer(pull, 0, 0)});
    node.keep(pull.scope, 0, 0);
  }
  int64_t asked = 0;
  for (int64_t rev = 1; rev <= 40; ++rev) {  // ten seconds of sales
    node.effects.clear();
    node.step(Rang{Scope::store, rev});
    node.pass(250);
    for (const Pull& pull : node.sent<Pull>()) {
      if (pull.scope != Scope::store) continue;
      ++asked;
      node.step(Arrived{node.answer(pull, rev, rev)});
      node.keep(Scope::store, rev, rev);
    }
  }
  CHECK(asked >= 8);
  CHECK(asked <= 12);
}

TEST_CASE("a page that nobody asked for, or asked for twice, is not kept") {
  Node node;
  node.link_and_welcome();
  const Pull pull = node.sent<Pull>()[0];
  node.confirm_all();
  Page page = node.answer(pull, 1, 1);
  page.id += 100;
  node.step(Arrived{page});
  CHECK(node.all<Keep>().empty());
  page.id = pull.id;
  node.step(Arrived{page});
  node.step(Arrived{page});
  CHECK(node.all<Keep>().size() == 1);
}

TEST_CASE("a lost pull is asked again under another number") {
  Node node;
  node.link_and_welcome();
  const Pull pull = node.sent<Pull>()[0];
  node.confirm_all();
  node.pass(6'000);
  const auto again = node.sent<Pull>();
  REQUIRE_FALSE(again.empty());
  CHECK(again[0].id != pull.id);
}

TEST_CASE("resync starts the scope over and pulls at once") {
  Node node;
  node.link_and_welcome();
  const Pull pull = node.sent<Pull>()[0];
  node.confirm_all();
  Page page = node.answer(pull, 0, 0);
  page.resync = true;
  node.step(Arrived{page});
  REQUIRE(node.all<StartOver>().size() == 1);
  CHECK(node.all<Keep>().empty());
  node.effects.clear();
  Kept kept{.scope = pull.scope, .state = {.shadow = true}, .landed = {}};
  node.step(kept);
  CHECK(node.sent<Pull>().size() == 1);
}

TEST_CASE("a page that knows less than was acknowledged comes from an earlier hub (A4)") {
  Node node;
  node.link_and_welcome({{.stream = Stream::sale, .applied = 5, .at = 5}});
  node.make(Stream::sale, 5);
  node.confirm_all();
  node.pass(6'000);  // the pulls that went out before the confirmation are repeated
  const Pull pull = node.sent<Pull>()[0];
  Page page = node.answer(pull, 0, 0);
  page.marks = {{.stream = Stream::sale, .applied = 4, .at = 4}};
  node.step(Arrived{page});
  CHECK_FALSE(node.session.welcomed());
  CHECK(node.all<Keep>().empty());
}

TEST_CASE("the ack of an edit fetches its outcome") {
  Node node;
  node.link_and_welcome();
  const auto pulls = node.sent<Pull>();
  node.confirm_all();
  for (const Pull& pull : pulls) {
    node.step(Arrived{node.answer(pull, 0, 0)});
    node.keep(pull.scope, 0, 0);
  }
  node.make(Stream::shop, 1);
  node.load(Stream::shop, 1, 1);
  node.effects.clear();
  node.ack(Stream::shop, 1);
  node.confirm(Stream::shop, 1);
  REQUIRE(node.sent<Pull>().size() == 1);
  CHECK(node.sent<Pull>()[0].scope == Scope::tenant);
}

TEST_CASE("a copy takes a new epoch, once, and greets under it (A1, A2)") {
  Node node;
  node.link_and_welcome();
  node.confirm_all();
  node.step(Diverged{Stream::sale});
  node.step(Diverged{Stream::shop});
  CHECK(node.all<Fork>().size() == 1);
  node.pass(60'000);
  CHECK(node.sent<Hello>().empty());  // not under the old one
  State fresh{.epoch = {2}};
  fresh.streams[0].head = 3;
  node.step(Forked{fresh});
  node.pass(250);
  REQUIRE(node.sent<Hello>().size() == 1);
  CHECK(node.sent<Hello>()[0].session.epoch == Epoch{2});
  CHECK(node.sent<Hello>()[0].heads[0] == 3);
}

TEST_CASE("an effect that failed is tried again after a fresh greeting") {
  Node node;
  node.link_and_welcome();
  node.confirm_all();
  node.make(Stream::sale, 5);
  node.step(Failed{});
  CHECK_FALSE(node.session.welcomed());
  node.effects.clear();
  node.pass(7'000);
  CHECK(node.sent<Hello>().size() >= 1);
}

}  // namespace
}  // namespace till::core
