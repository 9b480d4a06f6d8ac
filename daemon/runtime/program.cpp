#include "runtime/program.h"

#include <cstdio>

namespace till::runtime {

int fail(const Program& program, const Error& error) {
  std::fprintf(stderr, "%s: %s\n", program.name.c_str(), error.message.c_str());
  return 1;
}

}  // namespace till::runtime
