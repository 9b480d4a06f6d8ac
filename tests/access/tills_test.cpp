// Tills: pairing, revoking, and log-in by PIN at them.
#include "access/premises.h"

namespace till::access {
namespace {

constexpr const char* kTills = "/api/v1/tills";

struct Counter : Premises {
  std::string manager = text(join("manager@shop.test", Role::manager), "access_token");
  Json ann = join("ann@shop.test", Role::cashier);

  std::string ann_id() { return text(*ann.find("user"), "id"); }
  Response post(const std::string& path, const std::string& body, const std::string& who = "") {
    test::Ask asked = ask(Method::post, path);
    return send(std::move(who.empty() ? std::move(asked) : std::move(asked).as(who)).body(body));
  }
  Json add_till(const std::string& name = "Till 1") {
    const Response made = post(kTills, R"({"name":")" + name + "\"}", manager);
    REQUIRE(made.status == 201);
    return *parse_json(made.body);
  }
  Response pair(const std::string& code, const char* address = kHere) {
    return send(ask(Method::post, "/api/v1/tills/pair").from(address).body(R"({"code":")" + code + "\"}"));
  }
  /// A till with a device: its token.
  std::string paired(const Json& made) {
    const Response answer = pair(text(made, "pairing_code"));
    REQUIRE(answer.status == 201);
    return text(answer, "till_token");
  }
  Response another_code(const Json& made) { return post(path(made) + "/code", "", manager); }
  Response revoke(const Json& made, int64_t version) {
    return send(ask(Method::del, path(made)).as(manager).with("if-match", http::etag(version)));
  }
  Response current(const std::string& token) {
    return send(ask(Method::get, "/api/v1/tills/current").with("till-token", token));
  }
  Response set_pin(const std::string& token, const std::string& pin, const std::string& password = kPassword) {
    return send(ask(Method::put, "/api/v1/auth/pin")
                    .as(token)
                    .body(R"({"password":")" + password + R"(","pin":")" + pin + "\"}"));
  }
  void ann_has_pin() { REQUIRE(set_pin(text(ann, "access_token"), "2468").status == 204); }
  Response by_pin(const std::string& till_token, const std::string& user_id, const std::string& pin,
                  const char* address = kHere) {
    return send(ask(Method::post, "/api/v1/auth/pin")
                    .from(address)
                    .with("till-token", till_token)
                    .body(R"({"user_id":")" + user_id + R"(","pin":")" + pin + "\"}"));
  }
  static std::string path(const Json& made) { return std::string(kTills) + "/" + text(*made.find("till"), "id"); }
};

TEST_CASE("a till is paired by a code, once, within ten minutes") {
  Counter shop;
  const Json made = shop.add_till();
  const std::string code = text(made, "pairing_code");
  CHECK(code.size() == 8);
  CHECK(text(*made.find("till"), "state") == "unpaired");
  CHECK(shop.pair("wrong234").status == 401);
  std::string loud = code;
  for (char& c : loud) c = static_cast<char>(std::toupper(c));
  shop.open();
  shop.clock.advance_ms(kPairingCode_ms - 1);
  const Response answer = shop.pair(loud);
  REQUIRE(answer.status == 201);
  CHECK(text(*parse_json(answer.body)->find("till"), "state") == "paired");
  const std::string token = text(answer, "till_token");
  CHECK(token.size() == 43);
  CHECK(text(shop.pair(code), "code") == "invalid_pairing_code");
  CHECK(text(*parse_json(shop.current(token).body)->find("till"), "name") == "Till 1");
  shop.open();
  CHECK(shop.current(token).status == 200);

  const Json late = shop.add_till();
  shop.clock.advance_ms(kPairingCode_ms);
  CHECK(shop.pair(text(late, "pairing_code")).status == 401);
  const Response again = shop.send(ask(Method::post, Counter::path(late) + "/code").from("local").body(""));
  CHECK(again.status == 200);
  CHECK(shop.pair(text(late, "pairing_code")).status == 401);
  CHECK(shop.pair(text(again, "pairing_code")).status == 201);
}

