// The one entry of every target, as libFuzzer and replay.cpp call it.
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  till::fuzz::run(till::fuzz::Input({data, size}));
  return 0;
}
