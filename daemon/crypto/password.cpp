#include "crypto/password.h"

#include <crypt.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "crypto/hash.h"

namespace till::crypto {
namespace {

constexpr size_t kHashLetters = 43;  // of a yescrypt hash, behind its setting
constexpr std::string_view kBcryptLetters = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

bool is_hashable(std::string_view password) {
  return !password.empty() && password.size() <= kMaxPasswordBytes && password.find('\0') == std::string_view::npos;
}

/// crypt_data holds the password and 32 KB of state: on the heap, and wiped.
struct WipedData {
  crypt_data data{};
  ~WipedData() { explicit_bzero(&data, sizeof(data)); }
};

/// The hash, or empty if crypt(3) refuses the setting.
std::string run_crypt(std::string_view password, std::string_view setting) {
  auto work = std::make_unique<WipedData>();
  std::array<char, kMaxPasswordBytes + 1> phrase{};
  std::copy(password.begin(), password.end(), phrase.begin());
  const char* hash = crypt_rn(phrase.data(), std::string(setting).c_str(), &work->data, sizeof(work->data));
  explicit_bzero(phrase.data(), phrase.size());
  return hash == nullptr ? std::string() : std::string(hash);
}

}  // namespace

PasswordHasher::PasswordHasher(Random& random, int cost) : random_(random), cost_(cost) {
  std::string setting = make_setting();
  prefix_ = setting.substr(0, setting.find('$', 3) + 1);
  dummy_hash_ = setting + '$' + std::string(kHashLetters, '.');
}

std::string PasswordHasher::make_setting() const {
  auto salt = random_bytes<16>(random_);
  std::array<char, 16> salt_chars;
  std::memcpy(salt_chars.data(), salt.data(), salt.size());
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting;
  const char* made =
      crypt_gensalt_rn("$y$", static_cast<unsigned long>(cost_), salt_chars.data(), static_cast<int>(salt_chars.size()),
                       setting.data(), static_cast<int>(setting.size()));
  TILL_ASSERT(made != nullptr);  // only for a cost outside 1 to 11
  return made;
}

Result<std::string> PasswordHasher::hash(std::string_view password) const {
  if (!is_hashable(password)) {
    return invalid_field("/password", "length", "A password has 1 to " + std::to_string(kMaxPasswordBytes) + " bytes");
  }
  std::string made = run_crypt(password, make_setting());
  if (made.empty()) return Error{.code = Code::internal, .message = "The password cannot be hashed"};  // out of memory
  return made;
}

bool PasswordHasher::verify(std::string_view password, std::string_view hash) const {
  if (!is_hashable(password)) return false;
  if (!hash.starts_with("$y$") && !is_importable_hash(hash)) return false;
  std::string made = run_crypt(password, hash);
  return !made.empty() && constant_time_equal(as_bytes(made), as_bytes(hash));
}

bool is_importable_hash(std::string_view hash) {
  if (hash.size() != 60 || !hash.starts_with("$2") || hash[3] != '$' || hash[6] != '$') return false;
  if (hash[2] != 'a' && hash[2] != 'b' && hash[2] != 'y') return false;
  if (hash[4] < '0' || hash[4] > '9' || hash[5] < '0' || hash[5] > '9') return false;
  int cost = (hash[4] - '0') * 10 + (hash[5] - '0');
  return cost >= 4 && cost <= kMaxBcryptCost && hash.substr(7).find_first_not_of(kBcryptLetters) == std::string::npos;
}

}  // namespace till::crypto
