// What waits for a slow thread: bounded in number and in bytes, but for news of the line.
#include "sync/mqtt/inbox.h"

#include <doctest/doctest.h>

using namespace till;
using mqtt::Inbox;

namespace {

mqtt::Event message(size_t bytes) { return mqtt::Message{"t", Bytes(bytes)}; }

}  // namespace

TEST_CASE("messages are taken in the order in which they came, and then there is room again") {
  Inbox inbox;
  CHECK(inbox.is_empty());
  for (size_t i = 0; i < Inbox::kMostEvents; ++i) CHECK(inbox.put(message(i)));
  CHECK_FALSE(inbox.put(message(1)));
  CHECK_FALSE(inbox.is_empty());
  const auto taken = inbox.take();
  REQUIRE(taken.size() == Inbox::kMostEvents);
  CHECK(std::get<mqtt::Message>(taken[7]).payload.size() == 7);
  CHECK(inbox.is_empty());
  CHECK(inbox.put(message(1)));
}

TEST_CASE("a few messages of the greatest size fill it, and small ones still find what room is left") {
  Inbox inbox;
  size_t taken = 0;
  while (inbox.put(message(mqtt::kMaxPayload))) ++taken;
  CHECK(taken == Inbox::kMostBytes / (mqtt::kMaxPayload + 1));
  CHECK(inbox.put(message(1000)));
  inbox.take();
  CHECK(inbox.put(message(mqtt::kMaxPayload)));
}

TEST_CASE("that the line is gone is told however full it is") {
  Inbox inbox;
  while (inbox.put(message(1))) continue;
  CHECK(inbox.put(mqtt::Disconnected{}));
  CHECK(std::holds_alternative<mqtt::Disconnected>(inbox.take().back()));
}
