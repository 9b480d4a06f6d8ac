// Rate limits by token buckets in tables of fixed size. Called by the pipeline on the door's thread, once a request.
// A bucket is one number, the moment at which it will be full again (GCRA), so a full bucket and a forgotten one are
// the same. That is why a table may forget: in its set of eight places a newcomer takes that of the bucket which is
// full soonest. A hostile LAN can make us forget, never make us grow; and the places are keyed by a seed it does not
// know. Time is the monotonic clock: setting the wall clock neither frees nor locks anybody.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace till::http {

/// `requests` in any `window_s` seconds, all of them at once if the caller likes; they come back evenly.
struct Quota {
  std::string_view name;  // in the RateLimit headers
  int64_t requests = 0;
  int64_t window_s = 0;
};

/// Who is counted: an IPv4 address, the /64 of an IPv6 address (one host has all of it), or a user's row id.
uint64_t limit_key(std::string_view address);
uint64_t limit_key(int64_t user);

class Limiter {
 public:
  /// `places` is rounded up to whole sets; 16 bytes each, taken at once and for good.
  Limiter(Quota quota, Random& random, size_t places = 4096);

  struct Verdict {
    bool allowed = false;
    int64_t remaining = 0;   // requests left now
    int64_t full_in_s = 0;   // until the whole quota is back
    int64_t retry_in_s = 0;  // until one request is back; 0 if allowed
  };
  /// Takes one request from the bucket, or none if it is empty.
  Verdict take(uint64_t key, int64_t now_us);

  [[nodiscard]] const Quota& quota() const { return quota_; }
  [[nodiscard]] size_t bytes() const { return buckets_.size() * sizeof(Bucket); }

 private:
  static constexpr size_t kWays = 8;
  struct Bucket {
    uint64_t key = 0;
    int64_t full_at_us = 0;
  };
  Bucket& bucket_of(uint64_t key);

  Quota quota_;
  int64_t window_us_;
  int64_t step_us_;  // one request comes back
  uint64_t seed_;
  std::vector<Bucket> buckets_;
};

/// The two header lines of draft-ietf-httpapi-ratelimit-headers-09 §3 and §4:
///   RateLimit-Policy: "usual";q=20;w=2
///   RateLimit: "usual";r=19;t=1
std::string rate_limit_headers(const Quota& quota, const Limiter::Verdict& verdict);

}  // namespace till::http
