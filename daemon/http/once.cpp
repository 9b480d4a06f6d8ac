// Kept answers (http/once.h).
#include "http/once.h"

#include "crypto/hash.h"

namespace till::http {
namespace {

Result<Finish> replay(Response kept) {
  kept.add("Idempotent-Replayed", "true");
  return Finish([kept = std::move(kept)]() mutable -> Result<Response> { return std::move(kept); });
}

/// The answer is made here, not after the commit like others: it has to be kept by this very transaction.
Result<Finish> run_and_keep(OnceStore& store, const OnceKey& key, Work& work) {
  TILL_TRY(Finish finish, work());
  Result<Response> made = finish();
  if (made.ok() && made->status / 100 == 2) TILL_CHECK(store.keep(key, *made));
  return Finish([made = std::move(made)]() mutable -> Result<Response> { return std::move(made); });
}

}  // namespace

void hash_body(OnceKey& key, std::string_view body) {
  const auto digest = crypto::sha256(as_bytes(body));
  key.body_hash = 0;
  for (size_t i = 0; i < sizeof key.body_hash; ++i) key.body_hash = key.body_hash << 8 | digest[i];
}

Work remember(OnceStore& store, OnceKey key, Work work) {
  return [&store, key = std::move(key), work = std::move(work)]() mutable -> Result<Finish> {
    auto kept = store.find(key);
    if (!kept.ok()) {
      if (kept.error().code == Code::mismatch) kept.error().reason = "idempotency_mismatch";
      return std::move(kept).error();
    }
    if (*kept) return replay(std::move(**kept));
    return run_and_keep(store, key, work);
  };
}

}  // namespace till::http
