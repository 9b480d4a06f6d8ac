// The own account: registering, a forgotten password, the profile, and the end of it.
#include "access/premises.h"

namespace till::access {
namespace {

constexpr const char* kEmail = "ada@shop.test";
constexpr const char* kNew = "another long password";
constexpr const char* kMe = "/api/v1/users/me";

struct Home : Premises {
  Response post(const char* path, const std::string& body, const char* address = kHere) {
    return send(ask(Method::post, path).from(address).body(body));
  }
  Response sign_up(const std::string& email, const std::string& role = "") {
    const std::string more = role.empty() ? "" : R"(,"role":")" + role + "\"";
    return post("/api/v1/auth/register",
                R"({"email":")" + email + R"(","name":"Ada","password":")" + kPassword + "\"" + more + "}");
  }
  Response forgot(const std::string& email, const char* address = kHere) {
    return post("/api/v1/auth/forgot", R"({"email":")" + email + "\"}", address);
  }
  Response reset(const std::string& token, const std::string& more = "") {
    return post("/api/v1/auth/reset", R"({"token":")" + token + R"(","new_password":")" + kNew + "\"" + more + "}");
  }
  /// The token that was sent last.
  std::string sent() { return notices.told.empty() ? "" : notices.told.back().secret; }
  Response patch(const std::string& token, const std::string& body, int64_t version = 1000) {
    return send(ask(Method::patch, kMe).as(token).with("if-match", http::etag(version)).body(body));
  }
  Response erase(const std::string& token, const char* password = kPassword, int64_t version = 1000) {
    return send(ask(Method::del, kMe)
                    .as(token)
                    .with("if-match", http::etag(version))
                    .body(R"({"password":")" + std::string(password) + "\"}"));
  }
  int64_t count(const char* sql) {
    return **write([&] { return now->writer->connection().value<int64_t>(sql); });
  }
};

TEST_CASE("who registers is a customer and is logged in") {
  Home home;
  const Response made = home.sign_up("Ada@Shop.test");
  REQUIRE(made.status == 201);
  const Json body = *parse_json(made.body);
  CHECK(text(*body.find("user"), "email") == kEmail);
  CHECK(text(*body.find("user"), "role") == "customer");
  CHECK(text(*body.find("user"), "phone").empty());
  CHECK(made.body.find("$y$") == std::string::npos);
  CHECK(home.me(text(body, "access_token")).status == 200);
  CHECK(home.log_in(kEmail, kPassword).status == 200);
  CHECK(text(home.sign_up("ADA@shop.test"), "code") == "email_taken");
  CHECK(home.notices.told.empty());
  for (const char* email : {"plain", "a@b@c", "a b@c", ""}) CHECK(home.sign_up(email).status == 400);
}

TEST_CASE("nobody registers as more than a customer, unless this is a place to try things out") {
  Home home;
  for (const char* role : {"cashier", "inventory_manager", "manager", "admin"}) {
    const Response refused = home.sign_up("eve@shop.test", role);
    CHECK(refused.status == 403);
    CHECK(text(refused, "code") == "role_above_own");
  }
  CHECK(home.sign_up("eve@shop.test", "operator").status == 400);
  CHECK(home.sign_up("eve@shop.test", "king").status == 400);
  CHECK(home.log_in("eve@shop.test", kPassword).status == 401);
  CHECK(home.sign_up("eve@shop.test", "customer").status == 201);
  for (const char* field : {"active", "must_change_password", "password_hash", "pin_hash", "id", "version"})
    CHECK(
        home.post("/api/v1/auth/register", R"({"email":"x@y","name":"X","password":"long enough","role":"customer",")" +
                                               std::string(field) + "\":1}")
            .status == 400);

  home.users.open_roles = true;
  home.open();
  CHECK(text(*parse_json(home.sign_up("boss@shop.test", "admin").body)->find("user"), "role") == "admin");
  CHECK(home.sign_up("god@shop.test", "operator").status == 400);
}

TEST_CASE("a forgotten password is set anew by the token that was sent, once, and all sessions end") {
  Home home;
  home.add(kEmail, Role::cashier);
  const Tokens before(home.log_in(kEmail, kPassword));
  for (int n = 1; n <= 4; ++n) home.log_in(kEmail, "wrong");
  const Response asked = home.forgot("ADA@shop.test");
  CHECK(asked.status == 202);
  CHECK(asked.body == R"({"sent":true})");
  REQUIRE(home.notices.told.size() == 1);
  CHECK(home.notices.told[0].kind == domain::NoticeKind::password_reset);
  const std::string token = home.sent();
  CHECK(token.size() == 43);
  CHECK(home.count("SELECT count(*) FROM password_resets WHERE token_hash = CAST('' AS BLOB)") == 0);
  CHECK(home.reset("x").status == 401);
  CHECK(home.reset(token.substr(1)).status == 401);
  CHECK(home.reset(token + "A").status == 401);
  CHECK(home.post("/api/v1/auth/reset", R"({"token":")" + token + R"(","new_password":"short"})").status == 400);
  CHECK(home.me(before.access).status == 200);
  home.open();  // the way back survives a restart
  CHECK(home.reset(token).status == 204);
  CHECK(home.me(before.access).status == 401);
  CHECK(home.refresh(before.refresh).status == 401);
  CHECK(home.log_in(kEmail, kPassword).status == 401);
  CHECK(home.log_in(kEmail, kNew).status == 200);  // the wrong ones before are forgiven
  CHECK(text(home.reset(token), "code") == "invalid_reset_token");
}

