#include "access/passwords.h"

namespace till::access {
namespace {

class Slot {
 public:
  explicit Slot(std::counting_semaphore<2>& slots) : slots_(slots) { slots_.acquire(); }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  ~Slot() { slots_.release(); }

 private:
  std::counting_semaphore<2>& slots_;
};

}  // namespace

Result<std::string> Passwords::hash(const std::string& password) {
  const Slot slot(slots_);
  return hasher_.hash(password);
}

bool Passwords::match(const std::string& typed, const std::string& hash) {
  const Slot slot(slots_);
  return hasher_.verify(typed, hash.empty() ? hasher_.dummy_hash() : hash) && !hash.empty();
}

Status Passwords::check_wait(const Storage& storage, const TriesKey& key) const {
  TILL_TRY(const Tries tries, storage.find_tries(key));
  const int64_t wait = wait_s(tries, clock_.now());
  if (wait == 0) return {};
  return Error{.code = Code::too_many,
               .message = "Too many tries, wait " + std::to_string(wait) + " seconds",
               .reason = "too_many_tries",
               .retry_after_s = static_cast<int>(wait)};
}

Status Passwords::count_failure(Storage& writing, const TriesKey& key) const {
  TILL_TRY(const Tries tries, writing.find_tries(key));
  return writing.keep_tries(key, after_failure(tries, clock_.now()));
}

std::string make_readable(Random& random, size_t letters) {
  constexpr std::string_view kLetters = "abcdefghijkmnpqrstuvwxyz23456789";
  static_assert(kLetters.size() == 32);
  std::vector<uint8_t> bytes(letters);
  random.fill(bytes);
  std::string made;
  for (const uint8_t byte : bytes) made += kLetters[byte % kLetters.size()];
  return made;
}

}  // namespace till::access
