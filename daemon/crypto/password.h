// Passwords by crypt(3) (D16): yescrypt for new ones; bcrypt is accepted so that users of other shops can be imported.
// Called by access on the worker pool, for one hash takes tens of milliseconds and 16 MB on purpose.
// It refuses passwords that crypt(3) would cut short in silence: with NUL in them, or longer than 256 bytes.
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"

namespace till::crypto {

/// crypt(3) takes 512 bytes; 256 is beyond any passphrase and keeps a body of passwords small. How short one may be is
/// a rule of the shop, not of the hash: here one byte is enough.
inline constexpr size_t kMaxPasswordBytes = 256;
/// bcrypt doubles its work with each step: an imported hash must not buy minutes of this machine.
inline constexpr int kMaxBcryptCost = 14;

class PasswordHasher {
 public:
  /// `cost` is yescrypt's, 1 (1 MB) to 11; 5 (16 MB, tens of milliseconds) is Debian's own choice. Tests take 1.
  explicit PasswordHasher(Random& random, int cost = 5);

  /// "$y$…", 73 characters. Errors: invalid if the password is empty, too long or contains NUL.
  [[nodiscard]] Result<std::string> hash(std::string_view password) const;

  /// False for a wrong password and for a hash that is damaged, unknown or too dear.
  [[nodiscard]] bool verify(std::string_view password, std::string_view hash) const;

  /// A hash of no password at today's cost: verified for users who do not exist, so that time does not tell who does.
  [[nodiscard]] const std::string& dummy_hash() const { return dummy_hash_; }

  /// True for a good hash of another method or cost: hash again while the password is at hand.
  [[nodiscard]] bool needs_rehash(std::string_view hash) const { return !hash.starts_with(prefix_); }

 private:
  [[nodiscard]] std::string make_setting() const;

  Random& random_;
  const int cost_;
  std::string dummy_hash_;
  std::string prefix_;  // "$y$j9T$": method and parameters
};

/// True if a hash from another shop is one that verify() takes: "$2a$", "$2b$" or "$2y$", cost 4 to 14, 60 characters.
bool is_importable_hash(std::string_view hash);

}  // namespace till::crypto
