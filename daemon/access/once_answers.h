// Kept answers to requests with an Idempotency-Key (20-api), in the transaction of their effect. Implements the port of
// http on the writer's thread, inside a Work.
#pragma once

#include "access/ports.h"
#include "base/retention.h"

namespace till::access {

class OnceAnswers final : public http::OnceStore {
 public:
  /// An answer is good for `days` and then as if it had never been.
  OnceAnswers(Ports ports, int64_t days) : ports_(ports), kept_(ports.clock, days * 24 * 3'600'000) {}

  Result<std::optional<http::Response>> find(const http::OnceKey& key) override;
  Status keep(const http::OnceKey& key, const http::Response& answer) override;

  /// Looks at some hundred answers further along the keys and forgets those out of date; begins again after the last.
  Status sweep();

 private:
  const Ports ports_;
  const Retention kept_;
  std::string swept_to_;
};

}  // namespace till::access
