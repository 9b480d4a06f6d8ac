// Event streams without sockets: what is told to whom, in which words, and when a stream is over.
#include "http/event_streams.h"

#include <doctest/doctest.h>

#include "http/problem.h"
#include "support/fake_clock.h"
#include "support/fake_door.h"
#include "support/fake_ports.h"
#include "support/fake_random.h"

namespace till::http {
namespace {

constexpr Rights kCustomer = 1;
constexpr Rights kCashier = 2;

struct Streams {
  EventFeed feed{};
  test::FakeAuthenticator people{};
  test::FakeClock clock{};
  test::FakeRandom random{};
  Registry metrics{};
  EventStreams streams;

  explicit Streams(StreamLimits limits = {}) : streams(feed, people, clock, random, metrics, limits) {
    people.add({.user = 1, .rights = kCustomer, .name = "customer"});
    people.add({.user = 2, .rights = kCustomer | kCashier, .name = "cashier"});
  }

  Request request(const std::string& who, const std::string& last = {}) {
    Request asked;
    asked.headers = {{"authorization", "Bearer " + who}};
    if (!last.empty()) asked.headers.emplace_back("last-event-id", last);
    asked.caller = *people.authenticate(who);
    return asked;
  }
  std::shared_ptr<Stream> open(const std::string& who, const std::string& last = {}) {
    auto response = streams.open(request(who, last));
    REQUIRE(response.ok());
    CHECK(response->content_type == "text/event-stream");
    return response->stream;
  }
  void happen(std::string_view name, std::string data, Rights rights = kCashier, int64_t user = 0) {
    feed.publish({.name = name, .data = std::move(data), .rights = rights, .user = user});
  }
};

std::string heard(Stream& stream) {
  std::string out;
  REQUIRE(stream.pour(out));
  return out;
}

bool is_over(Stream& stream) {
  std::string out;
  return !stream.pour(out) && out.empty();
}

/// The id of the last event in `text`.
std::string last_id(const std::string& text) {
  const size_t at = text.rfind("id: ");
  REQUIRE(at != std::string::npos);
  return text.substr(at + 4, text.find('\n', at) - at - 4);
}

TEST_CASE("a new stream begins with the newest event and says where it stands") {
  Streams shop;
  shop.happen("order.paid", "{\"id\":\"before\"}");
  auto stream = shop.open("cashier");
  const std::string ready = heard(*stream);
  const std::string boot = last_id(ready).substr(0, last_id(ready).find('-'));
  CHECK(boot.size() == 8);
  CHECK(ready == "id: " + boot + "-1\nevent: ready\ndata: {}\n\n");
  CHECK(heard(*stream).empty());
  shop.happen("order.paid", R"({"id":"x"})");
  shop.happen("stock.low", R"({"id":"y"})");
  CHECK(heard(*stream) == "id: " + boot + "-2\nevent: order.paid\ndata: {\"id\":\"x\"}\n\nid: " + boot +
                              "-3\nevent: stock.low\ndata: {\"id\":\"y\"}\n\n");
}

TEST_CASE("nobody hears what is not his") {
  Streams shop;
  auto stream = shop.open("customer");
  heard(*stream);
  shop.happen("order.paid", "{\"id\":\"theirs\"}");
  shop.happen("order.paid", "{\"id\":\"another's\"}", kCashier, 9);
  CHECK(heard(*stream).empty());
  shop.happen("order.paid", "{\"id\":\"his\"}", kCashier, 1);
  const std::string own = heard(*stream);
  CHECK(own.find("his") != std::string::npos);
  CHECK(last_id(own).ends_with("-3"));
}

TEST_CASE("whoever comes back is told what he missed, once") {
  Streams shop;
  const std::string begin = last_id(heard(*shop.open("cashier")));
  for (int i = 1; i <= 200; ++i) shop.happen("order.paid", std::to_string(i));
  auto back = shop.open("cashier", begin);
  const std::string missed = heard(*back);
  for (int i = 1; i <= 200; ++i) CHECK(missed.find("data: " + std::to_string(i) + "\n") != std::string::npos);
  CHECK(missed.find("ready") == std::string::npos);
  CHECK(heard(*back).empty());
  auto half = shop.open("cashier", last_id(missed.substr(0, missed.find("data: 120\n"))));
  CHECK(heard(*half).starts_with("id: " + begin.substr(0, 9) + "121\n"));
}

TEST_CASE("whoever was away too long, or comes from another process, reads everything anew and goes on from here") {
  Streams shop;
  const std::string begin = last_id(heard(*shop.open("cashier")));
  for (size_t i = 0; i <= EventFeed::kKept; ++i) shop.happen("order.paid", "{}");
  const std::string number = begin.substr(8);
  for (const std::string& last : {begin, "00000000" + number, begin.substr(0, 9) + "99999", begin + "x",
                                  begin.substr(0, 9), begin.substr(0, 9) + "-1", begin.substr(0, 8), std::string("-"),
                                  std::string("18446744073709551615"), begin.substr(0, 9) + "18446744073709551615",
                                  begin.substr(0, 9) + "18446744073709551616", std::string(4000, 'a')}) {
    CAPTURE(last);
    auto stream = shop.open("cashier", last);
    CHECK(heard(*stream) == "id: " + begin.substr(0, 9) + "4097\nevent: reset\ndata: {}\n\n");
  }
  auto stream = shop.open("cashier", begin);
  heard(*stream);
  shop.happen("order.paid", "{\"id\":\"after\"}");
  CHECK(heard(*stream).find("after") != std::string::npos);
  CHECK(shop.metrics.render().find("till_event_resets_total 13") != std::string::npos);
}

TEST_CASE("a reader whom the ring has overtaken is told so, and costs no memory until then") {
  Streams shop;
  auto slow = shop.open("cashier");
  heard(*slow);
  for (size_t i = 0; i < EventFeed::kKept + 1; ++i) shop.happen("order.paid", "{}");
  CHECK(heard(*slow).find("event: reset") != std::string::npos);
}

TEST_CASE("one part is a few packets, however much has happened") {
  Streams shop;
  auto stream = shop.open("cashier");
  heard(*stream);
  for (int i = 0; i < 4'000; ++i) shop.happen("order.paid", "{\"id\":\"" + std::string(40, 'x') + "\"}");
  size_t parts = 0, events = 0;
  for (std::string part = heard(*stream); !part.empty(); part = heard(*stream), ++parts) {
    CHECK(part.size() < 32 * 1024);
    for (size_t at = part.find("event:"); at != std::string::npos; at = part.find("event:", at + 1)) ++events;
  }
  CHECK(events == 4'000);
  CHECK(parts > 10);
}

TEST_CASE("silence is broken by a comment, which moves the place without being an event") {
  Streams shop;
  auto stream = shop.open("customer");
  heard(*stream);
  shop.clock.advance_ms(14'999);
  CHECK(heard(*stream).empty());
  shop.happen("order.paid", "{}");  // not for customers
  shop.clock.advance_ms(1);
  const std::string beat = heard(*stream);
  CHECK(beat.starts_with(":\nid: "));
  CHECK(beat.ends_with("-1\n\n"));
  CHECK(heard(*stream).empty());
}

TEST_CASE("a stream is over as soon as its session is, or its rights are others") {
  Streams shop;
  auto ended = shop.open("cashier");
  auto demoted = shop.open("cashier");
  heard(*ended);
  heard(*demoted);
  shop.happen("order.paid", "{\"id\":\"secret\"}");
  shop.people.add({.user = 2, .rights = kCustomer, .name = "cashier"});
  CHECK(is_over(*demoted));
  shop.people.remove("cashier");
  CHECK(is_over(*ended));
  auto locked = shop.open("customer");
  heard(*locked);
  shop.people.add({.user = 1, .rights = kCustomer, .name = "customer", .restricted = true});
  CHECK(is_over(*locked));
}

TEST_CASE("the operator on the machine needs no token") {
  Streams shop;
  Request request;
  request.address = "local";
  request.caller = {.rights = kCashier, .name = "operator"};
  auto stream = (*shop.streams.open(request)).stream;
  heard(*stream);
  shop.happen("order.paid", "{\"id\":\"x\"}");
  CHECK(heard(*stream).find("order.paid") != std::string::npos);
}

TEST_CASE("so many streams and no more, in all and of one user; the place of one that ends is free") {
  Streams shop({.in_all = 5, .per_user = 2});
  std::vector<std::shared_ptr<Stream>> open{shop.open("customer"), shop.open("customer")};
  const auto third = shop.streams.open(shop.request("customer"));
  REQUIRE_FALSE(third.ok());
  CHECK(third.error().code == Code::too_many);
  CHECK(test::header(problem(third.error(), "x"), "Retry-After") == "5");
  open.push_back(shop.open("cashier"));
  open.push_back(shop.open("cashier"));
  CHECK(shop.metrics.render().find("till_event_streams 4") != std::string::npos);
  Request nobody;
  nobody.caller.name = "operator";
  open.push_back((*shop.streams.open(nobody)).stream);
  const auto sixth = shop.streams.open(nobody);
  REQUIRE_FALSE(sixth.ok());
  CHECK(sixth.error().code == Code::busy);
  open.erase(open.begin());
  CHECK(shop.streams.open(shop.request("customer")).ok());
  open.clear();
  CHECK(shop.metrics.render().find("till_event_streams 0") != std::string::npos);
}

}  // namespace
}  // namespace till::http