TEST_CASE("guessed codes are counted by address, and no secret is kept or shown") {
  Counter shop;
  const Json made = shop.add_till();
  const std::string code = text(made, "pairing_code");
  for (int n = 1; n <= 5; ++n) CHECK(shop.pair("guess" + std::to_string(n), kElsewhere).status == 401);
  CHECK(shop.pair(code, kElsewhere).status == 429);
  const std::string token = shop.paired(made);
  const Response list = shop.send(ask(Method::get, kTills).as(shop.manager));
  for (const Response& shown : {list, shop.current(token)}) {
    CHECK(shown.body.find(token) == std::string::npos);
    CHECK(shown.body.find("hash") == std::string::npos);
  }
  const auto kept = *shop.now->reading.find_till(*parse_uuid(text(*made.find("till"), "id")));
  CHECK(kept->code_hash.empty());
  CHECK(kept->token_hash.size() == 64);
  CHECK(kept->token_hash.find(token) == std::string::npos);
  CHECK(shop.post("/api/v1/tills/pair", R"({"code":""})").status == 400);
}

TEST_CASE("tills are the manager's") {
  Counter shop;
  const std::string cashier = text(shop.ann, "access_token");
  const Json made = shop.add_till();
  CHECK(shop.post(kTills, R"({"name":"Mine"})", cashier).status == 403);
  CHECK(shop.post(Counter::path(made) + "/code", "", cashier).status == 403);
  CHECK(shop.send(ask(Method::get, kTills).as(cashier)).status == 403);
  auto patch = [&](const std::string& body, int64_t version) {
    return shop.send(
        ask(Method::patch, Counter::path(made)).as(shop.manager).with("if-match", http::etag(version)).body(body));
  };
  CHECK(text(patch(R"({"name":"Front"})", 1000), "name") == "Front");
  CHECK(patch(R"({"name":"Late"})", 1000).status == 412);
  CHECK(patch(R"({"state":"paired"})", 1001).status == 400);
  CHECK(patch(R"({"token_hash":"x"})", 1001).status == 400);
  shop.add_till("Second");
  const Response page = shop.send(ask(Method::get, kTills).as(shop.manager).query("limit", "1").query("total", "true"));
  const Json body = *parse_json(page.body);
  CHECK(body.find("items")->array()->size() == 1);
  CHECK(number(body, "total") == 2);
  CHECK(!body.find("next")->is_null());
  CHECK(shop.post("/api/v1/tills/01234567-89ab-7def-8123-456789abcdef/code", "", shop.manager).status == 404);
}

TEST_CASE("staff log in by PIN at a paired till, and the session knows the till") {
  Counter shop;
  const std::string token = shop.paired(shop.add_till());
  CHECK(parse_json(shop.current(token).body)->find("staff")->array()->empty());
  shop.ann_has_pin();
  const Json place = *parse_json(shop.current(token).body);
  REQUIRE(place.find("staff")->array()->size() == 1);
  CHECK(text((*place.find("staff")->array())[0], "id") == shop.ann_id());
  CHECK((*place.find("staff")->array())[0].object()->size() == 2);  // an id and a name, no more

  CHECK(text(shop.by_pin(token, shop.ann_id(), "8642"), "code") == "wrong_pin");
  const Tokens in(shop.by_pin(token, shop.ann_id(), "2468", kElsewhere));
  const int64_t till = (*shop.now->reading.list_tills({})).items[0].row;
  auto till_of_session = [&](const std::string& access_token) {
    return shop.now->access->authenticator().authenticate(access_token)->till;
  };
  CHECK(till_of_session(in.access) == till);
  CHECK(till_of_session(text(shop.ann, "access_token")) == 0);
  CHECK(shop.notices.told.empty());  // a till is no strange place
  shop.open();
  CHECK(till_of_session(in.access) == till);
  CHECK(till_of_session(Tokens(shop.refresh(in.refresh)).access) == till);
  const std::string name = R"({"name":"Ann","version":1001})";
  CHECK(shop.send(ask(Method::patch, "/api/v1/users/me").as(in.access).body(name)).status == 200);
  CHECK(till_of_session(in.access) == till);  // also after the user changed
}

