#include "crypto/token.h"

#include <charconv>

#include "base/json.h"

namespace till::crypto {
namespace {

constexpr std::string_view kHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.";  // {"alg":"HS256","typ":"JWT"}
constexpr size_t kSignatureLetters = 43;
constexpr int64_t kMaxSeconds = 253'402'300'799;  // the year 9999: beyond it milliseconds could overflow

// What stands between the values of a payload, in sign() and in read_payload().
constexpr std::string_view kBeforeSession = R"(","sid":")";
constexpr std::string_view kBeforeRights = R"(","rights":)";
constexpr std::string_view kBeforeId = R"(,"jti":")";
constexpr std::string_view kBeforeIssued = R"(","iat":)";
constexpr std::string_view kBeforeNotBefore = R"(,"nbf":)";
constexpr std::string_view kBeforeExpires = R"(,"exp":)";
constexpr std::string_view kEnd = "}";

/// Reads a payload from the front; one failure makes the whole fail.
class PayloadReader {
 public:
  explicit PayloadReader(std::string_view text) : rest_(text) {}

  void skip(std::string_view expected) {
    ok_ = ok_ && rest_.starts_with(expected);
    if (ok_) rest_.remove_prefix(expected.size());
  }
  Uuid uuid() {
    std::string_view text = rest_.substr(0, 36);
    auto id = parse_uuid(text);
    ok_ = ok_ && id && to_string(*id) == text;  // lower case only: one spelling
    if (ok_) rest_.remove_prefix(text.size());
    return id.value_or(Uuid{});
  }
  int64_t number(int64_t most) {
    int64_t value = 0;
    const char* begin = rest_.data();
    auto [end, error] = std::from_chars(begin, begin + rest_.size(), value);
    auto length = static_cast<size_t>(end - begin);
    ok_ = ok_ && error == std::errc{} && value >= 0 && value <= most && std::to_string(value).size() == length;
    if (ok_) rest_.remove_prefix(length);
    return value;
  }
  [[nodiscard]] bool complete() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

Error refused(const char* reason) {
  return {.code = Code::unauthorized, .message = "Please log in again", .reason = reason};
}

}  // namespace

TokenSigner::TokenSigner(const Key& key, std::string_view issuer, std::string_view audience) : hmac_(key) {
  JsonWriter(payload_head_).begin_object().member("iss", issuer).member("aud", audience).key("sub");
  payload_head_ += '"';
}

std::string TokenSigner::sign(const Claims& claims) const {
  std::string issued_s = std::to_string(claims.issued.ms / 1000);
  std::string payload = payload_head_;
  append_uuid(payload, claims.user);
  append_uuid(payload += kBeforeSession, claims.session);
  payload.append(kBeforeRights).append(std::to_string(claims.rights));
  append_uuid(payload += kBeforeId, claims.id);
  payload.append(kBeforeIssued).append(issued_s).append(kBeforeNotBefore).append(issued_s);
  payload.append(kBeforeExpires).append(std::to_string(claims.expires.ms / 1000)).append(kEnd);

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
  PayloadReader in(as_text(*text));
  Claims claims;
  in.skip(payload_head_);
  claims.user = in.uuid();
  in.skip(kBeforeSession);
  claims.session = in.uuid();
  in.skip(kBeforeRights);
  claims.rights = static_cast<uint32_t>(in.number(UINT32_MAX));
  in.skip(kBeforeId);
  claims.id = in.uuid();
  in.skip(kBeforeIssued);
  int64_t issued_s = in.number(kMaxSeconds);
  in.skip(kBeforeNotBefore);
  int64_t not_before_s = in.number(kMaxSeconds);
  in.skip(kBeforeExpires);
  int64_t expires_s = in.number(kMaxSeconds);
  in.skip(kEnd);
  if (!in.complete() || not_before_s != issued_s) return std::nullopt;
  claims.issued = {issued_s * 1000};
  claims.expires = {expires_s * 1000};
  return claims;
}

std::string make_opaque_token(Random& random) { return to_base64url(random_bytes<32>(random)); }

Digest hash_opaque_token(std::string_view token) { return sha256(as_bytes(token)); }

}  // namespace till::crypto
