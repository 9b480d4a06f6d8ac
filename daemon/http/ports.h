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

/// Remembers answers in the effect's own transaction (20-api, Idempotency). Called inside the Work, on the writer's
/// thread. It keeps status, body, version and extra_headers: such routes answer JSON, so the content type needs no
/// room. Routes whose effect carries the key itself (Once::by_effect) do not use it.
class OnceStore {
 public:
  virtual ~OnceStore() = default;
  /// The kept answer, nullopt if the key is new, or mismatch if it came with another body.
  virtual Result<std::optional<Response>> find(const OnceKey& key) = 0;
  virtual Status keep(const OnceKey& key, const Response& answer) = 0;
};

}  // namespace till::http
