// Caps, eviction and patience, with sockets that go nowhere and time that stands still.
#include "http/roster.h"

#include <doctest/doctest.h>

using namespace till;
using namespace till::http;

namespace {

struct Crowd {
  explicit Crowd(size_t most, size_t per_address) : roster({most, per_address, {100, 200, 300, 400, 500}}) {}

  Connection& enter(const std::string& address, int64_t now_us, Wait wait = Wait::idle) {
    Connection& connection = roster.add(Fd(), address);
    roster.wait(connection, wait, now_us);
    return connection;
  }
  void close(Connection& connection) {
    connection.phase = Phase::closed;
    roster.leave(connection);
    roster.bury(connection);
  }

  Roster roster;
};

}  // namespace

TEST_CASE("there is room up to the cap, then the one that has waited longest makes room") {
  Crowd crowd(3, 10);
  Connection& first = crowd.enter("10.0.0.1", 1);
  Connection& second = crowd.enter("10.0.0.2", 2, Wait::head);
  crowd.enter("10.0.0.3", 3, Wait::body);
  CHECK(crowd.roster.room_for("10.0.0.4").instead == &first);
  crowd.roster.wait(first, Wait::idle, 4);  // it made another request
  CHECK(crowd.roster.room_for("10.0.0.4").instead == &second);
  crowd.close(second);
  CHECK(crowd.roster.room_for("10.0.0.4").free);
  CHECK(crowd.roster.open() == 2);
}

TEST_CASE("who is worked on is never closed to make room") {
  Crowd crowd(1, 10);
  Connection& only = crowd.enter("10.0.0.1", 1);
  only.lent = true;
  const Roster::Room room = crowd.roster.room_for("10.0.0.2");
  CHECK_FALSE(room.free);
  CHECK(room.instead == nullptr);
}

TEST_CASE("at the cap of an address one of the same address goes, though others have waited longer") {
  Crowd crowd(10, 2);
  crowd.enter("10.0.0.1", 1);
  Connection& mine = crowd.enter("10.0.0.2", 2);
  Connection& busy = crowd.enter("10.0.0.2", 3);
  CHECK(crowd.roster.room_for("10.0.0.2").instead == &mine);
  CHECK(crowd.roster.room_for("10.0.0.1").free);
  mine.lent = true;
  CHECK(crowd.roster.room_for("10.0.0.2").instead == &busy);
  busy.lent = true;
  CHECK_FALSE(crowd.roster.room_for("10.0.0.2").free);
  CHECK(crowd.roster.room_for("10.0.0.2").instead == nullptr);
  mine.lent = busy.lent = false;
  crowd.close(mine);
  CHECK(crowd.roster.room_for("10.0.0.2").free);
}

TEST_CASE("loopback and the control socket have the cap in all, but none of their own") {
  for (const char* address : {"127.0.0.1", "127.8.8.8", "::1", "local"}) {
    Crowd crowd(3, 1);
    crowd.enter(address, 1);
    CHECK(crowd.roster.room_for(address).free);
    crowd.enter(address, 2);
    crowd.enter(address, 3);
    CHECK_FALSE(crowd.roster.room_for(address).free);
  }
}

TEST_CASE("each kind of waiting has its own patience, counted from when it began") {
  Crowd crowd(10, 10);
  Connection& idle = crowd.enter("10.0.0.1", 0, Wait::idle);  // 300 ms
  Connection& head = crowd.enter("10.0.0.1", 0, Wait::head);  // 100 ms
  CHECK(crowd.roster.next_deadline_us() == 100'000);
  CHECK(crowd.roster.overdue(99'999) == nullptr);
  CHECK(crowd.roster.overdue(100'000) == &head);
  crowd.roster.wait(head, Wait::body, 100'000);  // 200 ms
  CHECK(crowd.roster.overdue(299'999) == nullptr);
  CHECK(crowd.roster.overdue(300'000) != nullptr);
  crowd.roster.wait(head, Wait::nothing, 300'000);
  CHECK(crowd.roster.overdue(1'000'000) == &idle);
  crowd.close(idle);
  CHECK(crowd.roster.overdue(1'000'000) == nullptr);
}

TEST_CASE("a buried connection stays until the batch is over") {
  Crowd crowd(10, 10);
  Connection& gone = crowd.enter("10.0.0.1", 0);
  crowd.enter("10.0.0.2", 0);
  crowd.close(gone);
  CHECK(gone.phase == Phase::closed);
  crowd.roster.sweep();
  size_t left = 0;
  crowd.roster.for_each([&](Connection&) { ++left; });
  CHECK(left == 1);
}