TEST_CASE("a reset token ends by time, by the next one, by another password or address, and with the account") {
  Home home;
  const std::string id = text(home.add(kEmail, Role::cashier), "id");
  auto ask_again = [&] {
    home.clock.advance_ms(kForgetTries_ms);
    home.forgot(kEmail);
    return home.sent();
  };
  std::string token = ask_again();
  home.clock.advance_ms(kResetToken_ms - 1);
  const std::string second = (home.forgot(kEmail), home.sent());
  CHECK(second != token);
  CHECK(home.reset(token).status == 401);
  home.clock.advance_ms(kResetToken_ms);
  CHECK(home.reset(second).status == 401);
  CHECK(home.count("SELECT count(*) FROM password_resets") == 1);
  home.clock.advance_ms(1);
  CHECK(home.write([&] { return home.now->access->tidy(); }).ok());
  CHECK(home.count("SELECT count(*) FROM password_resets") == 0);

  token = ask_again();
  const std::string path = "/api/v1/users/" + id;
  CHECK(home.send(ask(Method::post, path + "/password").from("local").body(R"({"password":"a third password"})"))
            .status == 200);
  CHECK(home.reset(token).status == 401);

  token = ask_again();
  CHECK(home.send(ask(Method::patch, path).from("local").body(R"({"email":"b@shop.test","version":1001})")).status ==
        200);
  CHECK(home.reset(token).status == 401);
  CHECK(home.send(ask(Method::patch, path).from("local").body(R"({"email":"ada@shop.test","version":1002})")).status ==
        200);

  token = ask_again();
  CHECK(home.reset(token, R"(,"user_id":"01234567-89ab-7def-8123-456789abcdef")").status == 401);
  CHECK(home.send(ask(Method::del, path).from("local").with("if-match", "\"1003\"")).status == 204);
  CHECK(home.reset(token).status == 401);
  CHECK(home.send(ask(Method::patch, path).from("local").body(R"({"active":true,"version":1004})")).status == 200);
  CHECK(home.reset(token, R"(,"user_id":")" + id + "\"").status == 204);
}

TEST_CASE("of two who show one token at once the first has it") {
  Home home;
  home.add(kEmail, Role::cashier);
  home.forgot(kEmail);
  http::Request request;
  request.address = kHere;
  request.body = R"({"token":")" + home.sent() + R"(","new_password":"stolen password"})";
  const http::Routes routes = home.now->access->routes();
  const auto route = std::find_if(routes.begin(), routes.end(), [](const auto& r) { return r.name == "auth.reset"; });
  auto late = route->handler(request);
  REQUIRE(late.ok());
  CHECK(home.reset(home.sent()).status == 204);
  CHECK(home.write([&] { return std::get<http::Work>(*late)(); }).error().reason == "invalid_reset_token");
  CHECK(home.log_in(kEmail, kNew).status == 200);
}

TEST_CASE("asking for a new password tells nobody who has an account, and is counted for each address") {
  Home home;
  home.add(kEmail, Role::cashier);
  const std::string gone = text(home.add("gone@shop.test", Role::cashier), "id");
  REQUIRE(home.send(ask(Method::del, "/api/v1/users/" + gone).from("local").with("if-match", "\"1000\"")).status ==
          204);
  auto told = [&](const char* email) {
    const Response answer = home.forgot(email);
    return std::to_string(answer.status) + (answer.status == 202 ? answer.body : text(answer, "detail"));
  };
  const int64_t audited = home.count("SELECT count(*) FROM audit");
  for (int n = 1; n <= 5; ++n) {
    const std::string known = told(kEmail);
    CHECK(known == R"(202{"sent":true})");
    CHECK(told("nobody@shop.test") == known);
    CHECK(told("gone@shop.test") == known);
  }
  CHECK(home.count("SELECT count(*) FROM audit") == audited + 15);  // the same work for each
  CHECK(home.notices.told.size() == 5);
  const std::string waiting = told(kEmail);
  CHECK(waiting.starts_with("429"));
  CHECK(told("nobody@shop.test") == waiting);
  CHECK(home.forgot(kEmail, kElsewhere).status == 202);
  CHECK(home.log_in(kEmail, kPassword).status == 200);  // nor is anybody locked out by it
  CHECK(home.count("SELECT count(*) FROM password_resets") == 1);
}

TEST_CASE("an answer that cannot be sent is no token either") {
  Home home;
  home.add(kEmail, Role::cashier);
  home.notices.is_broken = true;
  CHECK(home.forgot(kEmail).status == 500);
  CHECK(home.count("SELECT count(*) FROM password_resets") == 0);
}