TEST_CASE(
    "a PIN is good for nothing without a paired till, for nobody but active staff, and only while it is the PIN") {
  Counter shop;
  const std::string token = shop.paired(shop.add_till());
  shop.ann_has_pin();
  for (const std::string& device : {std::string(), std::string("x"), token + "A", token.substr(1),
                                    text(shop.ann, "access_token"), text(shop.ann, "refresh_token")}) {
    CHECK(text(shop.by_pin(device, shop.ann_id(), "2468"), "code") == "invalid_till_token");
    CHECK(shop.current(device).status == 401);
  }
  const std::string pin_body = R"({"user_id":")" + shop.ann_id() + R"(","pin":"2468"})";
  CHECK(shop.post("/api/v1/auth/pin", pin_body).status == 401);  // no header at all
  CHECK(shop.by_pin(token, "01234567-89ab-7def-8123-456789abcdef", "2468").status == 401);
  CHECK(shop.by_pin(token, text(*parse_json(shop.me(shop.manager).body), "id"), "").status == 400);
  CHECK(shop.by_pin(token, text(*parse_json(shop.me(shop.manager).body), "id"), "2468").status == 401);  // has none

  auto change_ann = [&](const std::string& body, int64_t version) {
    return shop
        .send(ask(Method::patch, "/api/v1/users/" + shop.ann_id())
                  .from("local")
                  .with("if-match", http::etag(version))
                  .body(body))
        .status;
  };
  CHECK(change_ann(R"({"role":"customer"})", 1001) == 200);
  CHECK(shop.by_pin(token, shop.ann_id(), "2468").status == 401);
  CHECK(parse_json(shop.current(token).body)->find("staff")->array()->empty());
  CHECK(change_ann(R"({"role":"cashier","active":false})", 1002) == 200);
  CHECK(shop.by_pin(token, shop.ann_id(), "2468").status == 401);
  CHECK(change_ann(R"({"active":true})", 1003) == 200);
  const Tokens back(shop.by_pin(token, shop.ann_id(), "2468"));
  CHECK(shop.set_pin(back.access, "13579").status == 204);
  CHECK(shop.by_pin(token, shop.ann_id(), "2468").status == 401);
  CHECK(shop.by_pin(token, shop.ann_id(), "13579").status == 200);
  CHECK(shop.send(ask(Method::del, "/api/v1/auth/pin").as(back.access)).status == 204);
  CHECK(shop.send(ask(Method::del, "/api/v1/auth/pin").as(back.access)).status == 204);
  CHECK(shop.by_pin(token, shop.ann_id(), "13579").status == 401);
}

TEST_CASE("a PIN is 4 to 8 digits, set by who knows the password, and is no password") {
  Counter shop;
  const std::string ann = text(shop.ann, "access_token");
  for (const char* pin : {"", "123", "123456789", "12a4", "12 4", "-123", "\\u0661\\u0662\\u0663\\u0664"})
    CHECK(shop.set_pin(ann, pin).status == 400);
  const std::string customer = text(shop.join("eve@home.test", Role::customer), "access_token");
  CHECK(shop.set_pin(customer, "2468").status == 403);
  CHECK(shop.set_pin(ann, "2468").status == 204);
  CHECK(shop.log_in("ann@shop.test", "2468").status == 401);
  CHECK(shop.set_pin(ann, "2468", "2468").status == 400);
  const Response seen = shop.send(ask(Method::get, "/api/v1/users/" + shop.ann_id()).from("local"));
  CHECK(seen.body.find("pin") == std::string::npos);
  for (int n = 3; n <= 5; ++n) CHECK(shop.set_pin(ann, "2468", "guess").status == 400);
  CHECK(shop.set_pin(ann, "2468").status == 429);
  const Response audit = shop.send(ask(Method::get, "/api/v1/audit").as(shop.manager).query("action", "pin_set"));
  CHECK(parse_json(audit.body)->find("items")->array()->size() == 1);
  CHECK(audit.body.find("2468") == std::string::npos);
}

