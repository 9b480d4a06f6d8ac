// One token that is good, and some hundred that are not. Most of the bad ones carry a valid signature: the forger below
// has the key, so that each check stands alone.
#include "crypto/token.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "support/fake_random.h"

using namespace till;
using namespace till::crypto;

namespace {

constexpr Time kNow{1'767'603'600'000};
constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";
const TokenSigner::Key kKey = {1, 2, 3, 4, 5};
const TokenSigner kSigner(kKey, "tilld", "api");

Claims good_claims() {
  return {.user = *parse_uuid("01234567-89ab-7def-8123-456789abcdef"),
          .session = *parse_uuid("01234567-89ab-7def-8123-456789abcd00"),
          .id = *parse_uuid("01234567-89ab-7def-8123-456789abcd01"),
          .rights = 0x80000001,
          .issued = kNow,
          .expires = {kNow.ms + 900'000}};
}

std::string forge(std::string_view header, std::string_view payload, ByteView key = kKey) {
  std::string token = to_base64url(as_bytes(header)) + '.' + to_base64url(as_bytes(payload));
  return token + '.' + to_base64url(hmac_sha256(key, as_bytes(token)));
}

/// The payload of a good token with one piece replaced.
std::string payload_with(std::string_view piece = "", std::string_view other = "") {
  std::string payload =
      R"({"iss":"tilld","aud":"api","sub":"01234567-89ab-7def-8123-456789abcdef",)"
      R"("sid":"01234567-89ab-7def-8123-456789abcd00","rights":2147483649,)"
      R"("jti":"01234567-89ab-7def-8123-456789abcd01","iat":1767603600,"nbf":1767603600,"exp":1767604500})";
  if (piece.empty()) return payload;
  size_t at = payload.find(piece);
  REQUIRE(at != std::string::npos);
  return payload.replace(at, piece.size(), other);
}

std::string reason(std::string_view token, Time now = kNow) {
  auto claims = kSigner.verify(token, now);
  if (claims.ok()) return "taken";
  CHECK(claims.error().code == Code::unauthorized);
  return claims.error().reason;
}

}  // namespace

TEST_CASE("a token gives back what was signed, and looks as the header comment says") {
  std::string token = kSigner.sign(good_claims());
  auto claims = kSigner.verify(token, kNow);
  REQUIRE(claims.ok());
  CHECK(*claims == good_claims());
  CHECK(token == forge(kHeader, payload_with()));
  CHECK(token.size() < 600);
}

TEST_CASE("any claims come back, cut to seconds") {
  CHECK(rc::check([](const std::array<uint8_t, 16>& user, const std::array<uint8_t, 16>& session, uint32_t rights) {
    Claims claims{.user = {user}, .session = {session}, .id = {user}, .rights = rights, .issued = kNow};
    claims.expires = {kNow.ms + *rc::gen::inRange<int64_t>(1000, int64_t{1} << 40)};
    auto back = kSigner.verify(kSigner.sign(claims), kNow);
    RC_ASSERT(back.ok());
    claims.expires.ms -= claims.expires.ms % 1000;
    RC_ASSERT(*back == claims);
  }));
}

TEST_CASE("time: until the second it expires, and a little from the future") {
  std::string token = kSigner.sign(good_claims());
  CHECK(reason(token, {kNow.ms + 899'999}) == "taken");
  CHECK(reason(token, {kNow.ms + 900'000}) == "token_expired");
  CHECK(reason(token, {kNow.ms * 100}) == "token_expired");
  CHECK(reason(token, {kNow.ms - kTokenLeewayMs}) == "taken");
  CHECK(reason(token, {kNow.ms - kTokenLeewayMs - 1}) == "invalid_token");
  CHECK(reason(token, {0}) == "invalid_token");
}

TEST_CASE("every header but ours is refused, though signed with the key") {
  for (std::string_view header : {
           R"({"alg":"none","typ":"JWT"})",
           R"({"alg":"None","typ":"JWT"})",
           R"({"alg":"NONE","typ":"JWT"})",
           R"({"alg":"","typ":"JWT"})",
           R"({"alg":"HS384","typ":"JWT"})",
           R"({"alg":"HS512","typ":"JWT"})",
           R"({"alg":"hs256","typ":"JWT"})",
           R"({"alg":"RS256","typ":"JWT"})",
           R"({"alg":"ES256","typ":"JWT"})",
           R"({"alg":"EdDSA","typ":"JWT"})",
           R"({"alg":["HS256"],"typ":"JWT"})",
           R"({"alg":null,"typ":"JWT"})",
           R"({"typ":"JWT"})",
           R"({"alg":"HS256"})",
           R"({"alg":"HS256","typ":"jwt"})",
           R"({"alg":"HS256","typ":"at+jwt"})",
           R"({"alg":"HS256","typ":"JOSE"})",
           R"({"typ":"JWT","alg":"HS256"})",
           R"({"alg":"HS256","typ":"JWT","kid":"../../dev/null"})",
           R"({"alg":"HS256","typ":"JWT","kid":"1' OR '1'='1"})",
           R"({"alg":"HS256","typ":"JWT","jwk":{"kty":"oct","k":"AA"}})",
           R"({"alg":"HS256","typ":"JWT","jku":"http://evil.example/keys"})",
           R"({"alg":"HS256","typ":"JWT","x5u":"http://evil.example/cert"})",
           R"({"alg":"HS256","typ":"JWT","x5c":["AA"]})",
           R"({"alg":"HS256","typ":"JWT","crit":["exp"]})",
           R"({"alg":"HS256","typ":"JWT","b64":false,"crit":["b64"]})",
           R"({"alg":"HS256","typ":"JWT","zip":"DEF"})",
           R"({"alg":"HS256","typ":"JWT","cty":"JWT"})",
           R"({"alg":"HS256","alg":"none","typ":"JWT"})",
           R"({ "alg":"HS256","typ":"JWT"})",
           R"({"alg":"HS256","typ":"JWT"} )",
           R"({"alg":"HS256","typ":"JWT"}{})",
           R"({})",
           R"()",
       }) {
    CAPTURE(header);
    CHECK(reason(forge(header, payload_with())) == "invalid_token");
  }
}

TEST_CASE("every payload but ours is refused, though signed with the key") {
  REQUIRE(reason(forge(kHeader, payload_with())) == "taken");
  const std::pair<std::string_view, std::string_view> kSwaps[] = {
      {"\"iss\":\"tilld\"", "\"iss\":\"other\""},
      {"\"iss\":\"tilld\"", "\"iss\":\"\""},
      {"\"iss\":\"tilld\"", "\"iss\":[\"tilld\"]"},
      {"\"iss\":\"tilld\"", "\"iss\":null"},
      {"\"iss\":\"tilld\",", ""},
      {"\"aud\":\"api\"", "\"aud\":\"pairing\""},
      {"\"aud\":\"api\"", "\"aud\":[\"api\"]"},
      {"\"aud\":\"api\"", "\"aud\":\"API\""},
      {"\"aud\":\"api\",", ""},
      {"\"sub\":\"01234567", "\"sub\":\"0123456"},
      {"\"sub\":\"01234567-89ab-7def-8123-456789abcdef\"", "\"sub\":1"},
      {"\"sub\":\"01234567-89ab-7def-8123-456789abcdef\",", ""},
      {"\"sid\":\"01234567-89ab-7def-8123-456789abcd00\"", "\"sid\":\"\""},
      {"\"sid\":\"01234567-89ab-7def-8123-456789abcd00\",", ""},
      {"\"jti\":\"01234567-89ab-7def-8123-456789abcd01\"", "\"jti\":\"x\""},
      {"\"jti\":\"01234567-89ab-7def-8123-456789abcd01\",", ""},
      {"2147483649", "4294967296"},
      {"2147483649", "-1"},
      {"2147483649", "1.0"},
      {"2147483649", "\"1\""},
      {"2147483649", "true"},
      {"\"rights\":2147483649,", ""},
      {"\"exp\":1767604500", "\"exp\":\"1767604500\""},
      {"\"exp\":1767604500", "\"exp\":1767604500.5"},
      {"\"exp\":1767604500", "\"exp\":1e400"},
      {"\"exp\":1767604500", "\"exp\":9223372036854775807"},
      {"\"exp\":1767604500", "\"exp\":99999999999999999999"},
      {"\"exp\":1767604500", "\"exp\":-1"},
      {"\"exp\":1767604500", "\"exp\":null"},
      {",\"exp\":1767604500", ""},
      {"\"nbf\":1767603600", "\"nbf\":1767603601"},
      {"\"nbf\":1767603600,", ""},
      {"\"iat\":1767603600", "\"iat\":1767603599"},
      {"\"iat\":1767603600,\"nbf\":1767603600", "\"iat\":1767607200,\"nbf\":1767607200"},
      {"\"iat\":1767603600,", ""},
      {"\"iss\":", "\"admin\":true,\"iss\":"},
      {"\"iss\":\"tilld\"", "\"iss\":\"tilld\",\"iss\":\"tilld\""},
      {"\"rights\":2147483649", "\"rights\":1,\"rights\":2147483649"},
      {"\"iss\":", "\"Iss\":"},
      {"\"iss\":\"tilld\",\"aud\":\"api\"", "\"aud\":\"api\",\"iss\":\"tilld\""},
      {"\"iss\":\"tilld\"", "\"iss\":\"till\\u0064\""},
      {"789abcdef", "789ABCDEF"},
      {":1767604500", ": 1767604500"},
      {":1767604500", ":01767604500"},
      {":2147483649", ":-0"},
      {"\"tilld\"", "\"tilld\\u0000\""},
      {"}", "}x"},
      {"}", ""},
      {"{", "[{"},
  };
  for (const auto& swap : kSwaps) {
    std::string_view piece = swap.first, other = swap.second;
    CAPTURE(piece);
    CAPTURE(other);
    CHECK(reason(forge(kHeader, payload_with(piece, other))) == "invalid_token");
  }
  for (std::string_view payload : {"", "null", "[]", "{}", "\"x\"", "\xff", "{{{{"}) {
    CHECK(reason(forge(kHeader, payload)) == "invalid_token");
  }
  CHECK(reason(forge(kHeader, std::string(1000, '['))) == "invalid_token");
}

TEST_CASE("a good token in any other spelling is refused") {
  std::string good = kSigner.sign(good_claims());
  size_t dot = good.rfind('.');
  std::string body = good.substr(0, dot);
  std::string slack = good;  // the last letter of 43 carries two unused bits
  slack.back() = slack.back() == 'A' ? 'B' : static_cast<char>(slack.back() + 1);
  for (const std::string& bad : {
           std::string(),
           std::string("."),
           std::string(".."),
           std::string("..."),
           std::string(kMaxTokenBytes, '.'),
           body,
           body + '.',
           body + "..",
           '.' + good,
           good + '.',
           good + '=',
           good + '\n',
           ' ' + good,
           "Bearer " + good,
           good + good.substr(dot),
           good + std::string(1, '\0'),
           slack,
           good.substr(0, good.size() - 1),
           good.substr(good.find('.') + 1),
           good.substr(0, good.find('.')) + good.substr(dot),
           std::string(1 << 20, 'A'),
           good.substr(0, good.find('.') + 1) + std::string(1 << 20, 'A') + good.substr(dot),
           body + '.' + std::string(43, 'A'),
           body + '.' + std::string(43, '\xff'),
           forge(kHeader, payload_with() + std::string(2000, ' ')),
           forge(kHeader, payload_with(), Bytes(32, 0)),
           forge(kHeader, payload_with(), {}),
           TokenSigner(kKey, "tilld", "pairing").sign(good_claims()),
           TokenSigner(kKey, "other", "api").sign(good_claims()),
           TokenSigner({9}, "tilld", "api").sign(good_claims()),
       }) {
    CAPTURE(bad.substr(0, 100));
    CHECK(reason(bad) == "invalid_token");
  }
}

TEST_CASE("no bit of a token can be turned") {
  std::string good = kSigner.sign(good_claims());
  for (size_t i = 0; i < good.size() * 8; ++i) {
    std::string bad = good;
    bad[i / 8] = static_cast<char>(bad[i / 8] ^ (1 << i % 8));
    REQUIRE(reason(bad) == "invalid_token");
  }
}

TEST_CASE("any bytes are answered") {
  CHECK(rc::check([](const std::string& bytes) { RC_ASSERT(!kSigner.verify(bytes, kNow).ok()); }));
  CHECK(rc::check([](const std::string& bytes) { RC_ASSERT(!kSigner.verify(forge(kHeader, bytes), kNow).ok()); }));
}

TEST_CASE("opaque tokens differ, are URL-safe, and are stored as a hash") {
  test::FakeRandom random;
  std::string token = make_opaque_token(random);
  CHECK(token.size() == 43);
  CHECK(from_base64url(token));
  CHECK(token != make_opaque_token(random));
  CHECK(hash_opaque_token(token) == sha256(as_bytes(token)));
}