TEST_CASE("everybody changes his own name, address and phone number, and nothing else") {
  Home home;
  const Tokens ada(home.log_in(text(home.add(kEmail, Role::customer), "email"), kPassword));
  home.add("eve@shop.test", Role::customer);
  CHECK(home.send(ask(Method::get, kMe)).status == 401);
  CHECK(text(home.send(ask(Method::get, kMe).as(ada.access)), "email") == kEmail);
  const Response changed = home.patch(ada.access, R"({"name":"Ada L","phone":"+44 20 7946 0000"})");
  CHECK(changed.status == 200);
  CHECK(changed.version == 1001);
  CHECK(text(changed, "phone") == "+44 20 7946 0000");
  CHECK(text(home.patch(ada.access, R"({"email":"EVE@shop.test"})", 1001), "code") == "email_taken");
  CHECK(home.patch(ada.access, R"({"email":"nonsense"})", 1001).status == 400);
  CHECK(home.patch(ada.access, R"({"email":"Lovelace@shop.test"})", 1001).status == 200);
  CHECK(home.log_in("lovelace@shop.test", kPassword).status == 200);
  CHECK(home.patch(ada.access, R"({"name":"Late"})", 1001).status == 412);
  CHECK(home.send(ask(Method::patch, kMe).as(ada.access).body(R"({"name":"No version"})")).status == 428);
  for (const char* body : {R"({"role":"admin"})", R"({"active":false})", R"({"must_change_password":false})",
                           R"({"password_hash":"x"})", R"({"pin_hash":"x"})", R"({"name":""})", R"({"name":null})"})
    CHECK(home.patch(ada.access, body, 1002).status == 400);
}

TEST_CASE("whoever ends his account leaves a row that says nothing about him") {
  Home home;
  const Json in = home.join(kEmail, Role::customer);
  const std::string token = text(in, "access_token");
  const std::string id = text(*in.find("user"), "id");
  const std::string address =
      R"({"full_name":"Ada L","street":"1 St James's","city":"London","country":"GB","postal_code":"SW1"})";
  CHECK(home.send(ask(Method::post, "/api/v1/addresses").as(token).body(address)).status == 201);
  CHECK(home.send(ask(Method::post, "/count").as(token).with("idempotency-key", "k").body("{}")).status == 201);
  home.forgot(kEmail);
  const std::string way_back = home.sent();
  CHECK(home.patch(token, R"({"phone":"+44 20 7946 0000","version":1000})").status == 200);
  int asked = 0;
  home.users.before_erasing = [&](int64_t) { return ++asked, Status(Error{Code::conflict, "Orders", "open_orders"}); };
  home.open();
  CHECK(text(home.erase(token, kPassword, 1001), "code") == "open_orders");
  CHECK(home.me(token).status == 200);
  home.users.before_erasing = [&](int64_t) { return ++asked, Status(); };
  home.open();

  CHECK(home.erase(token, kPassword, 1000).status == 412);
  CHECK(home.erase(token, "not the password", 1001).status == 400);
  CHECK(asked == 1);
  CHECK(home.erase(token, kPassword, 1001).status == 204);
  CHECK(asked == 2);
  CHECK(home.me(token).status == 401);
  CHECK(home.refresh(text(in, "refresh_token")).status == 401);
  CHECK(home.reset(way_back).status == 401);
  CHECK(home.log_in(kEmail, kPassword).status == 401);
  const auto user = *home.now->reading.find_user(*parse_uuid(id));
  REQUIRE(user);
  CHECK(user->email == "erased-" + std::to_string(user->row) + "@erased.invalid");
  CHECK(user->name == "Erased");
  CHECK(user->phone.empty());
  CHECK(user->password_hash.empty());
  CHECK(!user->active);
  CHECK(home.log_in(user->email, "").status == 400);
  CHECK(home.log_in(user->email, "x").status == 401);
  for (const char* rows : {"SELECT count(*) FROM addresses", "SELECT count(*) FROM sessions",
                           "SELECT count(*) FROM password_resets", "SELECT count(*) FROM once_answers"})
    CHECK(home.count(rows) == 0);
  const Response audit = home.send(ask(Method::get, "/api/v1/audit").from("local").query("action", "user_erased"));
  CHECK(text((*parse_json(audit.body)->find("items")->array())[0], "subject_id") == id);
  CHECK(home.sign_up(kEmail).status == 201);  // the address is free, and its new owner another person
  CHECK(text(home.send(ask(Method::get, "/api/v1/users/" + id).from("local")), "name") == "Erased");
}

TEST_CASE("guessing the password at the door out costs tries, and the last admin stays") {
  Home home;
  const Json in = home.join("admin@shop.test", Role::admin);
  const std::string token = text(in, "access_token");
  CHECK(text(home.erase(token), "code") == "last_admin");
  CHECK(home.me(token).status == 200);
  for (int n = 1; n <= 5; ++n) CHECK(home.erase(token, "guess").status == 400);
  CHECK(home.erase(token).status == 429);
  CHECK(home.log_in("admin@shop.test", kPassword).status == 429);
  CHECK(home.log_in("admin@shop.test", kPassword, kElsewhere).status == 200);
}

}  // namespace
}  // namespace till::access
