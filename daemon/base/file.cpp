#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace till {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

Error failure(const std::string& path, std::string_view what, int error) {
  Code code = error == ENOSPC || error == EDQUOT ? Code::full : Code::internal;
  return {.code = code, .message = path + ": " + std::string(what) + ": " + std::strerror(error)};
}

bool write_all(int fd, std::string_view rest) {
  while (!rest.empty()) {
    ssize_t wrote = ::write(fd, rest.data(), rest.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return false;
    rest.remove_prefix(static_cast<size_t>(wrote));
  }
  return true;
}

Status sync_folder_of(const std::string& path) {
  size_t slash = path.rfind('/');
  std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.ok() || ::fsync(fd.get()) != 0) return failure(folder, "cannot be synced", errno);
  return {};
}

}  // namespace

Result<std::string> read_file(const std::string& path, size_t max_bytes) {
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.ok()) return Error{.code = Code::not_found, .message = path + ": cannot be read: " + std::strerror(errno)};
  std::string content(max_bytes + 1, '\0');
  size_t size = 0;
  while (size < content.size()) {
    ssize_t got = ::read(fd.get(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{.code = Code::not_found, .message = path + ": cannot be read: " + std::strerror(errno)};
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  if (size > max_bytes) {
    return Error{.code = Code::too_large, .message = path + ": larger than " + std::to_string(max_bytes) + " bytes"};
  }
  content.resize(size);
  content.shrink_to_fit();
  return content;
}

Status write_file(const std::string& path, std::string_view content, mode_t mode) {
  std::string temporary = path + ".new";
  ::unlink(temporary.c_str());  // of a run that was cut off; O_EXCL then keeps a planted link from being followed
  {
    Descriptor fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!fd.ok()) return failure(path, "cannot be written", errno);
    if (!write_all(fd.get(), content) || ::fsync(fd.get()) != 0) {
      int error = errno;
      ::unlink(temporary.c_str());
      return failure(path, "cannot be written", error);
    }
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    int error = errno;
    ::unlink(temporary.c_str());
    return failure(path, "cannot be replaced", error);
  }
  return sync_folder_of(path);
}

Status move_file(const std::string& from, const std::string& to) {
  Descriptor fd(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.ok() || ::fsync(fd.get()) != 0) return failure(to, "cannot be kept", errno);
  if (::rename(from.c_str(), to.c_str()) != 0) return failure(to, "cannot be kept", errno);
  return sync_folder_of(to);
}

}  // namespace till
