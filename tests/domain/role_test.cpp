// Who may what: every role against the right of every role (20-api, Roles).
#include "domain/role.h"

#include <doctest/doctest.h>

using namespace till;
using namespace till::domain;

TEST_CASE("a role has its own right and those below it, siblings have not each other's") {
  // rows: who asks; columns: the right of customer, cashier, inventory_manager, manager, admin, operator
  constexpr bool kMay[6][6] = {
      {true, false, false, false, false, false},  // customer
      {true, true, false, false, false, false},   // cashier
      {true, false, true, false, false, false},   // inventory_manager
      {true, true, true, true, false, false},     // manager
      {true, true, true, true, true, false},      // admin
      {true, true, true, true, true, true},       // operator
  };
  for (size_t who = 0; who < 6; ++who) {
    for (size_t what = 0; what < 6; ++what) {
      CAPTURE(EnumNames<Role>::names[who]);
      CAPTURE(EnumNames<Role>::names[what]);
      CHECK(may(rights_of(static_cast<Role>(who)), static_cast<Role>(what)) == kMay[who][what]);
    }
  }
  for (size_t what = 0; what < 6; ++what) CHECK_FALSE(may(0, static_cast<Role>(what)));
}

TEST_CASE("roles are stored by number: their order is fixed") {
  constexpr std::string_view kNames[] = {"customer", "cashier", "inventory_manager", "manager", "admin", "operator"};
  for (size_t i = 0; i < std::size(kNames); ++i) {
    CHECK(to_string(static_cast<Role>(i)) == kNames[i]);
    CHECK(parse_enum<Role>(kNames[i]) == static_cast<Role>(i));
  }
  for (const char* name : {"", "Admin", "root", "operator_"}) CHECK_FALSE(parse_enum<Role>(name));
}
