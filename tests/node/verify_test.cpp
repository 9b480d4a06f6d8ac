// `tilld sync verify`: fine as long as nobody touched what is kept, and the first thing that is wrong by name.
#include "sync/node/verify.h"

#include "node/till_fixture.h"

using namespace till;
using namespace till::node;

namespace {

VerifyReport verified(Till& till) {
  auto report = verify_sync(till.db(), *till.replica);
  REQUIRE(report.ok());
  return *report;
}

// A till with a row of headquarters, a sale of it, and an edit that headquarters does not have yet.
struct Busy : Till {
  domain::Product cup;

  Busy() {
    cup = add_product("cup", 700, 10);
    hear({image_of(cup, 1)});
    sold({test::line(cup)});
    REQUIRE(change(*shown(cup.id), R"({"price": 800})").ok());
  }
};

}  // namespace

TEST_CASE("what nobody touched is intact: rows, edits on their way, ledgers") {
  Busy till;
  const VerifyReport report = verified(till);
  CHECK(report.intact);
  CHECK(report.fault.empty());
  CHECK(report.rows == 1);
  CHECK(report.envelopes == 4);  // a delivery, a sale, the product as it was made and as it was changed
}

TEST_CASE("a till without a hub has nothing to verify but its ledgers") {
  Till till(false);
  till.sold({test::line(till.add_product("cup", 700, 10))});
  CHECK(verified(till).intact);
}

TEST_CASE("a row that was changed behind everybody's back is found") {
  Busy till;
  till.run_sql("UPDATE hub_rows SET image = CAST(image || x'00' AS BLOB)");
  CHECK(verified(till).fault.find("shared rows") != std::string::npos);
}

TEST_CASE("an edit that vanished, or that cannot be read, is found") {
  {
    Busy till;
    till.run_sql("DELETE FROM outbox WHERE seq = 1");
    CHECK_FALSE(verified(till).intact);
  }
  Busy till;
  till.run_sql("UPDATE outbox SET body = x'0102'");
  CHECK(verified(till).fault.find("damaged") != std::string::npos);
}

TEST_CASE("a fact that is missing among those with a number is found") {
  Busy till;
  till.sold({test::line(till.cup)});
  till.run_sql("DELETE FROM orders WHERE row = (SELECT min(row) FROM orders)");
  CHECK(verified(till).fault.find("missing") != std::string::npos);
}

TEST_CASE("a stock that is not the sum of its ledger is found, with its product") {
  Busy till;
  till.run_sql("UPDATE stock SET on_hand = on_hand + 1000");
  CHECK(verified(till).fault.find(to_string(till.cup.id)) != std::string::npos);
}
