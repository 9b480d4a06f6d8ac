// Token buckets (http/limiter.h).
#include "http/limiter.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace till::http {
namespace {

constexpr int64_t kSecondUs = 1'000'000;

int64_t ceil_s(int64_t us) { return (us + kSecondUs - 1) / kSecondUs; }

/// The finalizer of splitmix64: every bit of the key moves every bit of the place.
uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

uint64_t big_endian(std::span<const uint8_t> bytes) {
  uint64_t out = 0;
  for (uint8_t byte : bytes) out = out << 8 | byte;
  return out;
}

}  // namespace

uint64_t limit_key(std::string_view address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  std::array<uint8_t, 16> bytes{};
  address.copy(text.data(), text.size() - 1);
  if (inet_pton(AF_INET, text.data(), bytes.data()) == 1) return big_endian(std::span(bytes).first(4));
  if (inet_pton(AF_INET6, text.data(), bytes.data()) != 1) return 0;                    // the control socket
  constexpr std::array<uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};  // ::ffff:192.168.1.7
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) return big_endian(std::span(bytes).last(4));
  return big_endian(std::span(bytes).first(8));
}

uint64_t limit_key(int64_t user) { return static_cast<uint64_t>(user); }

Limiter::Limiter(Quota quota, Random& random, size_t places)
    : quota_(quota),
      window_us_(quota.window_s * kSecondUs),
      step_us_(std::max<int64_t>(1, window_us_ / std::max<int64_t>(1, quota.requests))),
      seed_(big_endian(random_bytes<8>(random))),
      buckets_((std::max<size_t>(places, 1) + kWays - 1) / kWays * kWays) {}

/// The key's own bucket, or that of its set which is full soonest, made the key's and full.
Limiter::Bucket& Limiter::bucket_of(uint64_t key) {
  const size_t sets = buckets_.size() / kWays;
  auto set = std::span(buckets_).subspan(static_cast<size_t>(mix(key ^ seed_) % sets) * kWays, kWays);
  auto own = std::find_if(set.begin(), set.end(), [&](const Bucket& b) { return b.key == key; });
  if (own != set.end()) return *own;
  Bucket& soonest = *std::min_element(set.begin(), set.end(),
                                      [](const Bucket& a, const Bucket& b) { return a.full_at_us < b.full_at_us; });
  soonest = {key, 0};
  return soonest;
}

Limiter::Verdict Limiter::take(uint64_t key, int64_t now_us) {
  Bucket& bucket = bucket_of(key);
  const int64_t full_at = std::max(bucket.full_at_us, now_us);
  const int64_t wait_us = full_at + step_us_ - now_us - window_us_;
  Verdict verdict;
  verdict.allowed = wait_us <= 0;
  bucket.full_at_us = verdict.allowed ? full_at + step_us_ : full_at;
  const int64_t missing_us = bucket.full_at_us - now_us;
  verdict.remaining = std::max<int64_t>(0, (window_us_ - missing_us) / step_us_);
  verdict.full_in_s = ceil_s(missing_us);
  verdict.retry_in_s = verdict.allowed ? 0 : ceil_s(wait_us);
  return verdict;
}

std::string rate_limit_headers(const Quota& quota, const Limiter::Verdict& verdict) {
  std::string out;
  out.reserve(96);
  out.append("RateLimit-Policy: \"").append(quota.name).append("\";q=").append(std::to_string(quota.requests));
  out.append(";w=").append(std::to_string(quota.window_s)).append("\r\nRateLimit: \"").append(quota.name);
  out.append("\";r=").append(std::to_string(verdict.remaining));
  out.append(";t=").append(std::to_string(verdict.full_in_s)).append("\r\n");
  return out;
}

}  // namespace till::http
