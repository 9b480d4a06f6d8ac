// Kept answers: replayed byte for byte, bound to caller, path and body, gone after 30 days.
#include "access/premises.h"

namespace till::access {
namespace {

constexpr int64_t kDay_ms = 86'400'000;

struct Counter : Premises {
  std::string token{};

  Counter() {
    add("ada@shop.test", Role::customer);
    log_in();
  }
  void log_in() { token = Tokens(Premises::log_in("ada@shop.test", kPassword)).access; }
  Response count(const std::string& key, const std::string& body = "{}") {
    return send(ask(Method::post, "/count").as(token).with("idempotency-key", key).body(body));
  }
  void sweep() {
    REQUIRE(write([&] { return now->access->tidy(); }).ok());
  }
  int64_t kept() {
    auto rows = write([&] { return now->writer->connection().value<int64_t>("SELECT count(*) FROM once_answers"); });
    return **rows;
  }
};

TEST_CASE("the same key and body have one effect and one answer, also after a restart") {
  Counter shop;
  const Response first = shop.count("k1");
  CHECK(first.status == 201);
  for (int n = 0; n < 3; ++n) {
    if (n == 1) shop.open();
    const Response again = shop.count("k1");
    CHECK(again.status == 201);
    CHECK(again.body == first.body);
    CHECK(again.version == first.version);
    CHECK(test::header(again, "Location") == "/count/1");
    CHECK(test::header(again, "Idempotent-Replayed") == "true");
  }
  CHECK(shop.effects == 1);
  CHECK(shop.count("k2").body == "2");
}

TEST_CASE("another body is a mismatch, another caller another key") {
  Counter shop;
  CHECK(shop.count("k1").status == 201);
  CHECK(text(shop.count("k1", "[1]"), "code") == "idempotency_mismatch");
  shop.add("eve@shop.test", Role::customer);
  shop.token = Tokens(shop.Premises::log_in("eve@shop.test", kPassword)).access;
  CHECK(shop.count("k1").body == "2");
  CHECK(shop.effects == 2);
}

TEST_CASE("after 30 days a key is new, whether the sweep has come by or not") {
  Counter shop;
  shop.count("k1");
  shop.clock.advance_ms(30 * kDay_ms - 1000);
  shop.log_in();
  CHECK(test::header(shop.count("k1"), "Idempotent-Replayed") == "true");
  shop.clock.advance_ms(1001);
  shop.log_in();
  CHECK(shop.count("k1", "[other]").status == 201);
  CHECK(shop.effects == 2);
  CHECK(shop.kept() == 1);
}

TEST_CASE("the sweep walks over all keys in bites, forgets the old ones and begins again") {
  Counter shop;
  auto keep = [&](int from, int to) {
    auto kept = shop.write([&]() -> Status {
      for (int n = from; n < to; ++n)
        TILL_CHECK(
            shop.now->access->once().keep({.caller = n % 3, .route = "POST /count", .key = std::to_string(n)}, {}));
      return {};
    });
    REQUIRE(kept.ok());
  };
  keep(0, 700);
  shop.clock.advance_ms(31 * kDay_ms);
  keep(700, 900);
  shop.sweep();
  CHECK(shop.kept() > 200);
  shop.sweep();
  CHECK(shop.kept() == 200);
  shop.sweep();
  CHECK(shop.kept() == 200);
  shop.clock.advance_ms(31 * kDay_ms);
  shop.sweep();
  shop.sweep();
  CHECK(shop.kept() == 0);
}

TEST_CASE("tries that nobody will miss are swept, too") {
  Counter shop;
  shop.Premises::log_in("ada@shop.test", "wrong");
  auto tries = [&] {
    return **shop.write([&] { return shop.now->writer->connection().value<int64_t>("SELECT count(*) FROM tries"); });
  };
  shop.sweep();
  CHECK(tries() == 1);
  shop.clock.advance_ms(kForgetTries_ms + 1);
  shop.sweep();
  CHECK(tries() == 0);
}

}  // namespace
}  // namespace till::access
