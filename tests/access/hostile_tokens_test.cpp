// Forged, damaged, borrowed and dead tokens, each kind by its name, at the door of a running shop. Most of the
// forgeries carry a valid signature (the forger has the key), so that each check stands alone. What the signer refuses
// by itself is tried letter by letter in tests/crypto/token_test.cpp.
#include <map>

#include "access/premises.h"
#include "base/bytes.h"
#include "crypto/hash.h"

namespace till::access {
namespace {

const crypto::TokenSigner::Key kKey{1, 2, 3};  // the one that Premises has
constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";

std::string forge(std::string_view header, std::string_view payload, ByteView key = kKey) {
  std::string token = to_base64url(as_bytes(header)) + '.' + to_base64url(as_bytes(payload));
  return token + '.' + to_base64url(crypto::hmac_sha256(key, as_bytes(token)));
}

std::string replaced(std::string text, std::string_view piece, std::string_view other) {
  const size_t at = text.find(piece);
  REQUIRE(at != std::string::npos);
  return text.replace(at, piece.size(), other);
}

/// Somebody who has seen everything: a good token, what is in it, and the key.
struct Forger : Premises {
  Json ada = join("ada@shop.test", Role::admin);
  std::string good = text(ada, "access_token");
  std::string head = good.substr(0, good.find('.'));
  std::string body = good.substr(0, good.rfind('.'));
  std::string signature = good.substr(good.rfind('.'));
  std::string payload{as_text(*from_base64url(body.substr(head.size() + 1)))};

