// What the routes of access take and give (20-api, Shapes), as described rows.
#pragma once

#include "access/access_tokens.h"
#include "base/fields.h"
#include "domain/till.h"
#include "domain/user.h"

namespace till::access {

/// How short a new password may be. NIST SP 800-63B §5.1.1: length counts, rules about letters do not.
inline constexpr int64_t kShortestPassword = 8;
inline constexpr int64_t kLongestPassword = 64;  // characters: at most the 256 bytes that crypto/password.h takes
inline constexpr int64_t kLongestTyped = 256;    // an old one may be longer
inline constexpr int64_t kShortestPin = 4;
inline constexpr int64_t kLongestPin = 8;

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

struct SignUp {
  std::string email;
  std::string name;
  std::string password;
  domain::Role role = domain::Role::customer;

  static constexpr std::string_view kName = "SignUp";
  static constexpr auto fields() {
    return std::tuple(
        field("email", &SignUp::email).code(3, 254).required(), field("name", &SignUp::name).text(1, 200).required(),
        field("password", &SignUp::password).text(kShortestPassword, kLongestPassword).required(),
        field("role", &SignUp::role).doc("customer, or whoever asks for more is refused (unless auth.open_roles)"));
  }
};

struct ResetWish {
  std::string email;

  static constexpr std::string_view kName = "ResetWish";
  static constexpr auto fields() { return std::tuple(field("email", &ResetWish::email).code(1, 254).required()); }
};

/// The answer to everybody.
struct ResetSent {
  bool sent = true;

  static constexpr std::string_view kName = "ResetSent";
  static constexpr auto fields() {
    return std::tuple(field("sent", &ResetSent::sent).doc("if there is such an account"));
  }
};

struct ResetRequest {
  std::string token;
  std::string new_password;
  std::optional<Uuid> user_id{};

  static constexpr std::string_view kName = "ResetRequest";
  static constexpr auto fields() {
    return std::tuple(
        field("token", &ResetRequest::token).code(1, 512).required(),
        field("new_password", &ResetRequest::new_password).text(kShortestPassword, kLongestPassword).required(),
        field("user_id", &ResetRequest::user_id).doc("whose token it has to be"));
  }
};

/// The fields of a user that he changes himself; read as a change only.
struct Profile {
  std::string email;
  std::string name;
  std::string phone;

  static constexpr std::string_view kName = "Profile";
  static constexpr auto fields() {
    return std::tuple(field("email", &Profile::email).code(3, 254), field("name", &Profile::name).text(1, 200),
                      field("phone", &Profile::phone).text(0, 40));
  }
};

struct OwnPassword {
  std::string password;

  static constexpr std::string_view kName = "OwnPassword";
  static constexpr auto fields() {
    return std::tuple(field("password", &OwnPassword::password).text(1, kLongestTyped).required());
  }
};

struct NewPin {
  std::string password;
  std::string pin;

  static constexpr std::string_view kName = "NewPin";
  static constexpr auto fields() {
    return std::tuple(field("password", &NewPin::password).text(1, kLongestTyped).required(),
                      field("pin", &NewPin::pin).code(kShortestPin, kLongestPin).required().doc("digits"));
  }
};

struct PinLogin {
  Uuid user_id{};
  std::string pin;

  static constexpr std::string_view kName = "PinLogin";
  static constexpr auto fields() {
    return std::tuple(field("user_id", &PinLogin::user_id).required(),
                      field("pin", &PinLogin::pin).code(1, kLongestPin).required());
  }
};

struct PairingCode {
  domain::Till till;
  std::string pairing_code;
  Time expires_at{};

  static constexpr std::string_view kName = "PairingCode";
  static constexpr auto fields() {
    return std::tuple(field("till", &PairingCode::till),
                      field("pairing_code", &PairingCode::pairing_code).doc("to be typed at the device, once"),
                      field("expires_at", &PairingCode::expires_at));
  }
};

struct PairRequest {
  std::string code;

  static constexpr std::string_view kName = "PairRequest";
  static constexpr auto fields() { return std::tuple(field("code", &PairRequest::code).code(1, 64).required()); }
};

struct PairedTill {
  domain::Till till;
  std::string till_token;

  static constexpr std::string_view kName = "PairedTill";
  static constexpr auto fields() {
    return std::tuple(field("till", &PairedTill::till),
                      field("till_token", &PairedTill::till_token).doc("for the header Till-Token; shown once"));
  }
};

struct StaffMember {
  Uuid id{};
  std::string name;

  static constexpr std::string_view kName = "StaffMember";
  static constexpr auto fields() {
    return std::tuple(field("id", &StaffMember::id), field("name", &StaffMember::name));
  }
};

struct TillPlace {
  domain::Till till;
  std::vector<StaffMember> staff;

  static constexpr std::string_view kName = "TillPlace";
  static constexpr auto fields() {
    return std::tuple(field("till", &TillPlace::till),
                      field("staff", &TillPlace::staff).items(500).doc("who may log in here by PIN"));
  }
};

}  // namespace till::access
