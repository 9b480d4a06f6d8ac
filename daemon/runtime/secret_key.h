// A secret of this installation, kept in a file beside the database: the key that signs tokens, a node's key at the
// hub. None is shared and none has a default.
#pragma once

#include <array>
#include <string>

#include "base/random.h"
#include "base/result.h"

namespace till::runtime {

using SecretKey = std::array<uint8_t, 32>;

/// The 32 bytes in the file; made by chance and written with mode 0600 if there is none. Error: invalid, naming the
/// file.
Result<SecretKey> secret_key(const std::string& path, Random& random);

}  // namespace till::runtime
