// Access tokens: nothing verifies but what was signed. A token is signed from the input's claims and then spoilt, or a
// payload of the input's own is signed with the good key, so that the reader behind the signature is reached too.
//
//   input = u8 way | 16 user | 16 session | 16 id | 8 rights | 8 issued | 8 lifetime | 8 now after issue | edits or
//   text
#include "crypto/token.h"

#include "access/refresh_token.h"
#include "base/json.h"
#include "fuzz/fuzz.h"
#include "http/gate.h"
#include "support/fake_random.h"

namespace till::fuzz {
namespace {

using crypto::Claims;
using crypto::TokenSigner;

const TokenSigner::Key kKey{1, 2, 3};
constexpr int64_t kMaxMs = 253'402'300'799'000;

enum class Way : uint8_t { spoilt, own_payload, own_text, opaque };
constexpr size_t kWays = 4;

struct Case {
  Claims claims;
  Time now{};
};

/// A number from 0 to `most`, whatever the bits.
int64_t within(int64_t bits, int64_t most) {
  return static_cast<int64_t>(static_cast<uint64_t>(bits) % (static_cast<uint64_t>(most) + 1));
}

Case read_case(Input& in) {
  Case c;
  c.claims = {.user = in.id(), .session = in.id(), .id = in.id()};
  c.claims.rights = static_cast<uint32_t>(in.integer());
  c.claims.issued = {within(in.integer(), kMaxMs / 1000) * 1000};
  c.claims.expires = {within(in.integer(), kMaxMs / 1000) * 1000};
  c.now = {within(in.integer(), kMaxMs)};
  return c;
}

/// Replaces, puts in, takes out and cuts, as the input says.
std::string spoilt(std::string token, Input& in) {
  while (!in.empty()) {
    const size_t what = in.below(5);
    const size_t at = token.empty() ? 0 : static_cast<size_t>(within(in.integer(), std::ssize(token) - 1));
    if (what == 0 && !token.empty()) token[at] = static_cast<char>(in.byte());
    if (what == 1) token.insert(at, 1, static_cast<char>(in.byte()));
    if (what == 2 && !token.empty()) token.erase(at, 1);
    if (what == 3) token.resize(at);
    if (what == 4) token.insert(at, as_text(in.take(in.byte())));
  }
  return token;
}

void check_verified(const TokenSigner& signer, std::string_view token, const Case& c) {
  const auto found = signer.verify(token, c.now);
  if (!found.ok()) {
    TILL_ASSERT(found.error().code == Code::unauthorized);
    return;
  }
  TILL_ASSERT(signer.sign(*found) == token);  // one set of claims, one token
  TILL_ASSERT(found->expires > c.now && found->issued.ms <= c.now.ms + crypto::kTokenLeewayMs);
  TILL_ASSERT(token.size() <= crypto::kMaxTokenBytes);
}

std::string signed_payload(std::string_view payload) {
  std::string token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + to_base64url(as_bytes(payload));
  const auto signature = crypto::HmacSha256(kKey).of(as_bytes(token));
  return token.append(".").append(to_base64url(signature));
}

void check_opaque(std::string_view text) {
  if (const auto bytes = from_base64url(text)) TILL_ASSERT(to_base64url(*bytes) == text);
  if (const auto token = access::RefreshToken::parse(text)) {
    TILL_ASSERT(token->text() == text);
    test::FakeRandom random;
    const auto next = token->next(random);
    TILL_ASSERT(next.session() == token->session() && next.hashes().family == token->hashes().family);
    TILL_ASSERT(next.hashes().token != token->hashes().token);
    TILL_ASSERT(access::RefreshToken::first(token->session(), random).hashes().family != token->hashes().family);
  }
  const std::string_view bearer = http::bearer_token(text);
  TILL_ASSERT(bearer.empty() || text.ends_with(bearer));
}

}  // namespace

void run(Input in) {
  const auto way = static_cast<Way>(in.below(kWays));
  if (way == Way::opaque) return check_opaque(in.text());
  const TokenSigner signer(kKey, "till", "shop");
  const Case c = read_case(in);
  const std::string good = signer.sign(c.claims);
  const bool is_good = c.claims.expires > c.now && c.claims.issued.ms <= c.now.ms + crypto::kTokenLeewayMs;
  const auto found = signer.verify(good, c.now);
  TILL_ASSERT(found.ok() == is_good && (!is_good || *found == c.claims));
  if (way == Way::spoilt) {
    const std::string bad = spoilt(good, in);
    TILL_ASSERT(bad == good || !signer.verify(bad, c.now).ok());
  } else if (way == Way::own_payload) {
    std::string payload(as_text(*from_base64url(good.substr(37, good.rfind('.') - 37))));
    check_verified(signer, signed_payload(spoilt(std::move(payload), in)), c);
  } else {
    check_verified(signer, in.text(), c);
  }
}

}  // namespace till::fuzz
