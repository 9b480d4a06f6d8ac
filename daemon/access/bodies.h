// What the routes of access take and give (20-api, Shapes), as described rows.
#pragma once

#include "access/access_tokens.h"
#include "base/fields.h"
#include "domain/user.h"

namespace till::access {

/// How short a new password may be. NIST SP 800-63B §5.1.1: length counts, rules about letters do not.
inline constexpr int64_t kShortestPassword = 8;
inline constexpr int64_t kLongestPassword = 64;  // characters: at most the 256 bytes that crypto/password.h takes
inline constexpr int64_t kLongestTyped = 256;    // an old one may be longer

struct Credentials {
  std::string email;
  std::string password;

  static constexpr std::string_view kName = "Credentials";
  static constexpr auto fields() {
    return std::tuple(field("email", &Credentials::email).code(1, 254).required(),
                      field("password", &Credentials::password).text(1, kLongestTyped).required());
  }
};

struct RefreshRequest {
  std::string refresh_token;

  static constexpr std::string_view kName = "RefreshRequest";
  static constexpr auto fields() {
    return std::tuple(field("refresh_token", &RefreshRequest::refresh_token).code(1, 512).required());
  }
};

struct LoginAnswer {
  std::string access_token;
  std::string refresh_token;
  int64_t expires_in = kAccessToken_s;
  domain::User user;

  static constexpr std::string_view kName = "LoginAnswer";
  static constexpr auto fields() {
    return std::tuple(field("access_token", &LoginAnswer::access_token).doc("for Authorization: Bearer"),
                      field("refresh_token", &LoginAnswer::refresh_token).doc("good for one refresh"),
                      field("expires_in", &LoginAnswer::expires_in).doc("seconds that the access token is good for"),
                      field("user", &LoginAnswer::user));
  }
};

struct PasswordChange {
  std::string old_password;
  std::string new_password;

  static constexpr std::string_view kName = "PasswordChange";
  static constexpr auto fields() {
    return std::tuple(
        field("old_password", &PasswordChange::old_password).text(1, kLongestTyped).required(),
        field("new_password", &PasswordChange::new_password).text(kShortestPassword, kLongestPassword).required());
  }
};

struct NewPassword {
  std::string password;

  static constexpr std::string_view kName = "NewPassword";
  static constexpr auto fields() {
    return std::tuple(field("password", &NewPassword::password).text(kShortestPassword, kLongestPassword).required());
  }
};

struct NewUser {
  std::string email;
  std::string name;
  domain::Role role = domain::Role::customer;
  std::string password;

  static constexpr std::string_view kName = "NewUser";
  static constexpr auto fields() {
    return std::tuple(field("email", &NewUser::email).code(3, 254).required(),
                      field("name", &NewUser::name).text(1, 200).required(), field("role", &NewUser::role).required(),
                      field("password", &NewUser::password).text(kShortestPassword, kLongestPassword).required());
  }
};

}  // namespace till::access
