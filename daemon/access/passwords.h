// Passwords: hashing, matching, and who has to wait before trying again. match() and hash() take tens of milliseconds
// and 16 MB on purpose: worker pool only, and at most two at a time. The same for an account that does not exist, so
// neither answer nor time tells who does.
#pragma once

#include <optional>
#include <semaphore>
#include <string>

#include "access/storage.h"
#include "crypto/password.h"

namespace till::access {

class Passwords {
 public:
  Passwords(Random& random, Clock& clock, int cost) : hasher_(random, cost), clock_(clock) {}

  Result<std::string> hash(const std::string& password);
  /// True if `hash` is of that password or PIN; "" is the hash of nobody, and takes as long.
  bool match(const std::string& typed, const std::string& hash);
  /// A hash from another shop or of another cost: time for a new one, while the password is at hand.
  [[nodiscard]] bool is_dated(const std::string& hash) const { return hasher_.needs_rehash(hash); }

  /// too_many, with the seconds to wait, after too many wrong ones (access/tries.h).
  Status check_wait(const Storage& storage, const TriesKey& key) const;
  Status count_failure(Storage& writing, const TriesKey& key) const;

 private:
  const crypto::PasswordHasher hasher_;
  Clock& clock_;
  std::counting_semaphore<2> slots_{2};
};

/// Letters and digits that nobody mixes up, with five random bits each.
std::string make_readable(Random& random, size_t letters);

}  // namespace till::access
