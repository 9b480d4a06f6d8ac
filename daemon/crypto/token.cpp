#include "crypto/token.h"

#include "base/json.h"

namespace till::crypto {
namespace {

constexpr std::string_view kHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.";  // {"alg":"HS256","typ":"JWT"}
constexpr size_t kSignatureLetters = 43;
constexpr size_t kClaimCount = 9;
constexpr int64_t kMaxSeconds = 253'402'300'799;  // the year 9999: beyond it milliseconds could overflow

Error refused(const char* reason) {
  return {.code = Code::unauthorized, .message = "Please log in again", .reason = reason};
}

std::optional<Uuid> uuid_of(const Json* json) {
  if (json == nullptr || json->string() == nullptr) return std::nullopt;
  return parse_uuid(*json->string());
}

std::optional<int64_t> number_of(const Json* json, int64_t most) {
  if (json == nullptr || json->integer() == nullptr) return std::nullopt;
  int64_t number = *json->integer();
  if (number < 0 || number > most) return std::nullopt;
  return number;
}

bool is_text(const Json* json, std::string_view expected) {
  return json != nullptr && json->string() != nullptr && *json->string() == expected;
}

}  // namespace

TokenSigner::TokenSigner(const Key& key, std::string issuer, std::string audience)
    : hmac_(key), issuer_(std::move(issuer)), audience_(std::move(audience)) {}

std::string TokenSigner::sign(const Claims& claims) const {
  std::string payload;
  JsonWriter json(payload);
  json.begin_object().member("iss", issuer_).member("aud", audience_);
  json.member("sub", claims.user).member("sid", claims.session);
  json.member("rights", uint64_t{claims.rights}).member("jti", claims.id);
  int64_t issued_s = claims.issued.ms / 1000;
  json.member("iat", issued_s).member("nbf", issued_s).member("exp", claims.expires.ms / 1000).end_object();

  std::string token(kHeader);
  token += to_base64url(as_bytes(payload));
  Digest signature = hmac_.of(as_bytes(token));
  return token.append(".").append(to_base64url(signature));
}

Result<Claims> TokenSigner::verify(std::string_view token, Time now) const {
  if (token.size() > kMaxTokenBytes || !token.starts_with(kHeader)) return refused("invalid_token");
  size_t dot = token.rfind('.');
  if (dot < kHeader.size() || token.size() - dot - 1 != kSignatureLetters) return refused("invalid_token");
  auto signature = from_base64url(token.substr(dot + 1));
  if (!signature || !constant_time_equal(*signature, hmac_.of(as_bytes(token.substr(0, dot))))) {
    return refused("invalid_token");
  }
  auto claims = read_payload(token.substr(kHeader.size(), dot - kHeader.size()));
  if (!claims || claims->issued.ms > now.ms + kTokenLeewayMs) return refused("invalid_token");
  if (claims->expires <= now) return refused("token_expired");
  return *claims;
}

std::optional<Claims> TokenSigner::read_payload(std::string_view payload) const {
  auto text = from_base64url(payload);
  if (!text) return std::nullopt;
  auto json = parse_json(as_text(*text));
  if (!json.ok() || json->object() == nullptr || json->object()->size() != kClaimCount) return std::nullopt;
  if (!is_text(json->find("iss"), issuer_) || !is_text(json->find("aud"), audience_)) return std::nullopt;
  auto user = uuid_of(json->find("sub"));
  auto session = uuid_of(json->find("sid"));
  auto id = uuid_of(json->find("jti"));
  auto rights = number_of(json->find("rights"), UINT32_MAX);
  auto issued_s = number_of(json->find("iat"), kMaxSeconds);
  auto not_before_s = number_of(json->find("nbf"), kMaxSeconds);
  auto expires_s = number_of(json->find("exp"), kMaxSeconds);
  if (!user || !session || !id || !rights || !issued_s || !expires_s || not_before_s != issued_s) return std::nullopt;
  return Claims{.user = *user,
                .session = *session,
                .id = *id,
                .rights = static_cast<uint32_t>(*rights),
                .issued = {*issued_s * 1000},
                .expires = {*expires_s * 1000}};
}

std::string make_opaque_token(Random& random) { return to_base64url(random_bytes<32>(random)); }

Digest hash_opaque_token(std::string_view token) { return sha256(as_bytes(token)); }

}  // namespace till::crypto
