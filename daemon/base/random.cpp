#include "base/random.h"

#include <sys/random.h>

#include <cerrno>

#include "base/result.h"

namespace till {

void SystemRandom::fill(std::span<uint8_t> out) {
  while (!out.empty()) {
    ssize_t got = getrandom(out.data(), out.size(), 0);
    TILL_ASSERT(got > 0 || errno == EINTR);
    if (got > 0) out = out.subspan(static_cast<size_t>(got));
  }
}

}  // namespace till
