// Runs the corpus of one target: every file of the folders and every file that is named. A property that does not hold
// ends the process, so the name of the file at hand is told on the way out.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

const char* current = "";

extern "C" void tell_which(int) {
  constexpr std::string_view kWords = "\nwhile running ";
  [[maybe_unused]] ssize_t told = ::write(STDOUT_FILENO, kWords.data(), kWords.size());
  told = ::write(STDOUT_FILENO, current, std::strlen(current));
}

std::vector<std::string> files_of(const std::string& path) {
  namespace fs = std::filesystem;
  if (!fs::is_directory(path)) return {path};
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(path)) files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGABRT, tell_which);  // abort() goes on once this returns
  int passed = 0, failed = 0;
  for (int i = 1; i < argc; ++i) {
    for (const std::string& path : files_of(argv[i])) {
      std::ifstream file(path, std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(file), {}};
      if (!file) std::cout << path << ": cannot be read\n";
      current = path.c_str();
      LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
      ++(file ? passed : failed);
    }
  }
  if (passed == 0) std::cout << "no input\n", ++failed;
  std::cout << passed << " passed, " << failed << " failed\n";
  return failed == 0 ? 0 : 1;
}
