// A file descriptor that closes itself, and reading and writing sockets that never block.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace till::http {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

/// What a read or write that must not block came to.
struct Moved {
  enum class State : uint8_t { fine, later, ended, broken };
  State state = State::fine;
  size_t bytes = 0;  // with `fine`: at least one
};
Moved receive_some(int socket, std::span<char> into);
Moved send_some(int socket, std::string_view bytes);

}  // namespace till::http
