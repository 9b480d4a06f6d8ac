// Small files: whole or not at all, never readable by more than asked for.
#include "base/file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

using namespace till;

namespace {

struct TempFolder {
  std::string path = "/tmp/file_test_XXXXXX";
  TempFolder() { REQUIRE(mkdtemp(path.data()) != nullptr); }
  ~TempFolder() { std::filesystem::remove_all(path); }
};

}  // namespace

TEST_CASE("what is written is read, with the rights asked for, and replaced as a whole") {
  TempFolder folder;
  std::string path = folder.path + "/key";
  REQUIRE(write_file(path, "old and long", 0644).ok());
  REQUIRE(write_file(path, "secret", 0600).ok());
  CHECK(read_file(path, 6).value() == "secret");
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK_FALSE(std::filesystem::exists(path + ".new"));
}

TEST_CASE("limits and what is missing are errors that name the path") {
  TempFolder folder;
  std::string path = folder.path + "/key";
  auto missing = read_file(path, 10);
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code == Code::not_found);
  CHECK(missing.error().message.starts_with(path + ": cannot be read"));
  CHECK_FALSE(read_file(folder.path, 10).ok());
  REQUIRE(write_file(path, "0123456789", 0600).ok());
  CHECK(read_file(path, 10).ok());
  CHECK(read_file(path, 9).error().code == Code::too_large);
  CHECK_FALSE(write_file(folder.path + "/no/such", "x", 0600).ok());
}

TEST_CASE("the rest of a cut-off run and a planted link do no harm") {
  TempFolder folder;
  std::string path = folder.path + "/key", victim = folder.path + "/victim";
  REQUIRE(write_file(victim, "untouched", 0644).ok());
  REQUIRE(symlink(victim.c_str(), (path + ".new").c_str()) == 0);
  REQUIRE(write_file(path, "secret", 0600).ok());
  CHECK(read_file(victim, 100).value() == "untouched");
  CHECK(read_file(path, 100).value() == "secret");
}

TEST_CASE("a target that cannot be replaced leaves nothing beside it") {
  TempFolder folder;
  std::string path = folder.path + "/key";
  REQUIRE(std::filesystem::create_directory(path));
  CHECK_FALSE(write_file(path, "x", 0600).ok());
  CHECK_FALSE(std::filesystem::exists(path + ".new"));
}

TEST_CASE("a moved file is whole under its new name, and one that cannot move stays") {
  TempFolder folder;
  std::string from = folder.path + "/upload", to = folder.path + "/kept";
  REQUIRE(write_file(from, "rows", 0600).ok());
  REQUIRE(move_file(from, to).ok());
  CHECK(read_file(to, 10).value() == "rows");
  CHECK_FALSE(std::filesystem::exists(from));
  CHECK_FALSE(move_file(from, to).ok());
  CHECK_FALSE(move_file(to, folder.path + "/no/such").ok());
  CHECK(read_file(to, 10).value() == "rows");
}
