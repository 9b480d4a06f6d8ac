// What http needs from the shop, stated here so that it knows no shop words. The composition root (main.cpp) plugs in
// access (Authenticator), the writer (WriteLane) and the store (OnceStore).
#pragma once

#include <string_view>

#include "http/message.h"

namespace till::http {

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  /// The caller behind a bearer token; unauthorized if it is malformed, expired, revoked or its session ended.
  /// On the door's thread, for every request: microseconds.
  virtual Result<Caller> authenticate(std::string_view bearer_token) = 0;
};

class WriteLane {
 public:
  virtual ~WriteLane() = default;
  /// Queues work for the writer. `done` is called once, on the writer's thread, after the commit that holds the
  /// change (or after the rollback, with the error). False if the queue is full: answer busy; nothing was queued.
  virtual bool submit(Work work, Task<void(Result<Finish>)> done) = 0;
};

/// The scope of an idempotency key: the same key from another caller or on another path is another key.
struct OnceKey {
  int64_t caller = 0;
  std::string route;    // method and path: "POST /api/v1/orders"
  std::string key;      // 1 to 64 printable ASCII
  uint64_t body_hash = 0;  // first 8 bytes of the SHA-256 of the body
};

/// Remembers answers in the effect's own transaction (20-api, Idempotency). Called inside the Work, on the writer's
/// thread. Routes whose effect carries the key itself (orders, D19) do not use it.
class OnceStore {
 public:
  virtual ~OnceStore() = default;
  /// The kept answer, nullopt if the key is new, or mismatch if it came with another body.
  virtual Result<std::optional<Response>> find(const OnceKey& key) = 0;
  virtual Status keep(const OnceKey& key, const Response& answer) = 0;
};

}  // namespace till::http
