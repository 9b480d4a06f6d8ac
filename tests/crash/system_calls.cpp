// The system calls by which the product handles files beside SQLite (backup, restore, the look before a start): the
// linker sends them here (--wrap), and those about the disk of the process (disk.h) go there. Its paths begin with
// /crash/. All others go on to the kernel.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>

#include "crash/disk.h"

using till::crash::Disk;

namespace {

constexpr int kFirstDescriptor = 1 << 20;  // ours are above all of the kernel's

struct Descriptor {
  std::string folder{};  // of a folder; else
  int file = 0;
  int64_t at = 0;
};
std::mutex mutex;
std::map<int, Descriptor> descriptors;

bool is_ours(const char* path) { return std::string_view(path).starts_with("/crash"); }

int failed(int why) {
  errno = why;
  return -1;
}

int open_ours(const std::string& path, int flags) {
  Descriptor opened;
  if (const size_t slash = path.find_last_not_of('/'); path.find('.', path.rfind('/')) == std::string::npos) {
    opened.folder = path.substr(0, slash + 1);  // files have a dot in their names here, folders have none
  } else {
    bool created = false;
    const auto file = Disk::current()->open(path, (flags & O_CREAT) != 0, &created);
    if (!file) return failed(ENOENT);
    if (!created && (flags & O_EXCL)) return failed(EEXIST);
    opened.file = *file;
  }
  const std::lock_guard lock(mutex);
  const int fd = descriptors.empty() ? kFirstDescriptor : descriptors.rbegin()->first + 1;
  descriptors[fd] = opened;
  return fd;
}

}  // namespace

extern "C" {

int __real_open(const char* path, int flags, ...);
int __real_close(int fd);
ssize_t __real_read(int fd, void* into, size_t count);
int __real_fsync(int fd);
int __real_access(const char* path, int mode);
int __real_stat(const char* path, struct stat* info);
int __real_unlink(const char* path);
int __real_rename(const char* from, const char* to);

int __wrap_open(const char* path, int flags, ...) {
  if (is_ours(path)) return open_ours(path, flags);
  std::va_list rest;
  va_start(rest, flags);
  const auto mode = va_arg(rest, mode_t);
  va_end(rest);
  return __real_open(path, flags, mode);
}
int __wrap_open64(const char* path, int flags, ...) __attribute__((alias("__wrap_open")));

int __wrap_close(int fd) {
  if (fd < kFirstDescriptor) return __real_close(fd);
  const std::lock_guard lock(mutex);
  descriptors.erase(fd);
  return 0;
}

ssize_t __wrap_read(int fd, void* into, size_t count) {
  if (fd < kFirstDescriptor) return __real_read(fd, into, count);
  const std::lock_guard lock(mutex);
  Descriptor& from = descriptors[fd];
  const size_t got = Disk::current()->read(from.file, from.at, static_cast<uint8_t*>(into), count);
  from.at += static_cast<int64_t>(got);
  return static_cast<ssize_t>(got);
}

int __wrap_fsync(int fd) {
  if (fd < kFirstDescriptor) return __real_fsync(fd);
  const std::lock_guard lock(mutex);
  const Descriptor& of = descriptors[fd];
  if (Disk::current()->fails(till::crash::Fault::Kind::sync)) {
    Disk::current()->note_failed_sync();
    return failed(EIO);
  }
  if (of.folder.empty())
    Disk::current()->sync(of.file);
  else
    Disk::current()->sync_folder(of.folder);
  return 0;
}

int __wrap_access(const char* path, int mode) {
  if (!is_ours(path)) return __real_access(path, mode);
  return Disk::current()->exists(path) ? 0 : failed(ENOENT);
}

int __wrap_stat(const char* path, struct stat* info) {
  if (!is_ours(path)) return __real_stat(path, info);
  if (!Disk::current()->exists(path)) return failed(ENOENT);
  *info = {};
  info->st_size = Disk::current()->size(*Disk::current()->open(path, false));
  return 0;
}
int __wrap_stat64(const char* path, struct stat* info) __attribute__((alias("__wrap_stat")));

int __wrap_unlink(const char* path) {
  if (!is_ours(path)) return __real_unlink(path);
  return Disk::current()->unlink(path) ? 0 : failed(ENOENT);
}

int __wrap_rename(const char* from, const char* to) {
  if (!is_ours(from)) return __real_rename(from, to);
  return Disk::current()->rename(from, to) ? 0 : failed(ENOENT);
}
}
