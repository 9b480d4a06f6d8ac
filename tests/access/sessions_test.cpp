// Refresh, reuse, log-out, the list of sessions; forged and hostile tokens.
#include <thread>

#include "access/premises.h"
#include "base/bytes.h"

namespace till::access {
namespace {

constexpr const char* kEmail = "ada@shop.test";

struct Ada : Premises {
  Ada() { add(kEmail, Role::cashier); }
  Tokens in() { return Tokens(log_in(kEmail, kPassword)); }
  Response post(const char* path, const std::string& token) { return send(ask(Method::post, path).as(token)); }
};

TEST_CASE("a refresh gives new tokens, also after a restart; the old access token lives out its 15 minutes") {
  Ada shop;
  const Tokens first = shop.in();
  shop.clock.advance_ms(1000);
  shop.open();
  CHECK(shop.me(first.access).status == 200);
  const Tokens second(shop.refresh(first.refresh));
  CHECK(second.access != first.access);
  CHECK(second.refresh != first.refresh);
  CHECK(shop.me(second.access).status == 200);
  CHECK(shop.me(first.access).status == 200);
  shop.clock.advance_ms(kAccessToken_s * 1000 - 1000);
  CHECK(text(shop.me(first.access), "code") == "token_expired");
  CHECK(shop.me(second.access).status == 200);
  shop.clock.advance_ms(1000);
  CHECK(shop.me(second.access).status == 401);
  CHECK(shop.me(Tokens(shop.refresh(second.refresh)).access).status == 200);
}

TEST_CASE("a spent refresh token ends its session, however old it is, and no other") {
  for (const int turns : {1, 2, 7}) {
    Ada shop;
    const Tokens other = shop.in();
    const Tokens stolen = shop.in();
    Tokens owner = stolen;
    for (int n = 0; n < turns; ++n) owner = Tokens(shop.refresh(owner.refresh));
    shop.open();
    const Response thief = shop.refresh(stolen.refresh);
    CHECK(thief.status == 401);
    CHECK(text(thief, "code") == "refresh_token_reused");
    CHECK(text(shop.me(owner.access), "code") == "session_ended");
    CHECK(shop.refresh(owner.refresh).status == 401);
    CHECK(text(shop.refresh(stolen.refresh), "code") == "invalid_refresh_token");  // there is nothing left to end
    CHECK(shop.me(other.access).status == 200);
    CHECK(shop.refresh(other.refresh).status == 200);
  }
}

TEST_CASE("hostile refresh tokens are refused and end nobody's session") {
  Ada shop;
  const Tokens tokens = shop.in();
  const Bytes real = *from_base64url(tokens.refresh);
  for (size_t bit = 0; bit < real.size() * 8; ++bit) {
    Bytes forged = real;
    forged[bit / 8] ^= static_cast<uint8_t>(1U << (bit % 8));
    const bool turn = bit >= 32 * 8;  // that part alone proves that it was ours once: a flipped one is a spent one
    if (!turn) CHECK(text(shop.refresh(to_base64url(forged)), "code") == "invalid_refresh_token");
  }
  for (const std::string& odd : {std::string(64, 'A'), std::string(63, 'A'), std::string(65, 'A'), tokens.refresh + "=",
                                 tokens.refresh.substr(1), std::string(64, '='), std::string(64, '+'), std::string("x"),
                                 tokens.access.substr(0, 512), std::string(512, 'z')})
    CHECK(shop.refresh(odd).status == 401);
  CHECK(shop.refresh("").status == 400);
  CHECK(shop.refresh(std::string(513, 'A')).status == 400);
  CHECK(shop.refresh(tokens.refresh).status == 200);
}

TEST_CASE("after log-out the tokens are dead at once, and stay dead") {
  Ada shop;
  const Tokens tokens = shop.in();
  const Tokens other = shop.in();
  CHECK(shop.me(tokens.access).status == 200);
  CHECK(shop.post("/api/v1/auth/logout", tokens.access).status == 204);
  CHECK(text(shop.me(tokens.access), "code") == "session_ended");
  CHECK(shop.refresh(tokens.refresh).status == 401);
  CHECK(shop.me(other.access).status == 200);
  shop.open();
  CHECK(shop.me(tokens.access).status == 401);
  CHECK(shop.refresh(tokens.refresh).status == 401);
  CHECK(shop.me(other.access).status == 200);
  CHECK(shop.send(ask(Method::post, "/api/v1/auth/logout")).status == 401);
}

TEST_CASE("sessions are listed to their owner and ended by nobody else") {
  Ada shop;
  shop.add("eve@shop.test", Role::admin);
  const Tokens first = shop.in();
  const Tokens second = shop.in();
  const Tokens eve(shop.log_in("eve@shop.test", kPassword));
  const Json list = *parse_json(shop.send(ask(Method::get, "/api/v1/auth/sessions").as(second.access)).body);
  const Json::Array& items = *list.find("items")->array();
  REQUIRE(items.size() == 2);
  CHECK(*items[0].find("current")->boolean() == false);
  CHECK(*items[1].find("current")->boolean() == true);
  CHECK(text(items[0], "address") == kHere);
  CHECK(items[0].object()->size() == 6);  // and so no hash
  const std::string path = "/api/v1/auth/sessions/" + text(items[0], "id");
  CHECK(shop.send(ask(Method::del, path).as(eve.access)).status == 404);
  CHECK(shop.me(first.access).status == 200);
  CHECK(shop.send(ask(Method::del, path).as(second.access)).status == 204);
  CHECK(shop.me(first.access).status == 401);
  CHECK(shop.send(ask(Method::del, path).as(second.access)).status == 404);
  CHECK(shop.send(ask(Method::del, "/api/v1/auth/sessions/x").as(second.access)).status == 404);
}

TEST_CASE("a session without refresh ends after 30 days, and is forgotten") {
  Ada shop;
  const Tokens used = shop.in();
  const Tokens unused = shop.in();
  shop.clock.advance_ms(kSession_ms - 1);
  const Tokens renewed(shop.refresh(used.refresh));
  shop.clock.advance_ms(1);
  CHECK(shop.refresh(unused.refresh).status == 401);
  CHECK(shop.write([&] { return shop.now->access->tidy(); }).ok());
  CHECK((*shop.now->reading.list_live_sessions()).size() == 1);
  CHECK(shop.me(renewed.access).status == 200);
  CHECK(shop.refresh(renewed.refresh).status == 200);
}

TEST_CASE("one session more than a user may have ends the oldest") {
  Ada shop;
  const Tokens oldest = shop.in();
  const Tokens second = shop.in();
  for (size_t n = 2; n < kMostSessions; ++n) shop.in();
  CHECK(shop.me(oldest.access).status == 200);
  const Tokens newest = shop.in();
  CHECK(shop.me(oldest.access).status == 401);
  CHECK(shop.me(second.access).status == 200);
  CHECK(shop.me(newest.access).status == 200);
}

TEST_CASE("access tokens of another key, damaged or endless, are refused") {
  Ada shop;
  const Tokens tokens = shop.in();
  LiveSessions live;
  AccessTokens elsewhere({9}, live, shop.clock, shop.ids);
  CHECK(shop.me(elsewhere.issue(domain::User{}, Uuid{})).status == 401);
  CHECK(shop.me(tokens.access).status == 200);  // now it is one of the verified: a neighbour must not pass as it
  for (size_t at = 0; at < tokens.access.size(); at += 7) {
    std::string damaged = tokens.access;
    damaged[at] = damaged[at] == 'A' ? 'B' : 'A';
    CHECK(shop.me(damaged).status == 401);
  }
  CHECK(shop.me(tokens.access + "A").status == 401);
  CHECK(shop.me(tokens.refresh).status == 401);
  CHECK(shop.me(std::string(1 << 20, 'A')).status == 401);
}

TEST_CASE("verified tokens are bounded, and the clock may pass over them") {
  Ada shop;
  const Tokens tokens = shop.in();
  LiveSessions live;
  domain::User user;
  live.add({}, user);
  AccessTokens many({7}, live, shop.clock, shop.ids);
  const std::string first = many.issue(user, {});
  for (int n = 0; n < 3000; ++n) REQUIRE(many.authenticate(many.issue(user, {})).ok());
  CHECK(many.authenticate(first).ok());
  CHECK(many.authenticate(first).ok());
  shop.clock.advance_ms(kAccessToken_s * 1000);
  CHECK(!many.authenticate(first).ok());
  live.end({});
  CHECK(!many.authenticate(many.issue(user, {})).ok());
}

TEST_CASE("one thread asks who is alive while another begins and ends sessions") {
  test::FakeClock clock;
  test::FakeRandom random;
  IdSource ids(clock, random);
  LiveSessions live;
  domain::User user;
  user.row = 1;
  user.name = "a name that does not fit into the string itself";
  const Uuid lasting = ids.next();
  live.add(lasting, user);
  std::thread writer([&] {
    for (int n = 0; n < 2000; ++n) {
      const Uuid id = ids.next();
      live.add(id, user);
      live.change(user);
      live.end(id);
    }
  });
  for (int n = 0; n < 2000; ++n) REQUIRE(live.find(lasting));
  writer.join();
  live.end_all(1);
  CHECK(!live.find(lasting));
}

}  // namespace
}  // namespace till::access
