// Sockets that never block (http/fd.h).
#include "http/fd.h"

#include <sys/socket.h>

#include <cerrno>

namespace till::http {
namespace {

Moved moved(ssize_t result) {
  if (result > 0) return {Moved::State::fine, static_cast<size_t>(result)};
  if (result == 0) return {Moved::State::ended};
  return {errno == EAGAIN ? Moved::State::later : Moved::State::broken};
}

}  // namespace

Moved receive_some(int socket, std::span<char> into) {
  ssize_t result = 0;
  do result = ::recv(socket, into.data(), into.size(), MSG_DONTWAIT);
  while (result < 0 && errno == EINTR);
  return moved(result);
}

Moved send_some(int socket, std::string_view bytes) {
  ssize_t result = 0;
  do result = ::send(socket, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);  // a closed peer is no signal
  while (result < 0 && errno == EINTR);
  return moved(result);
}

}  // namespace till::http
