// Users: who may do what to whom, versions, passwords, the first and the last admin.
#include "access/premises.h"

namespace till::access {
namespace {

constexpr const char* kUsers = "/api/v1/users";
constexpr const char* kOther = "another long password";

std::string new_user(const char* email, const char* role, const char* password = kPassword) {
  return std::string(R"({"email":")") + email + R"(","name":"N","role":")" + role + R"(","password":")" + password +
         "\"}";
}

struct Office : Premises {
  Json admin = add("admin@shop.test", Role::admin);
  Json cashier = add("cash@shop.test", Role::cashier);
  std::string token = Tokens(log_in("admin@shop.test", kPassword)).access;

  static std::string path(const Json& user, const char* tail = "") {
    return std::string(kUsers) + "/" + text(user, "id") + tail;
  }
  Response patch(const Json& user, const std::string& body, int64_t version) {
    return send(ask(Method::patch, path(user)).as(token).with("if-match", http::etag(version)).body(body));
  }
  Response get(const Json& user) { return send(ask(Method::get, path(user)).as(token)); }
};

TEST_CASE("adding a user: all faults at once, no unknown key, no taken address") {
  Office office;
  auto post = [&](const std::string& body) {
    return office.send(ask(Method::post, kUsers).as(office.token).body(body));
  };
  const Response made = post(new_user("New@shop.test", "customer"));
  CHECK(made.status == 201);
  CHECK(test::header(made, "Location") == std::string(kUsers) + "/" + text(made, "id"));
  CHECK(made.version == 1000);
  CHECK(text(made, "email") == "new@shop.test");
  CHECK(made.body.find("password_hash") == std::string::npos);
  CHECK(text(post(new_user("NEW@SHOP.test", "customer")), "code") == "email_taken");
  const Json faults = *parse_json(post(R"({"email":"x","role":"king","password":"short"})").body);
  CHECK(faults.find("errors")->array()->size() == 4);  // name missing, the other three wrong
  for (const char* extra : {"id", "version", "row", "active", "must_change_password", "password_hash"}) {
    std::string body = new_user("more@shop.test", "customer");
    body.insert(1, "\"" + std::string(extra) + "\":1,");
    CHECK(post(body).status == 400);
  }
  for (const char* email : {"plain", "@shop.test", "a@", "a@b@c", "a b@c", "a@b\\u0000", "\\u00e4@shop.test"})
    CHECK(post(new_user(email, "customer")).status == 400);
  CHECK(post(new_user("long@shop.test", "customer", std::string(65, 'x').c_str())).status == 400);
}

TEST_CASE("nobody grants or touches a role above his own, and nobody becomes the operator") {
  Office office;
  office.add("manager@shop.test", Role::manager);
  const std::string manager = Tokens(office.log_in("manager@shop.test", kPassword)).access;
  const std::string cashier = Tokens(office.log_in("cash@shop.test", kPassword)).access;
  for (const std::string& who : {manager, cashier}) {
    CHECK(office.send(ask(Method::post, kUsers).as(who).body(new_user("x@shop.test", "customer"))).status == 403);
    CHECK(office
              .send(ask(Method::patch, Office::path(office.cashier))
                        .as(who)
                        .with("if-match", "\"1000\"")
                        .body(R"({"role":"admin"})"))
              .status == 403);
    CHECK(office
              .send(ask(Method::post, Office::path(office.admin, "/password"))
                        .as(who)
                        .body(R"({"password":"another long password"})"))
              .status == 403);
    CHECK(office.send(ask(Method::del, Office::path(office.admin)).as(who).with("if-match", "\"1000\"")).status == 403);
  }
  CHECK(office.send(ask(Method::get, kUsers).as(manager)).status == 200);
  CHECK(office.send(ask(Method::get, kUsers).as(cashier)).status == 403);
  CHECK(office.send(ask(Method::get, Office::path(office.admin)).as(cashier)).status == 200);
  office.add("customer@shop.test", Role::customer);
  const std::string customer = Tokens(office.log_in("customer@shop.test", kPassword)).access;
  CHECK(office.send(ask(Method::get, Office::path(office.admin)).as(customer)).status == 403);
  CHECK(office.send(ask(Method::get, kUsers)).status == 401);

  CHECK(office.patch(office.cashier, R"({"role":"operator"})", 1000).status == 400);
  CHECK(office.send(ask(Method::post, kUsers).from("local").body(new_user("x@shop.test", "operator"))).status == 400);
  CHECK(text(office.get(office.cashier), "role") == "cashier");

  // The rule itself, behind the routes: a manager's rights do not reach an admin's role.
  Passwords passwords(office.random, office.clock, 1);
  LiveSessions live;
  const Ports ports{.reading = office.now->reading,
                    .writing = office.now->writing,
                    .clock = office.clock,
                    .random = office.random,
                    .ids = office.ids,
                    .notices = office.notices};
  UserRows rows(ports, office.users, live);
  Users users(ports, rows, passwords);
  const Actor actor{{.user = 9, .rights = domain::rights_of(Role::manager)}, kHere};
  CHECK(users.add(actor, {"y@shop.test", "Y", Role::admin, kPassword}).error().reason == "role_above_own");
  auto raise = users.change(actor, *parse_uuid(text(office.cashier, "id")),
                            {[] {
                               auto patch = patch_from_json<domain::User>(*parse_json(R"({"role":"admin"})"));
                               return std::move(*patch);
                             }(),
                             1000});
  CHECK(office.write(std::ref(raise)).error().reason == "role_above_own");
  auto lower = users.deactivate(actor, *parse_uuid(text(office.admin, "id")), 1000);
  CHECK(office.write(std::ref(lower)).error().reason == "role_above_own");
}

TEST_CASE("a change needs the version it was made for") {
  Office office;
  const std::string body = R"({"name":"Renamed"})";
  CHECK(office.send(ask(Method::patch, Office::path(office.cashier)).as(office.token).body(body)).status == 428);
  const Response stale = office.patch(office.cashier, body, 999);
  CHECK(stale.status == 412);
  CHECK(text(*parse_json(stale.body)->find("current"), "name") == "Somebody");
  const Response changed = office.patch(office.cashier, body, 1000);
  CHECK(changed.status == 200);
  CHECK(changed.version == 1001);
  CHECK(office.patch(office.cashier, body, 1000).status == 412);
  CHECK(office.patch(office.cashier, body, 1001).version == 1001);  // nothing to change
  CHECK(office
            .send(ask(Method::patch, Office::path(office.cashier))
                      .as(office.token)
                      .body(R"({"name":"By body","version":1001})"))
            .version == 1002);
  CHECK(office.patch(office.cashier, R"({"version":1002,"created_at":"2026-01-01T00:00:00Z"})", 1002).status == 400);
  CHECK(office.patch(office.cashier, R"({"email":"ADMIN@shop.test"})", 1002).status == 409);
  CHECK(office.patch(office.cashier, R"({"email":"CASH@shop.test"})", 1002).status == 200);  // his own
  CHECK(office.send(ask(Method::get, std::string(kUsers) + "/nobody").as(office.token)).status == 404);
}

TEST_CASE("a change shows in sessions that are open, at once") {
  Office office;
  const Tokens cashier(office.log_in("cash@shop.test", kPassword));
  auto audit = [&] { return office.send(ask(Method::get, "/api/v1/audit").as(cashier.access)).status; };
  CHECK(audit() == 403);
  CHECK(office.patch(office.cashier, R"({"role":"manager"})", 1000).status == 200);
  CHECK(audit() == 200);
  CHECK(office.patch(office.cashier, R"({"role":"customer"})", 1001).status == 200);
  CHECK(audit() == 403);
  CHECK(office.send(ask(Method::del, Office::path(office.cashier)).as(office.token).with("if-match", "\"1002\""))
            .status == 204);
  CHECK(audit() == 401);
  CHECK(office.refresh(cashier.refresh).status == 401);
  CHECK(office.log_in("cash@shop.test", kPassword).status == 401);
  CHECK(office.patch(office.cashier, R"({"active":true})", 1003).status == 200);
  CHECK(office.refresh(cashier.refresh).status == 401);  // the old sessions stay ended
  CHECK(office.log_in("cash@shop.test", kPassword).status == 200);
}

TEST_CASE("the last active admin stays one") {
  Office office;
  auto remove = [&](const Json& user) {
    return office.send(ask(Method::del, Office::path(user)).from("local").with("if-match", "\"1000\""));
  };
  CHECK(text(office.patch(office.admin, R"({"role":"manager"})", 1000), "code") == "last_admin");
  CHECK(text(office.patch(office.admin, R"({"active":false})", 1000), "code") == "last_admin");
  CHECK(text(remove(office.admin), "code") == "last_admin");
  const Json second = office.add("second@shop.test", Role::admin);
  CHECK(remove(second).status == 204);
  CHECK(remove(office.admin).status == 409);
  office.add("third@shop.test", Role::admin);
  CHECK(remove(office.admin).status == 204);
  CHECK(office.me(office.token).status == 401);
}

TEST_CASE("a password given by somebody else ends all sessions; one's own change keeps the own session") {
  Office office;
  const Tokens first(office.log_in("cash@shop.test", kPassword));
  const Tokens second(office.log_in("cash@shop.test", kPassword));
  CHECK(office.change_password(first.access, "wrong password", kOther).status == 400);
  CHECK(office.change_password(first.access, kPassword, kPassword).status == 400);
  CHECK(office.change_password(first.access, kPassword, "short").status == 400);
  CHECK(office.me(second.access).status == 200);
  const Response changed = office.change_password(first.access, kPassword, kOther);
  CHECK(changed.status == 200);
  CHECK(changed.version == 1001);
  CHECK(office.me(first.access).status == 200);
  CHECK(office.me(second.access).status == 401);
  CHECK(office.refresh(second.refresh).status == 401);
  CHECK(office.log_in("cash@shop.test", kPassword).status == 401);
  CHECK(office.log_in("cash@shop.test", kOther).status == 200);

  CHECK(office
            .send(ask(Method::post, Office::path(office.cashier, "/password"))
                      .as(office.token)
                      .body(R"({"password":"a third password"})"))
            .status == 200);
  CHECK(office.me(first.access).status == 401);
  CHECK(office.refresh(first.refresh).status == 401);
  CHECK(office.log_in("cash@shop.test", "a third password").status == 200);
  CHECK(office.first_password_spent == 0);
}

TEST_CASE("guessing the old password with a stolen token costs tries, too") {
  Office office;
  const Tokens cashier(office.log_in("cash@shop.test", kPassword));
  for (int n = 1; n <= 5; ++n) CHECK(office.change_password(cashier.access, "guess", kOther).status == 400);
  CHECK(office.change_password(cashier.access, kPassword, kOther).status == 429);
  CHECK(office.log_in("cash@shop.test", kPassword).status == 429);
  CHECK(office.log_in("cash@shop.test", kPassword, kElsewhere).status == 200);
}

TEST_CASE("a change of password that waited is judged in the writer's order, too") {
  Office office;
  const Tokens cashier(office.log_in("cash@shop.test", kPassword));
  http::Request request;
  request.address = kHere;
  request.caller = *office.now->access->authenticator().authenticate(cashier.access);
  request.body = std::string(R"({"old_password":")") + kPassword + R"(","new_password":")" + kOther + R"("})";
  const http::Routes routes = office.now->access->routes();
  const auto route =
      std::find_if(routes.begin(), routes.end(), [](const auto& r) { return r.name == "auth.password"; });
  auto first = route->handler(request);
  auto second = route->handler(request);
  REQUIRE(first.ok());
  REQUIRE(second.ok());
  CHECK(office.write([&] { return std::get<http::Work>(*first)(); }).ok());
  auto late = office.write([&] { return std::get<http::Work>(*second)(); });  // the old one is no longer the password
  REQUIRE(late.ok());
  CHECK((*late)().error().fields[0].pointer == "/old_password");
  request.body = std::string(R"({"old_password":")") + kOther + R"(","new_password":"a third password"})";
  auto third = route->handler(request);
  REQUIRE(third.ok());
  for (int n = 2; n <= 5; ++n) CHECK(office.change_password(cashier.access, "guess", kPassword).status == 400);
  CHECK(office.write([&] { return std::get<http::Work>(*third)(); }).error().code == Code::too_many);
}

TEST_CASE("whom the hub deactivates gets no new token") {
  Office office;
  const Tokens cashier(office.log_in("cash@shop.test", kPassword));
  auto user = *office.now->reading.find_user(*parse_uuid(text(office.cashier, "id")));
  user->active = false;
  CHECK(office.write([&] { return office.now->writing.change_user(*user); }).ok());
  CHECK(office.refresh(cashier.refresh).status == 401);
}

TEST_CASE("the first admin is made once, can do nothing before he changes his password, and then everything") {
  Premises shop;
  auto ensure = [&](bool kept) { return *shop.write([&] { return shop.now->access->ensure_admin(kept); }); };
  const auto lost = ensure(false);
  REQUIRE(lost);
  CHECK(lost->size() == 20);
  const auto password = ensure(false);  // killed before the password was kept: another one
  REQUIRE(password);
  CHECK(*password != *lost);
  CHECK(!ensure(true));
  shop.open();
  CHECK(!ensure(true));
  CHECK(shop.log_in(kFirstAdmin, *lost).status == 401);

  const Tokens admin(shop.log_in(kFirstAdmin, *password));
  auto list = [&](const std::string& token) { return shop.send(ask(Method::get, kUsers).as(token)); };
  CHECK(shop.me(admin.access).status == 200);
  CHECK(text(list(admin.access), "code") == "password_change_required");
  CHECK(text(list(Tokens(shop.refresh(admin.refresh)).access), "code") == "password_change_required");
  CHECK(shop.send(ask(Method::post, kUsers).as(admin.access).body(new_user("x@shop.test", "admin"))).status == 403);
  CHECK(shop.change_password(admin.access, *password, *password).status == 400);
  CHECK(shop.first_password_spent == 0);
  CHECK(shop.change_password(admin.access, *password, kOther).status == 200);
  CHECK(shop.first_password_spent == 1);
  CHECK(list(admin.access).status == 200);
  CHECK(!ensure(false));
  shop.open();
  CHECK(list(admin.access).status == 200);
  CHECK(!ensure(false));
}

TEST_CASE("a shop with an admin gets no first one, and one without gets its first one back") {
  Office office;
  auto ensure = [&] { return *office.write([&] { return office.now->access->ensure_admin(false); }); };
  CHECK(!ensure());
  auto admin = *office.now->reading.find_user(*parse_uuid(text(office.admin, "id")));
  admin->email = kFirstAdmin;
  admin->active = false;  // as the hub may say
  CHECK(office.write([&] { return office.now->writing.change_user(*admin); }).ok());
  const auto password = ensure();
  REQUIRE(password);
  CHECK(office.log_in(kFirstAdmin, *password).status == 200);
  CHECK((*office.now->reading.list_users({}, {})).items.size() == 2);
}

TEST_CASE("users are listed page by page, and one more in between shifts nothing") {
  Premises shop;
  for (int n = 0; n < 7; ++n) shop.add("u" + std::to_string(n) + "@shop.test", Role::customer);
  std::vector<std::string> seen;
  std::string cursor;
  do {
    auto page = ask(Method::get, kUsers).from("local").query("limit", "3");
    if (!cursor.empty()) page = std::move(page).query("cursor", cursor);
    const Response answer = shop.send(std::move(page));
    REQUIRE(answer.status == 200);
    const Json body = *parse_json(answer.body);
    for (const Json& item : *body.find("items")->array()) seen.push_back(text(item, "email"));
    const Json& next = *body.find("next");
    CHECK(next.is_null() == test::header(answer, "Link").empty());
    cursor = next.is_null() ? "" : *next.string();
    if (seen.size() == 3) shop.add("u7@shop.test", Role::customer);
  } while (!cursor.empty());
  REQUIRE(seen.size() == 8);
  for (size_t n = 0; n < seen.size(); ++n) CHECK(seen[n] == "u" + std::to_string(n) + "@shop.test");
  for (const char* bad : {"0", "201", "-1", "x", ""})
    CHECK(shop.send(ask(Method::get, kUsers).from("local").query("limit", bad)).status == 400);
  CHECK(shop.send(ask(Method::get, kUsers).from("local").query("cursor", "AAAA")).status == 400);
  CHECK(shop.send(ask(Method::get, kUsers).from("local").query("colour", "red")).status == 400);
}

TEST_CASE("users are found by role, by whether they are active, and by a part of name, address or phone number") {
  Office office;
  office.add("bob@home.test", Role::customer);
  const Json eve = office.add("eve@home.test", Role::customer);
  CHECK(office.patch(eve, R"({"name":"Eve 100% O'Hara_","phone":"+49 30 1234"})", 1000).status == 200);
  CHECK(office.send(ask(Method::del, Office::path(office.cashier)).as(office.token).with("if-match", "\"1000\""))
            .status == 204);
  auto found = [&](std::vector<std::pair<std::string, std::string>> filters) {
    test::Ask asked = ask(Method::get, kUsers).as(office.token).query("total", "true");
    for (const auto& [name, value] : filters) asked = std::move(asked).query(name, value);
    const Response answer = office.send(std::move(asked));
    REQUIRE(answer.status == 200);
    const Json body = *parse_json(answer.body);
    std::string emails;
    for (const Json& item : *body.find("items")->array()) emails += text(item, "email") + " ";
    CHECK(number(body, "total") == static_cast<int64_t>(body.find("items")->array()->size()));
    return emails;
  };
  CHECK(found({{"role", "customer"}}) == "bob@home.test eve@home.test ");
  CHECK(found({{"active", "false"}}) == "cash@shop.test ");
  CHECK(found({{"active", "true"}, {"role", "cashier"}}).empty());
  CHECK(found({{"q", "HOME.test"}}) == "bob@home.test eve@home.test ");
  CHECK(found({{"q", "o'hara_"}}) == "eve@home.test ");
  CHECK(found({{"q", "100%"}}) == "eve@home.test ");
  CHECK(found({{"q", "%"}}) == "eve@home.test ");  // a letter like any other
  CHECK(found({{"q", "30 12"}, {"role", "customer"}}) == "eve@home.test ");
  CHECK(found({{"q", "' OR 1=1 --"}}).empty());
  CHECK(office.send(ask(Method::get, kUsers).as(office.token).query("role", "king")).status == 400);
  CHECK(office.send(ask(Method::get, kUsers).as(office.token).query("active", "maybe")).status == 400);
}

}  // namespace
}  // namespace till::access
