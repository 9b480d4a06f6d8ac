#include "runtime/data_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/file.h"

namespace till::runtime {
namespace {

Error failed(const std::string& path, const std::string& reason, Code code = Code::invalid) {
  return {.code = code, .message = path + ": " + reason};
}

}  // namespace

Result<DataDir> DataDir::open(const std::string& path, bool make, std::string_view program) {
  if (make && ::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed(path, std::strerror(errno));
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return failed(path, std::strerror(errno), Code::not_found);
  DataDir directory(path, fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0)
    return failed(path, "another " + std::string(program) + " works in this directory", Code::busy);
  return directory;
}

DataDir::DataDir(DataDir&& other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

DataDir::~DataDir() {
  if (fd_ >= 0) ::close(fd_);
}

Status DataDir::make_folder(const char* name) const {
  if (::mkdirat(fd_, name, 0700) != 0 && errno != EEXIST) return failed(file(name), std::strerror(errno));
  return {};
}

Status DataDir::try_to_write() const {
  const std::string trial = file("trial");
  TILL_CHECK(write_file(trial, "x", 0600));
  ::unlink(trial.c_str());
  return {};
}

}  // namespace till::runtime