TEST_CASE("PINs are guessed five times at a till and for a user, and a stranger's guesses lock nobody at another") {
  Counter shop;
  shop.ann_has_pin();
  const std::string bob = text(*shop.join("bob@shop.test", Role::cashier).find("user"), "id");
  const std::string front = shop.paired(shop.add_till("Front"));
  const std::string back = shop.paired(shop.add_till("Back"));
  for (int n = 1; n <= 5; ++n) CHECK(shop.by_pin(front, shop.ann_id(), "0000", kElsewhere).status == 401);
  const Response waiting = shop.by_pin(front, shop.ann_id(), "2468");
  CHECK(waiting.status == 429);  // wherever the device is
  CHECK(test::header(waiting, "Retry-After") == "30");
  shop.open();
  CHECK(shop.by_pin(front, shop.ann_id(), "2468").status == 429);
  CHECK(shop.by_pin(front, bob, "0000").status == 401);  // another user
  CHECK(shop.by_pin(back, shop.ann_id(), "2468").status == 200);
  CHECK(shop.log_in("ann@shop.test", kPassword).status == 200);

  for (int n = 1; n <= 9; ++n) shop.log_in("ann@shop.test", "wrong", kElsewhere);  // a stranger without a till
  for (int n = 1; n <= 9; ++n) shop.by_pin("forged", shop.ann_id(), "0000", kElsewhere);
  CHECK(shop.by_pin(back, shop.ann_id(), "2468", kElsewhere).status == 200);
  shop.clock.advance_ms(kFirstWait_ms);
  CHECK(shop.by_pin(front, shop.ann_id(), "2468").status == 200);
}

TEST_CASE("a revoked till is a stranger at once: its token, its code and the sessions that began at it are dead") {
  Counter shop;
  shop.ann_has_pin();
  const Json made = shop.add_till();
  const std::string token = shop.paired(made);
  const Tokens at_till(shop.by_pin(token, shop.ann_id(), "2468"));
  const Tokens elsewhere(shop.log_in("ann@shop.test", kPassword));
  const std::string code = text(shop.another_code(made), "pairing_code");
  CHECK(shop.current(token).status == 200);  // a new code alone changes nothing
  CHECK(shop.me(at_till.access).status == 200);
  CHECK(shop.revoke(made, 1000).status == 412);
  CHECK(shop.revoke(made, 1002).status == 204);
  CHECK(shop.current(token).status == 401);
  CHECK(shop.by_pin(token, shop.ann_id(), "2468").status == 401);
  CHECK(shop.pair(code).status == 401);
  CHECK(shop.me(at_till.access).status == 401);
  CHECK(shop.refresh(at_till.refresh).status == 401);
  CHECK(shop.me(elsewhere.access).status == 200);
  shop.open();
  CHECK(shop.me(at_till.access).status == 401);
  CHECK(shop.me(elsewhere.access).status == 200);
  CHECK(text(shop.another_code(made), "code") == "till_revoked");
  CHECK(text(shop.revoke(made, 1003), "code") == "till_revoked");
}

TEST_CASE("a log-in by PIN that waited while its till was revoked is refused") {
  Counter shop;
  shop.ann_has_pin();
  const Json made = shop.add_till();
  const std::string token = shop.paired(made);
  const http::Routes routes = shop.now->access->routes();
  const auto route = std::find_if(routes.begin(), routes.end(), [](const auto& r) { return r.name == "auth.pin"; });
  http::Request request;
  request.address = kHere;
  request.headers.emplace_back("till-token", token);
  request.body = R"({"user_id":")" + shop.ann_id() + R"(","pin":"2468"})";
  auto late = route->handler(request);
  REQUIRE(late.ok());
  CHECK(shop.revoke(made, 1001).status == 204);
  CHECK(shop.write([&] { return std::get<http::Work>(*late)(); }).error().reason == "invalid_till_token");
}

TEST_CASE("another device in a till's place takes its token and its sessions away") {
  Counter shop;
  shop.ann_has_pin();
  const Json made = shop.add_till();
  const std::string former = shop.paired(made);
  const Tokens in(shop.by_pin(former, shop.ann_id(), "2468"));
  const Response code = shop.another_code(made);
  const std::string now = shop.paired(*parse_json(code.body));
  CHECK(shop.current(former).status == 401);
  CHECK(shop.me(in.access).status == 401);
  CHECK(shop.by_pin(now, shop.ann_id(), "2468").status == 200);
}

}  // namespace
}  // namespace till::access
