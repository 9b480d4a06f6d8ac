// Log-in, wrong passwords and the waits they cost, the answer that tells nothing.
#include "access/premises.h"

namespace till::access {
namespace {

constexpr const char* kEmail = "ada@shop.test";

TEST_CASE("a log-in answers in the shape that 20-api promises") {
  Premises shop;
  shop.add("Ada@Shop.TEST", Role::cashier);
  const Response answer = shop.log_in("aDa@shop.test", kPassword);
  REQUIRE(answer.status == 200);
  const Json body = *parse_json(answer.body);
  CHECK(body.object()->size() == 4);
  CHECK(text(body, "refresh_token").size() == 64);
  CHECK(number(body, "expires_in") == 900);
  const Json& user = *body.find("user");
  CHECK(text(user, "email") == kEmail);
  CHECK(text(user, "role") == "cashier");
  CHECK(number(user, "version") == 1000);
  CHECK(answer.body.find("password_hash") == std::string::npos);
  CHECK(answer.body.find("$y$") == std::string::npos);
  CHECK(text(shop.me(text(body, "access_token")), "id") == text(user, "id"));
}

TEST_CASE("unknown, inactive and wrong are the same answer, and are counted the same") {
  Premises shop;
  shop.add(kEmail, Role::cashier);
  const std::string gone = text(shop.add("gone@shop.test", Role::cashier), "id");
  REQUIRE(shop.send(ask(Method::del, "/api/v1/users/" + gone).from("local").with("if-match", "\"1000\"")).status ==
          204);
  auto told = [&](const std::string& email, const std::string& password) {
    const Response response = shop.log_in(email, password);
    const Json body = *parse_json(response.body);
    return std::to_string(response.status) + text(body, "code") + text(body, "detail") + text(body, "title");
  };
  for (int n = 1; n <= 5; ++n) {
    const std::string wrong = told(kEmail, "wrong password");
    CHECK(wrong.starts_with("401wrong_credentials"));
    CHECK(told("nobody@shop.test", kPassword) == wrong);
    CHECK(told("gone@shop.test", kPassword) == wrong);
  }
  const std::string waiting = told(kEmail, kPassword);
  CHECK(waiting.starts_with("429too_many_tries"));
  CHECK(told("nobody@shop.test", kPassword) == waiting);
  CHECK(told("gone@shop.test", kPassword) == waiting);
}

TEST_CASE("five tries are free, then each wrong one doubles the wait, up to an hour") {
  Premises shop;
  shop.add(kEmail, Role::cashier);
  for (int n = 1; n <= 5; ++n) CHECK(shop.log_in(kEmail, "wrong").status == 401);
  for (const int64_t wait_s : {30, 60, 120, 240, 480, 960, 1920, 3600, 3600}) {
    const Response early = shop.log_in(kEmail, kPassword);
    CHECK(early.status == 429);
    CHECK(test::header(early, "Retry-After") == std::to_string(wait_s));
    shop.clock.advance_ms(wait_s * 1000 - 1);
    CHECK(shop.log_in(kEmail, kPassword).status == 429);  // asking early costs nothing
    shop.clock.advance_ms(1);
    CHECK(shop.log_in(kEmail, "wrong").status == 401);
  }
  shop.clock.advance_ms(kLongestWait_ms);
  CHECK(shop.log_in(kEmail, kPassword).status == 200);
  CHECK(shop.log_in(kEmail, "wrong").status == 401);  // forgiven: five are free again
  CHECK(shop.log_in(kEmail, kPassword).status == 200);
}

TEST_CASE("waits survive a restart, and a stranger's tries lock nobody at another address") {
  Premises shop;
  shop.add(kEmail, Role::cashier);
  for (int n = 1; n <= 5; ++n) CHECK(shop.log_in(kEmail, "wrong", kElsewhere).status == 401);
  CHECK(shop.log_in(kEmail, kPassword, kElsewhere).status == 429);
  CHECK(shop.log_in(kEmail, kPassword, kHere).status == 200);
  shop.open();
  CHECK(shop.log_in(kEmail, kPassword, kElsewhere).status == 429);
  CHECK(shop.log_in(kEmail, kPassword, kHere).status == 200);
  shop.clock.advance_ms(kFirstWait_ms);
  CHECK(shop.log_in(kEmail, kPassword, kElsewhere).status == 200);
}

TEST_CASE("tries are forgotten after a day, and a clock that was years ahead locks nobody out for years") {
  const Time day{1'767'603'600'000};
  Tries tries;
  for (int n = 1; n <= 9; ++n) tries = after_failure(tries, day);
  CHECK(wait_s(tries, day) == 480);
  const Time later{day.ms + kForgetTries_ms + 1};
  CHECK(after_failure(tries, later).failures == 1);
  CHECK(wait_s(after_failure(tries, later), later) == 0);
  CHECK(wait_s(tries, {day.ms - int64_t{86'400'000} * 1000}) == 0);
}

/// A log-in whose handler has looked and hashed, and whose Work still waits for the writer.
http::Work waiting_log_in(Premises& shop) {
  http::Routes routes = shop.now->access->routes();
  http::Request request;
  request.address = kHere;
  request.body = std::string(R"({"email":")") + kEmail + R"(","password":")" + kPassword + R"("})";
  auto outcome = routes.front().handler(request);
  REQUIRE(outcome.ok());
  return std::get<http::Work>(std::move(*outcome));
}

TEST_CASE("tries at once are judged in the writer's order: the right password does not help the sixth") {
  Premises shop;
  shop.add(kEmail, Role::cashier);
  auto work = waiting_log_in(shop);
  for (int n = 1; n <= 5; ++n) CHECK(shop.log_in(kEmail, "wrong").status == 401);
  const auto late = shop.write(std::ref(work));
  REQUIRE(!late.ok());
  CHECK(late.error().code == Code::too_many);
}

TEST_CASE("a password that was changed while its log-in waited is the wrong one") {
  Premises shop;
  const std::string id = text(shop.add(kEmail, Role::cashier), "id");
  auto work = waiting_log_in(shop);
  const std::string path = "/api/v1/users/" + id + "/password";
  CHECK(shop.send(ask(Method::post, path).from("local").body(R"({"password":"another password"})")).status == 200);
  auto late = shop.write(std::ref(work));
  REQUIRE(late.ok());
  CHECK((*late)().error().code == Code::unauthorized);
}

TEST_CASE("an account that does not exist costs the time of one that does") {
  test::FakeClock clock;
  test::FakeRandom random;
  Passwords passwords(random, clock, 2);
  auto quickest_us = [&](const std::string& hash) {
    int64_t best = std::numeric_limits<int64_t>::max();
    for (int n = 0; n < 9; ++n) {
      const int64_t began = SystemClock().monotonic_us();
      CHECK(!passwords.match("wrong", hash));
      best = std::min(best, SystemClock().monotonic_us() - began);
    }
    return best;
  };
  const int64_t known = quickest_us(*passwords.hash(kPassword));
  const int64_t unknown = quickest_us("");
  CHECK(unknown * 2 > known);
  CHECK(known * 2 > unknown);
}

TEST_CASE("a hash from another shop is taken, and replaced at the first log-in") {
  Premises shop;
  const std::string id = text(shop.add(kEmail, Role::cashier), "id");
  auto user = *shop.now->reading.find_user(*parse_uuid(id));
  // crypt(3) of "U*U" by bcrypt, from Openwall's published test vectors.
  user->password_hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
  REQUIRE(shop.write([&] { return shop.now->writing.change_user(*user); }).ok());
  CHECK(shop.log_in(kEmail, "U*V").status == 401);
  CHECK(shop.log_in(kEmail, "U*U").status == 200);
  CHECK((*shop.now->reading.find_user(user->id))->password_hash.starts_with("$y$"));
  CHECK(shop.log_in(kEmail, "U*U").status == 200);
}

TEST_CASE("bodies that are no log-in are refused, and their values are not repeated") {
  Premises shop;
  for (const char* body : {"", "[]", "{}", R"({"email":"a@b","password":7})", R"({"email":"a@b"})", "null",
                           R"({"email":"a@b","password":"x","role":"admin"})", R"({"email":"a@b","password":""})"})
    CHECK(shop.send(ask(Method::post, "/api/v1/auth/login").body(body)).status == 400);
  const Response card = shop.log_in("a@b", "4111111111111111");
  CHECK(card.status == 400);
  CHECK(card.body.find("4111") == std::string::npos);
  CHECK(shop.log_in("a@b", std::string(256, 'x')).status == 401);
  CHECK(shop.log_in("a@b", std::string(257, 'x')).status == 400);
}

TEST_CASE("a log-in from a strange address is told to the user, the first of all and one at a known address are not") {
  Premises shop;
  const int64_t row = (*shop.now->reading.find_user(*parse_uuid(text(shop.add(kEmail, Role::cashier), "id"))))->row;
  CHECK(shop.log_in(kEmail, kPassword, kHere).status == 200);
  CHECK(shop.log_in(kEmail, kPassword, kHere).status == 200);
  CHECK(shop.log_in(kEmail, "wrong", kElsewhere).status == 401);
  CHECK(shop.notices.told.empty());
  const Tokens strange(shop.log_in(kEmail, kPassword, kElsewhere));
  REQUIRE(shop.notices.told.size() == 1);
  CHECK(shop.notices.told[0].kind == domain::NoticeKind::login_alert);
  CHECK(shop.notices.told[0].user == row);
  CHECK(shop.notices.told[0].address == kElsewhere);
  CHECK(shop.notices.told[0].secret.empty());
  CHECK(shop.log_in(kEmail, kPassword, kElsewhere).status == 200);  // known by now
  CHECK(shop.notices.told.size() == 1);

  shop.notices.is_broken = true;  // what cannot be told does not happen
  CHECK(shop.log_in(kEmail, kPassword, "203.0.113.5").status == 500);
  CHECK((*shop.now->reading.list_sessions(row)).size() == 4);
}

}  // namespace
}  // namespace till::access
