// Someone who can log in. Personal data lives here and nowhere else: orders and history hold the user's row id.
#pragma once

#include "domain/head.h"
#include "domain/role.h"

namespace till::domain {

struct User : Head {
  std::string email;
  std::string name;
  Role role = Role::customer;
  bool active = true;
  bool must_change_password = false;
  std::string password_hash;
  std::string phone;
  std::string pin_hash;  // "": cannot log in at a till by PIN

  static constexpr std::string_view kName = "User";
  static constexpr auto fields() {
    return std::tuple_cat(
        head_fields<User>(),
        std::tuple(field("email", &User::email).code(3, 254).required().doc("log-in name, compared without case"),
                   field("name", &User::name).text(1, 200).required(), field("phone", &User::phone).text(0, 40),
                   field("role", &User::role).required().merged(Merge::hub_wins),
                   field("active", &User::active).merged(Merge::hub_wins).doc("false: cannot log in"),
                   field("must_change_password", &User::must_change_password).read_only(),
                   field("password_hash", &User::password_hash).hidden(), field("pin_hash", &User::pin_hash).hidden()));
  }
};

}  // namespace till::domain
