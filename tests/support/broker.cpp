#include "support/broker.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>
#include <utility>
namespace till::test {

namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// Distributions put it where daemons live, which is not on everybody's PATH.
std::string mosquitto() {
  for (const char* path : {"/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto"}) {
    if (::access(path, X_OK) == 0) return path;
  }
  TILL_ASSERT(false && "mosquitto is not installed: toolchains/packages test");
}

}  // namespace

http::Fd connect_to(int port) {
  http::Fd wire(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  if (::connect(wire.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) wire.reset();
  return wire;
}

int free_port() {
  const http::Fd probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  TILL_ASSERT(::bind(probe.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  TILL_ASSERT(::getsockname(probe.get(), reinterpret_cast<sockaddr*>(&address), &length) == 0);
  return ntohs(address.sin_port);
}

Broker::Broker(const std::string& more) : port_(free_port()) {
  std::ofstream(folder_.file("mosquitto.conf"))
      << "user root\npersistence false\nlog_type none\nlistener " << port_ << " 127.0.0.1\n"
      << more;
  start();
}

Broker::~Broker() {
  if (pid_ > 0) kill();
}

void Broker::start() {
  const std::string program = mosquitto(), config = folder_.file("mosquitto.conf");
  pid_ = ::fork();
  TILL_ASSERT(pid_ >= 0);
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int fd : {0, 1, 2}) ::dup2(nowhere, fd);
    ::execl(program.c_str(), "mosquitto", "-c", config.c_str(), nullptr);
    ::_exit(127);
  }
  for (int tries = 0; tries < 1000; ++tries) {
    if (connect_to(port_)) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  TILL_ASSERT(false && "mosquitto does not start");
}

void Broker::kill() {
  const pid_t pid = std::exchange(pid_, -1);
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

void Broker::freeze() { ::kill(pid_, SIGSTOP); }
void Broker::thaw() { ::kill(pid_, SIGCONT); }

std::string with_users(const TempFolder& folder, const std::map<std::string, std::string>& users,
                       const std::string& acl) {
  const std::string passwords = folder.file("passwords"), rules = folder.file("acl");
  {
    std::ofstream file(passwords);
    for (const auto& [name, password] : users) file << name << ":" << password << "\n";
    std::ofstream(rules) << acl;
  }
  TILL_ASSERT(std::system(("mosquitto_passwd -U " + passwords).c_str()) == 0);  // hashes them
  return "allow_anonymous false\npassword_file " + passwords + "\nacl_file " + rules + "\n";
}

}  // namespace till::test