  /// Under another header.
  std::string under(std::string_view header) const { return forge(header, payload); }
  /// With a piece of its payload replaced.
  std::string with(std::string_view piece, std::string_view other) const {
    return forge(kHeader, replaced(payload, piece, other));
  }
  /// With another value of a claim, given as JSON; "" takes the claim out.
  std::string claim(const std::string& name, std::string_view value) const {
    const size_t begin = payload.find("\"" + name + "\":");
    REQUIRE(begin != std::string::npos);
    size_t end = payload.find_first_of(",}", begin);
    if (!value.empty()) return with(payload.substr(begin, end - begin), "\"" + name + "\":" + std::string(value));
    if (payload[end] == '}') return with("," + payload.substr(begin, end - begin), "");
    return with(payload.substr(begin, end - begin + 1), "");
  }
  std::string seconds(int64_t from_now_s) { return std::to_string(clock.now().ms / 1000 + from_now_s); }
};

using Kinds = std::map<std::string, std::string>;

void add_headers(Kinds& kinds, const Forger& forger) {
  for (const char* algorithm :
       {"none", "None", "nOnE", "HS384", "HS512", "hs256", "RS256", "ES256", "PS256", "EdDSA", ""}) {
    const std::string header = R"({"alg":")" + std::string(algorithm) + R"(","typ":"JWT"})";
    kinds["alg " + std::string(algorithm)] = forger.under(header);
    const std::string unsigned_body = to_base64url(as_bytes(header)) + '.' + to_base64url(as_bytes(forger.payload));
    kinds["alg " + std::string(algorithm) + ", no signature"] = unsigned_body + '.';
  }
  const std::pair<const char*, const char*> kHeaders[] = {
      {"no alg", R"({"typ":"JWT"})"},
      {"no typ", R"({"alg":"HS256"})"},
      {"alg twice", R"({"alg":"none","alg":"HS256","typ":"JWT"})"},
      {"alg a list", R"({"alg":["HS256","none"],"typ":"JWT"})"},
      {"typ of another kind", R"({"alg":"HS256","typ":"at+jwt"})"},
      {"kid a path", R"({"alg":"HS256","typ":"JWT","kid":"../../dev/null"})"},
      {"kid a query", R"({"alg":"HS256","typ":"JWT","kid":"' UNION SELECT 'x"})"},
      {"jku", R"({"alg":"HS256","typ":"JWT","jku":"https://evil.example/keys"})"},
      {"jwk", R"({"alg":"HS256","typ":"JWT","jwk":{"kty":"oct","k":"AQID"}})"},
      {"x5u", R"({"alg":"HS256","typ":"JWT","x5u":"https://evil.example/cert"})"},
      {"crit", R"({"alg":"HS256","typ":"JWT","crit":["exp"]})"},
      {"b64 false", R"({"alg":"HS256","typ":"JWT","b64":false,"crit":["b64"]})"},
      {"zip", R"({"alg":"HS256","typ":"JWT","zip":"DEF"})"},
      {"nested", R"({"alg":"HS256","typ":"JWT","cty":"JWT"})"},
  };
  for (const auto& [name, header] : kHeaders) kinds[std::string("header: ") + name] = forger.under(header);
}

void add_claims(Kinds& kinds, Forger& forger) {
  for (const char* name : {"iss", "aud", "sub", "sid", "rights", "jti", "iat", "nbf", "exp"})
    kinds[std::string(name) + " missing"] = forger.claim(name, "");
  const std::tuple<const char*, const char*, std::string> kClaims[] = {
      {"iss", "of another", R"("other")"},
      {"iss", "null", "null"},
      {"aud", "of another", R"("pairing")"},
      {"aud", "a list", R"(["till-api"])"},
      {"jti", "no id", R"("x")"},
      {"sub", "a number", "1"},
      {"sid", "empty", R"("")"},
      {"rights", "beyond 32 bits", "4294967296"},
      {"rights", "negative", "-1"},
      {"exp", "past", forger.seconds(-1)},
      {"exp", "huge", "9223372036854775807"},
      {"exp", "beyond any number", "99999999999999999999999"},
      {"exp", "infinite", "1e999"},
      {"exp", "text", "\"" + forger.seconds(900) + "\""},
      {"exp", "negative", "-1"},
      {"exp", "null", "null"},
      {"exp", "a fraction", forger.seconds(900) + ".5"},
      {"iat", "future", forger.seconds(86'400)},
      {"nbf", "future", forger.seconds(86'400)},
      {"iat", "other than nbf", forger.seconds(-10)},
  };
  for (const auto& [name, what, value] : kClaims) kinds[std::string(name) + " " + what] = forger.claim(name, value);
  kinds["claim twice"] = forger.with("\"iss\":", "\"iss\":\"tilld\",\"iss\":");
  kinds["rights twice"] = forger.with("\"rights\":", "\"rights\":1,\"rights\":");
  kinds["claim too many"] = forger.with("\"iss\":", "\"admin\":true,\"iss\":");
  kinds["claims in another order"] =
      forger.with("\"iss\":\"tilld\",\"aud\":\"till-api\"", "\"aud\":\"till-api\",\"iss\":\"tilld\"");
  kinds["claim with an escape"] = forger.with("\"tilld\"", "\"till\\u0064\"");
  kinds["claim with NUL"] = forger.with("\"tilld\"", std::string_view("\"tilld\0\"", 8));
  kinds["claim with a cyrillic letter"] = forger.with("\"tilld\"", "\"t\xd1\x96lld\"");
  kinds["payload a list"] = forge(kHeader, "[" + forger.payload + "]");
  kinds["payload deep"] = forge(kHeader, std::string(2000, '['));
  kinds["payload empty"] = forge(kHeader, "");
  kinds["payload no JSON"] = forge(kHeader, "\xff\xfe");
  kinds["payload with more behind it"] = forge(kHeader, forger.payload + "{}");
}

void add_spellings(Kinds& kinds, const Forger& forger) {
  const std::string& good = forger.good;
  kinds["signature of nothing"] = forge(kHeader, forger.payload, {});
  kinds["signature of zeros"] = forger.body + '.' + std::string(43, 'A');
  kinds["signature of another key"] = forge(kHeader, forger.payload, Bytes(32, 7));
  kinds["signature of another token"] =
      forger.under(kHeader).substr(0, forger.head.size()) + forge(kHeader, "{}").substr(forger.head.size());
  kinds["signature empty"] = forger.body + '.';
  kinds["signature missing"] = forger.body;
  kinds["signature cut"] = good.substr(0, good.size() - 1);
  kinds["signature doubled"] = good + forger.signature;
  kinds["parts: one"] = forger.head;
  kinds["parts: four"] = good + ".AAAA";
  kinds["parts: five, as if encrypted"] = good + ".AAAA.AAAA";
  kinds["parts: none but dots"] = "..";
  kinds["dot at the end"] = good + '.';
  kinds["dots at the end"] = good + "...";
  kinds["dot in front"] = '.' + good;
  kinds["base64 with padding"] = good + '=';
  kinds["base64 of the other alphabet"] = good.substr(0, good.size() - 2) + "+/";
  kinds["base64 with a line feed"] = good + "\n ";
  kinds["letters in full width"] = "\xef\xbd\x85" + good.substr(1);
  kinds["NUL at the end"] = good + std::string(1, '\0');
  kinds["NUL inside"] = std::string(good).insert(10, 1, '\0');
  kinds["16 KB"] = forger.body + std::string(16 * 1024, 'A') + forger.signature;
  kinds["16 KB, signed"] = forge(kHeader, forger.payload + std::string(16 * 1024, ' '));
  kinds["a word"] = "null";
  kinds["JSON"] = forger.payload;
  kinds["token in a token"] = forge(kHeader, good);
  kinds["two tokens"] = good + "," + good;
}

/// Tokens that are real, but of another thing or time.
void add_borrowed(Kinds& kinds, Forger& forger) {
  const auto tokens = [&](const char* email) {
    forger.add(email, Role::admin);
    return Tokens(forger.log_in(email, kPassword));
  };
  kinds["refresh token"] = text(forger.ada, "refresh_token");
  const std::string pairing = R"({"name":"Till"})";
  const Json till = *parse_json(forger.send(ask(Method::post, "/api/v1/tills").as(forger.good).body(pairing)).body);
  const std::string code = R"({"code":")" + text(till, "pairing_code") + "\"}";
  kinds["pairing code"] = text(till, "pairing_code");
  kinds["till token"] = text(forger.send(ask(Method::post, "/api/v1/tills/pair").body(code)), "till_token");
  forger.send(ask(Method::post, "/api/v1/auth/forgot").body(R"({"email":"ada@shop.test"})"));
  kinds["reset token"] = forger.notices.told.back().secret;

  kinds["session that nobody has"] = forger.claim("sid", R"("01234567-89ab-7def-8123-456789abcdef")");
  kinds["session ended by log-out"] = tokens("out@shop.test").access;
  forger.send(ask(Method::post, "/api/v1/auth/logout").as(kinds["session ended by log-out"]));
  const Tokens reused = tokens("twice@shop.test");
  forger.refresh(reused.refresh);
  forger.refresh(reused.refresh);
  kinds["session ended by reuse"] = reused.access;
  const std::string kGone = "gone@shop.test";
  kinds["user deactivated"] = tokens(kGone.c_str()).access;
  auto user = *forger.now->reading.find_user_by_email(kGone);
  forger.send(ask(Method::del, "/api/v1/users/" + to_string(user->id)).from("local").with("if-match", "\"1000\""));
  kinds["user erased"] = tokens("erased@shop.test").access;
  forger.send(ask(Method::del, "/api/v1/users/me")
                  .as(kinds["user erased"])
                  .with("if-match", "\"1000\"")
                  .body(R"({"password":")" + std::string(kPassword) + "\"}"));
  const std::string kReset = "reset@shop.test";
  kinds["password set by another"] = tokens(kReset.c_str()).access;
  user = *forger.now->reading.find_user_by_email(kReset);
  forger.send(ask(Method::post, "/api/v1/users/" + to_string(user->id) + "/password")
                  .from("local")
                  .body(R"({"password":"another long password"})"));
}

TEST_CASE("no token is believed but the one that was given out, while its session lives") {
  Forger forger;
  REQUIRE(forge(kHeader, forger.payload) == forger.good);  // the forger knows how
  Kinds kinds;
  add_headers(kinds, forger);
  add_claims(kinds, forger);
  add_spellings(kinds, forger);
  add_borrowed(kinds, forger);
  auto& door = forger.now->access->authenticator();
  for (int round = 1; round <= 2; ++round) {  // the second time a good neighbour has been verified and kept
    for (const auto& [name, token] : kinds) {
      CAPTURE(name);
      const auto caller = door.authenticate(token);
      CHECK_FALSE(caller.ok());
      if (!caller.ok()) CHECK(caller.error().code == Code::unauthorized);
      const Response answer = forger.send(ask(Method::get, "/api/v1/users/me").as(token));
      CHECK(answer.status == 401);
      CHECK(answer.body.find("ada@") == std::string::npos);
    }
    CHECK(forger.me(forger.good).status == 200);
  }
  MESSAGE("kinds of hostile tokens refused: ", kinds.size());
  CHECK(kinds.size() >= 40);
}

TEST_CASE("what a token says of its user is not believed: rights and person are those of the session") {
  Forger forger;
  const Json eve = forger.join("eve@shop.test", Role::customer);
  const std::string token = text(eve, "access_token");
  const size_t dot = token.find('.');
  const std::string payload(as_text(*from_base64url(token.substr(dot + 1, token.rfind('.') - dot - 1))));
  const std::string ada_id = text(*forger.ada.find("user"), "id");
  const std::string eve_id = text(*eve.find("user"), "id");
  const std::string as_admin = forge(kHeader, replaced(payload, "\"rights\":1", "\"rights\":4294967295"));
  const std::string as_ada = forge(kHeader, replaced(payload, eve_id, ada_id));
  for (const std::string& forged : {as_admin, as_ada}) {  // whoever has the key still is who the session is
    CHECK(text(forger.me(forged), "id") == eve_id);
    CHECK(forger.send(ask(Method::get, "/api/v1/users").as(forged)).status == 403);
  }
}

TEST_CASE("a token dies with its quarter of an hour, and with a shop that has another key") {
  Forger forger;
  CHECK(forger.me(forger.good).status == 200);
  forger.clock.advance_ms(kAccessToken_s * 1000 - 1);
  CHECK(forger.me(forger.good).status == 200);
  forger.clock.advance_ms(1);
  CHECK(text(forger.me(forger.good), "code") == "token_expired");
  LiveSessions live;
  AccessTokens elsewhere({9}, live, forger.clock, forger.ids);
  CHECK(text(forger.me(elsewhere.issue({}, {})), "code") == "invalid_token");
}

}  // namespace
}  // namespace till::access
