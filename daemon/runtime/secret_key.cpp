#include "runtime/secret_key.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/file.h"

namespace till::runtime {

Result<SecretKey> secret_key(const std::string& path, Random& random) {
  SecretKey key{};
  auto kept = read_file(path, key.size());
  if (!kept && kept.error().code == Code::not_found) {
    random.fill(key);
    TILL_CHECK(write_file(path, as_text(key), 0600));
    return key;
  }
  TILL_TRY(const std::string bytes, std::move(kept));
  if (bytes.size() != key.size())
    return Error{.code = Code::invalid, .message = path + ": must hold 32 bytes; without the file a new key is made"};
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

}  // namespace till::runtime
