// Token buckets under friendly and hostile callers.
#include "http/limiter.h"

#include <doctest/doctest.h>

#include "support/fake_random.h"

namespace till::http {
namespace {

constexpr int64_t kSecondUs = 1'000'000;
constexpr Quota kQuota{"public", 20, 2};  // 10 a second

TEST_CASE("a burst is the quota, and then one comes back every tenth of a second") {
  test::FakeRandom random;
  Limiter limiter(kQuota, random);
  const uint64_t key = limit_key("192.0.2.1");
  int64_t now_us = 5 * kSecondUs;
  for (int64_t left = 19; left >= 0; --left) {
    const auto verdict = limiter.take(key, now_us);
    CHECK(verdict.allowed);
    CHECK(verdict.remaining == left);
  }
  auto verdict = limiter.take(key, now_us);
  CHECK_FALSE(verdict.allowed);
  CHECK(verdict.retry_in_s == 1);
  CHECK(verdict.full_in_s == 2);
  CHECK_FALSE(limiter.take(key, now_us + 99'999).allowed);
  CHECK(limiter.take(key, now_us + 100'000).allowed);
  CHECK_FALSE(limiter.take(key, now_us + 100'000).allowed);
  verdict = limiter.take(key, now_us + 60 * kSecondUs);
  CHECK(verdict.remaining == 19);
}

TEST_CASE("asking while empty does not push the next request away") {
  test::FakeRandom random;
  Limiter limiter({"strict", 1, 60}, random);
  CHECK(limiter.take(1, 0).allowed);
  for (int64_t s = 1; s < 60; ++s) CHECK(limiter.take(1, s * kSecondUs).retry_in_s == 60 - s);
  CHECK(limiter.take(1, 60 * kSecondUs).allowed);
}

TEST_CASE("callers do not share buckets; a house of IPv6 addresses does") {
  CHECK(limit_key("192.0.2.1") != limit_key("192.0.2.2"));
  CHECK(limit_key("2001:db8:1:2::1") == limit_key("2001:db8:1:2:ffff:ffff:ffff:ffff"));
  CHECK(limit_key("2001:db8:1:2::1") != limit_key("2001:db8:1:3::1"));
  CHECK(limit_key("::ffff:192.0.2.1") == limit_key("192.0.2.1"));
  CHECK(limit_key("::ffff:192.0.2.1") != limit_key("::ffff:192.0.2.2"));
}

TEST_CASE("no text makes a key that breaks anything") {
  for (std::string text :
       {std::string(), std::string(10'000, 'a'), std::string("1.2.3.4\0x", 9), std::string("fe80::1%eth0")}) {
    CHECK(limit_key(text) == limit_key(text));
  }
}

TEST_CASE("a million addresses make it forget, never grow, and never free who is being limited now") {
  test::FakeRandom random;
  Limiter limiter({"strict", 10, 60}, random);
  const size_t bytes = limiter.bytes();
  CHECK(bytes <= 64 * 1024);
  const uint64_t guesser = limit_key("198.51.100.66");
  for (int i = 0; i < 10; ++i) CHECK(limiter.take(guesser, 0).allowed);
  for (uint64_t address = 0; address < 1'000'000; ++address) {
    CHECK(limiter.take(0x0a00'0000U + address, 0).allowed);
    if (address % 1000 == 0) CHECK_FALSE(limiter.take(guesser, 0).allowed);
  }
  CHECK(limiter.bytes() == bytes);
}

TEST_CASE("a long sleep and a clock at its ends do not overflow") {
  test::FakeRandom random;
  Limiter limiter(kQuota, random, 8);
  CHECK(limiter.take(1, 0).allowed);
  CHECK(limiter.take(1, INT64_MAX / 2).remaining == 19);
  CHECK(limiter.take(1, 0).allowed == false);  // a monotonic clock cannot do this; if it did, we stay shut
}

TEST_CASE("the headers are those of the draft") {
  test::FakeRandom random;
  Limiter limiter(kQuota, random);
  CHECK(rate_limit_headers(kQuota, limiter.take(1, 0)) ==
        "RateLimit-Policy: \"public\";q=20;w=2\r\nRateLimit: \"public\";r=19;t=1\r\n");
}

}  // namespace
}  // namespace till::http
