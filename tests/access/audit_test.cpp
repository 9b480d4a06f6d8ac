// The audit log: what is in it, what never is, how it is asked, and that a changed row shows.
#include "access/premises.h"

namespace till::access {
namespace {

struct Archive : Premises {
  std::string user = text(add("ada@shop.test", Role::manager), "id");
  Tokens ada{log_in("ada@shop.test", kPassword)};

  Json::Array read(test::Ask asked) {
    const Response answer = send(std::move(asked).as(ada.access));
    REQUIRE(answer.status == 200);
    return *parse_json(answer.body)->find("items")->array();
  }
  std::vector<std::string> actions() {
    std::vector<std::string> words;
    for (const Json& item : read(ask(Method::get, "/api/v1/audit"))) words.push_back(text(item, "action"));
    return words;
  }
  /// Somebody with an editor.
  void tamper(const char* statement) {
    close();
    auto db = sqlite::Connection::open(folder.file("till.db"), sqlite::Mode::write);
    REQUIRE(db.ok());
    REQUIRE((*db)->execute(statement).ok());
    db->reset();
    open();
  }
};

TEST_CASE("everything that was done is there, newest first") {
  Archive shop;
  shop.log_in("ada@shop.test", "wrong");
  const Tokens spent(shop.log_in("ada@shop.test", kPassword));
  shop.refresh(spent.refresh);
  shop.refresh(spent.refresh);
  shop.change_password(shop.ada.access, "not this", "another password");
  shop.change_password(shop.ada.access, kPassword, "another password");
  const std::vector<std::string> expected{"password_changed", "login_failed", "token_reused", "login",
                                          "login_failed",     "login",        "user_added"};
  CHECK(shop.actions() == expected);
  CHECK(shop.read(ask(Method::get, "/api/v1/audit").query("action", "login_failed")).size() == 2);
  CHECK(shop.read(ask(Method::get, "/api/v1/audit").query("user_id", shop.user)).size() == 4);
  CHECK(shop.read(ask(Method::get, "/api/v1/audit").query("subject_id", shop.user)).size() == 7);
  CHECK(shop.read(ask(Method::get, "/api/v1/audit").query("user_id", to_string(Uuid{.bytes = {1}}))).empty());
  const Json newest = shop.read(ask(Method::get, "/api/v1/audit").query("limit", "1"))[0];
  CHECK(number(newest, "number") == 7);
  CHECK(text(newest, "user_id") == shop.user);
  CHECK(text(newest, "address") == kHere);
  CHECK(shop.send(ask(Method::get, "/api/v1/audit").as(shop.ada.access).query("action", "dance")).status == 400);
}

TEST_CASE("pages lead from the newest to the first row") {
  Archive shop;
  for (int n = 0; n < 5; ++n) shop.log_in("ada@shop.test", kPassword);
  auto page = *shop.now->reading.list_audit({}, {.cursor = 0, .limit = 3});
  std::vector<int64_t> rows;
  for (;;) {
    for (const AuditEntry& entry : page.items) rows.push_back(entry.row);
    if (page.next == 0) break;
    page = *shop.now->reading.list_audit({}, {.cursor = page.next, .limit = 3});
  }
  CHECK(rows == std::vector<int64_t>{7, 6, 5, 4, 3, 2, 1});
}

TEST_CASE("what somebody typed is nowhere in it") {
  Archive shop;
  shop.log_in("hunter2-typed-into-the-wrong-field", "secret-word-1");
  shop.log_in("ada@shop.test", "secret-word-2");
  shop.change_password(shop.ada.access, "secret-word-3", "secret-word-4");
  const std::string log = shop.send(ask(Method::get, "/api/v1/audit").as(shop.ada.access)).body;
  for (const char* word : {"hunter2", "secret-word", "ada@shop.test", "Somebody", "$y$", "eyJ"})
    CHECK(log.find(word) == std::string::npos);
}

TEST_CASE("the chain holds, and shows every kind of change") {
  const char* changes[] = {"UPDATE audit SET at = at + 1 WHERE row = 2",
                           "UPDATE audit SET user = 9 WHERE row = 2",
                           "UPDATE audit SET action = 2 WHERE row = 2",
                           "UPDATE audit SET subject = 9 WHERE row = 2",
                           "UPDATE audit SET address = 'x' WHERE row = 2",
                           "UPDATE audit SET detail = 'x' WHERE row = 2",
                           "UPDATE audit SET chain = x'00' WHERE row = 2",
                           "DELETE FROM audit WHERE row = 2",
                           "UPDATE audit SET row = 9 WHERE row = 2",
                           "DELETE FROM audit WHERE row = 1",
                           "UPDATE audit SET address = '192.0.2.1x', detail = '' WHERE row = 2"};
  for (const char* change : changes) {
    CAPTURE(change);
    Archive shop;
    shop.log_in("ada@shop.test", kPassword);
    REQUIRE(*shop.now->reading.verify_audit() == 3);
    shop.tamper(change);
    CHECK(!shop.now->reading.verify_audit().ok());
  }
}

}  // namespace
}  // namespace till::access
