#include "runtime/reserve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/log.h"
#include "runtime/data_dir.h"

namespace till::runtime {
namespace {

constexpr int64_t kLeastToStart = int64_t{1} << 20;   // the WAL's index and first frames, a socket, a secret
constexpr int64_t kLeastToWrite = int64_t{64} << 10;  // a sale with what it changes in the indices

}  // namespace

int64_t free_bytes(const std::string& path) {
  struct statvfs disk {};
  if (::statvfs(path.c_str(), &disk) != 0) return 0;
  return static_cast<int64_t>(disk.f_bavail) * static_cast<int64_t>(disk.f_frsize);
}

Reserve::Reserve(const std::string& folder, int64_t bytes)
    : folder_(folder), path_(folder + "/" + kReserve), bytes_(bytes), held_(is_whole()) {}

// What it takes on the disk counts: a file with holes in it keeps nothing back.
bool Reserve::is_whole() const {
  struct stat info {};
  return ::stat(path_.c_str(), &info) == 0 && int64_t{info.st_size} == bytes_ && info.st_blocks * 512 >= bytes_;
}

void Reserve::make_way() {
  if (free_bytes(folder_) < kLeastToStart) release();
}

void Reserve::release() {
  std::lock_guard lock(mutex_);
  held_ = false;
  if (::unlink(path_.c_str()) != 0) return;
  log::error("the disk is full: its reserve is freed, imports and backups wait", {{"freed_kib", bytes_ >> 10}});
}

void Reserve::refill() {
  std::lock_guard lock(mutex_);
  if (held_ && ::access(path_.c_str(), F_OK) == 0) return;  // by hand it may have been removed
  held_ = false;
  ::unlink(path_.c_str());  // one of another size
  if (bytes_ == 0 || free_bytes(folder_) < 2 * bytes_) return;
  held_ = make();
  if (held_) log::info("the disk's reserve is made", {{"kib", bytes_ >> 10}});
}

bool Reserve::make() const {
  const int fd = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  const bool made = ::posix_fallocate(fd, 0, bytes_) == 0;
  ::close(fd);
  if (!made) ::unlink(path_.c_str());
  return made;
}

Status Reserve::room_for_bulk() const {
  if (held_ || bytes_ == 0) return {};
  return Error{.code = Code::full, .message = "The disk is nearly full: what is left is for sales"};
}

bool Reserve::disk_is_full() const { return free_bytes(folder_) < kLeastToWrite; }

}  // namespace till::runtime
