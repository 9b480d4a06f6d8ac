#include "access/once_answers.h"

namespace till::access {

constexpr int64_t kSweptAtOnce = 500;

Result<std::optional<http::Response>> OnceAnswers::find(const http::OnceKey& key) {
  TILL_TRY(auto kept, ports_.writing.find_answer(key));
  if (!kept || kept->at < kept_.oldest()) return std::optional<http::Response>();
  if (kept->body_hash != key.body_hash)
    return Error{Code::mismatch, "This Idempotency-Key came with another body before", "idempotency_mismatch"};
  return std::optional(std::move(kept->answer));
}

Status OnceAnswers::keep(const http::OnceKey& key, const http::Response& answer) {
  return ports_.writing.keep_answer(key, {key.body_hash, ports_.clock.now(), answer});
}

Status OnceAnswers::sweep() {
  TILL_TRY(swept_to_, ports_.writing.sweep_answers(swept_to_, kept_.oldest(), kSweptAtOnce));
  return {};
}

}  // namespace till::access
