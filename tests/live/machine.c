// A machine whose clock and disk a test can turn while a daemon runs on it: preloaded into the daemon, steered through
// a file that both have mapped (machine.py). It changes what the system answers, nothing in the daemon.
//
//   int64 clock_ms   added to the wall clock; the monotonic one goes on
//   int64 disk       of the folder TILL_FOLDER: 0 fine, 1 read-only as after an error of the disk, 2 does not come back
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { kFine, kReadOnly, kStuck };

static volatile int64_t* control;
static const char* folder;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
  const int fd = REAL(open)(getenv("TILL_MACHINE"), O_RDWR | O_CLOEXEC);
  void* mapped = mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (fd < 0 || mapped == MAP_FAILED) abort();
  control = mapped;
  folder = getenv("TILL_FOLDER");
}

// ---- the clock

int clock_gettime(clockid_t clock, struct timespec* at) {
  static int (*real)(clockid_t, struct timespec*);
  if (!real) real = REAL(clock_gettime);
  const int code = real(clock, at);
  if (code == 0 && control && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    at->tv_sec += control[0] / 1000;
  return code;
}

int gettimeofday(struct timeval* at, void* zone) {
  (void)zone;
  struct timespec now;
  const int code = clock_gettime(CLOCK_REALTIME, &now);
  at->tv_sec = now.tv_sec;
  at->tv_usec = now.tv_nsec / 1000;
  return code;
}

time_t time(time_t* at) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at) *at = now.tv_sec;
  return now.tv_sec;
}

// ---- the disk

static int is_ours(const char* path) { return control && folder && strncmp(path, folder, strlen(folder)) == 0; }

static int holds(int fd) {
  char name[64], path[4096];
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(name, path, sizeof path - 1);
  if (size < 0) return 0;
  path[size] = '\0';
  return is_ours(path);
}

// 0: go on; else the call fails with errno.
static int refused(int ours) {
  if (!control || control[1] == kFine || !ours) return 0;
  while (control[1] == kStuck) usleep(5000);
  if (control[1] == kFine) return 0;
  errno = EROFS;
  return 1;
}
#define REFUSED_FD(fd) (control && control[1] != kFine && refused(holds(fd)))
#define REFUSED_PATH(path) (control && control[1] != kFine && refused(is_ours(path)))

static int open_mode(const char* path, int flags, mode_t mode, int large) {
  const int stuck = control && control[1] == kStuck;  // a stuck disk has its names in memory
  if ((flags & (O_WRONLY | O_RDWR | O_CREAT)) && !stuck && REFUSED_PATH(path)) return -1;
  return large ? REAL(open64)(path, flags, mode) : REAL(open)(path, flags, mode);
}

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  return open_mode(path, flags, mode, 0);
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  return open_mode(path, flags, mode, 1);
}

ssize_t write(int fd, const void* bytes, size_t size) { return REFUSED_FD(fd) ? -1 : REAL(write)(fd, bytes, size); }
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  return REFUSED_FD(fd) ? -1 : REAL(pwrite)(fd, bytes, size, at);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  return REFUSED_FD(fd) ? -1 : REAL(pwrite64)(fd, bytes, size, at);
}
int ftruncate(int fd, off_t size) { return REFUSED_FD(fd) ? -1 : REAL(ftruncate)(fd, size); }
int ftruncate64(int fd, off64_t size) { return REFUSED_FD(fd) ? -1 : REAL(ftruncate64)(fd, size); }
int fdatasync(int fd) { return REFUSED_FD(fd) ? -1 : REAL(fdatasync)(fd); }
int fsync(int fd) { return REFUSED_FD(fd) ? -1 : REAL(fsync)(fd); }
int unlink(const char* path) { return REFUSED_PATH(path) ? -1 : REAL(unlink)(path); }
int rename(const char* from, const char* to) { return REFUSED_PATH(to) ? -1 : REAL(rename)(from, to); }
int mkdir(const char* path, mode_t mode) { return REFUSED_PATH(path) ? -1 : REAL(mkdir)(path, mode); }

int statvfs(const char* path, struct statvfs* told) {
  const int code = REAL(statvfs)(path, told);
  if (code == 0 && control && control[1] == kReadOnly && is_ours(path)) told->f_flag |= ST_RDONLY;
  return code;
}
int statvfs64(const char* path, struct statvfs64* told) {
  const int code = REAL(statvfs64)(path, told);
  if (code == 0 && control && control[1] == kReadOnly && is_ours(path)) told->f_flag |= ST_RDONLY;
  return code;
}
