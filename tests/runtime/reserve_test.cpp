// The room kept back: real, private, made only where there is plenty, given up once and made again.
#include "runtime/reserve.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/log.h"
#include "runtime/bare_host.h"
#include "support/temp_folder.h"

using namespace till;
using namespace till::runtime;

namespace {

constexpr int64_t kMiB = int64_t{1} << 20;

struct Folder {
  test::TempFolder home{};
  std::string path = home.file("");
  std::string file = home.file(kReserve);

  Folder() { log::set_level(log::Level::error); }
  [[nodiscard]] int64_t taken() const {
    struct stat info {};
    return ::stat(file.c_str(), &info) == 0 ? info.st_blocks * 512 : -1;
  }
};

}  // namespace

TEST_CASE("it takes its room on the disk, and nobody else may look") {
  Folder folder;
  Reserve reserve(folder.path, kMiB);
  CHECK_FALSE(reserve.held());
  CHECK(reserve.room_for_bulk().error().code == Code::full);
  reserve.refill();
  CHECK(reserve.held());
  CHECK(folder.taken() >= kMiB);
  struct stat info {};
  REQUIRE(::stat(folder.file.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(reserve.room_for_bulk().ok());
  CHECK(Reserve(folder.path, kMiB).held());  // the next start finds it
}

TEST_CASE("given up it is gone until there is room; twice is once") {
  Folder folder;
  Reserve reserve(folder.path, kMiB);
  reserve.refill();
  reserve.release();
  reserve.release();
  CHECK_FALSE(reserve.held());
  CHECK(folder.taken() == -1);
  CHECK_FALSE(reserve.room_for_bulk().ok());
  reserve.refill();
  CHECK(reserve.held());
}

TEST_CASE("it is not made where the disk would be as good as full with it") {
  Folder folder;
  Reserve reserve(folder.path, free_bytes(folder.path) / 2 + 64 * kMiB);
  reserve.refill();
  CHECK_FALSE(reserve.held());
  CHECK(folder.taken() == -1);
}

TEST_CASE("a file that keeps nothing back is none: holes, another size, removed by hand") {
  Folder folder;
  std::ofstream(folder.file).close();
  std::filesystem::resize_file(folder.file, kMiB);
  Reserve reserve(folder.path, kMiB);
  CHECK_FALSE(reserve.held());
  reserve.refill();
  CHECK(folder.taken() >= kMiB);

  Reserve larger(folder.path, 2 * kMiB);
  CHECK_FALSE(larger.held());
  larger.refill();
  CHECK(folder.taken() >= 2 * kMiB);

  std::filesystem::remove(folder.file);
  CHECK(larger.held());
  larger.refill();
  CHECK(folder.taken() >= 2 * kMiB);
}

TEST_CASE("0 keeps none, removes an old one and refuses nothing") {
  Folder folder;
  Reserve(folder.path, kMiB).refill();
  Reserve none(folder.path, 0);
  none.refill();
  CHECK(folder.taken() == -1);
  CHECK(none.room_for_bulk().ok());
}

TEST_CASE("a program gives it up for the first write that finds no room, and its health says so") {
  test::Site site(std::vector<std::pair<std::string, std::string>>{{"disk.reserve_mib", "1"}});
  auto host = site.open().value();
  REQUIRE(host->reserve().held());
  const Status full = host->writer().run([](sqlite::Connection&) { return Error{Code::full, "The disk is full"}; });
  CHECK(full.error().code == Code::full);
  CHECK_FALSE(host->reserve().held());
  CHECK_FALSE(std::filesystem::exists(site.file(kReserve)));
}
