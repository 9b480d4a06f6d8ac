// The ring of events: numbers, gaps, who may see what, many publishers.
#include "http/event_feed.h"

#include <doctest/doctest.h>

#include <thread>

namespace till::http {
namespace {

Event event(std::string data) { return {.name = "order.paid", .data = std::move(data), .rights = 1}; }

TEST_CASE("events are numbered, and read from any number that is still here") {
  EventFeed feed;
  CHECK(feed.newest() == 0);
  CHECK_FALSE(feed.after(0, 10).gap);
  CHECK(feed.after(0, 10).entries.empty());
  for (const char* data : {"1", "2", "3"}) feed.publish(event(data));
  CHECK(feed.newest() == 3);
  const auto two = feed.after(1, 10);
  REQUIRE(two.entries.size() == 2);
  CHECK(two.entries[0].number == 2);
  CHECK(two.entries[1].event->data == "3");
  CHECK(feed.after(0, 2).entries.back().number == 2);
  CHECK(feed.after(3, 10).entries.empty());
  CHECK_FALSE(feed.after(3, 10).gap);
}

TEST_CASE("whoever stands before the ring or behind its end stands at a gap") {
  EventFeed feed;
  CHECK(feed.after(1, 10).gap);  // of another process
  for (size_t i = 0; i < EventFeed::kKept + 5; ++i) feed.publish(event("{}"));
  CHECK(feed.after(4, 10).gap);
  CHECK_FALSE(feed.after(5, 10).gap);
  CHECK(feed.after(5, EventFeed::kKept + 1).entries.size() == EventFeed::kKept);
  CHECK(feed.after(5, 1).entries.front().number == 6);
  CHECK(feed.after(feed.newest() + 1, 10).gap);
  CHECK(feed.after(~uint64_t{0}, 10).gap);
}

TEST_CASE("an event is for some rights, one user and one till; for nobody unless it says so") {
  Caller cashier{.user = 7, .rights = 6, .till = 3};
  CHECK(EventFeed::may_see({.name = "a", .data = "{}", .rights = 2}, cashier));
  CHECK_FALSE(EventFeed::may_see({.name = "a", .data = "{}", .rights = 8}, cashier));
  CHECK(EventFeed::may_see({.name = "a", .data = "{}", .rights = 8, .user = 7}, cashier));
  CHECK_FALSE(EventFeed::may_see({.name = "a", .data = "{}", .user = 8}, cashier));
  CHECK(EventFeed::may_see({.name = "a", .data = "{}", .till = 3}, cashier));
  CHECK_FALSE(EventFeed::may_see({.name = "a", .data = "{}"}, cashier));
  CHECK_FALSE(EventFeed::may_see({.name = "a", .data = "{}"}, Caller{}));  // user 0 and till 0 are nobody and none
}

TEST_CASE("publishers on many threads: every event once, in the order of its number, the bell for each") {
  EventFeed feed;
  size_t rung = 0;  // the feed is locked while it rings
  feed.on_publish([&rung] { ++rung; });
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&feed] {
      for (int i = 0; i < 500; ++i) feed.publish(event("{}"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  feed.on_publish({});
  feed.publish(event("{}"));
  CHECK(rung == 2'000);
  const auto all = feed.after(0, 3'000);
  REQUIRE(all.entries.size() == 2'001);
  for (size_t i = 0; i < all.entries.size(); ++i) REQUIRE(all.entries[i].number == i + 1);
}

}  // namespace
}  // namespace till::http
