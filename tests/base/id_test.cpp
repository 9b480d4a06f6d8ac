// Identifiers: their text, that they only grow, and that parts find their parent.
#include "base/id.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cctype>
#include <set>
#include <thread>
#include <vector>

#include "support/fake_clock.h"
#include "support/fake_random.h"

using namespace till;

TEST_CASE("a UUID's text gives it back, in either case") {
  CHECK(rc::check([](const std::array<uint8_t, 16>& bytes) {
    Uuid id{bytes};
    std::string text = to_string(id);
    RC_ASSERT(parse_uuid(text) == id);
    for (char& c : text) c = static_cast<char>(std::toupper(c));
    RC_ASSERT(parse_uuid(text) == id);
  }));
}

TEST_CASE("nothing else is a UUID") {
  REQUIRE(parse_uuid("00112233-4455-6677-8899-aabbccddeeff"));
  for (std::string_view bad : {"", "00112233445566778899aabbccddeeff", "{00112233-4455-6677-8899-aabbccddeeff}",
                               "00112233-4455-6677-8899-aabbccddeefg", "00112233-4455-6677-8899-aabbccddeef",
                               "00112233-4455-6677-8899-aabbccddeefff", "001122334-455-6677-8899-aabbccddeeff",
                               "00112233-4455-6677-8899_aabbccddeeff", "-0112233-4455-6677-8899-aabbccddeeff",
                               " 0112233-4455-6677-8899-aabbccddeeff"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_uuid(bad));
  }
}

TEST_CASE("a new id is a version 7 with the clock's milliseconds in front") {
  test::FakeClock clock({0x0123'4567'89ab});
  test::FakeRandom random;
  IdSource ids(clock, random);
  std::string text = to_string(ids.next());
  CHECK(text.substr(0, 15) == "01234567-89ab-7");
  CHECK(std::string_view("89ab").find(text[19]) != std::string_view::npos);
}

TEST_CASE("ids only grow: clock standing still, going back, before 1970, 10,000 in one millisecond") {
  test::FakeClock clock;
  test::FakeRandom random;
  IdSource ids(clock, random);
  Uuid last = ids.next();
  auto grow = [&](int count) {
    for (int i = 0; i < count; ++i) {
      Uuid next = i % 2 == 0 ? ids.next() : ids.next_parent();
      REQUIRE(next > last);
      last = next;
    }
  };
  grow(10'000);
  clock.set({0});
  grow(10'000);
  clock.set({-1});
  grow(10);
  clock.set({4'102'444'800'000});
  grow(10);
}

TEST_CASE("parts carry their number and find their parent") {
  test::FakeClock clock;
  test::FakeRandom random;
  IdSource ids(clock, random);
  Uuid sale = ids.next_parent();
  CHECK(sale.child_number() == 0);
  for (uint16_t n : {uint16_t{1}, uint16_t{255}, uint16_t{256}, uint16_t{65'535}}) {
    CHECK(sale.child(n).parent() == sale);
    CHECK(sale.child(n).child_number() == n);
    CHECK(sale.child(n) > sale);
  }
  CHECK(Uuid{}.is_nil());
  CHECK_FALSE(sale.is_nil());
}

TEST_CASE("threads never get the same id") {
  SystemClock clock;
  SystemRandom random;
  IdSource ids(clock, random);
  std::array<std::vector<Uuid>, 4> made;
  std::vector<std::thread> threads;
  for (auto& mine : made) {
    threads.emplace_back([&ids, &mine] {
      for (int i = 0; i < 2000; ++i) mine.push_back(ids.next());
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<Uuid> all;
  for (const auto& mine : made) all.insert(mine.begin(), mine.end());
  CHECK(all.size() == 8000);
}
