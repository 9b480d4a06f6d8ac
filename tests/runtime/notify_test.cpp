// What systemd is told, as it arrives; and that nobody to tell is no fault. The series' names.
#include "runtime/notify.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "runtime/vitals.h"
#include "support/temp_folder.h"

using namespace till;
using namespace till::runtime;

TEST_CASE("a state arrives as one datagram") {
  const test::TempFolder folder;
  const std::string path = folder.file("notify");
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size());
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  notify_systemd("READY=1");
  char text[64] = {};
  CHECK(::recv(fd, text, sizeof text, MSG_DONTWAIT) == 7);
  CHECK(std::string(text) == "READY=1");
  ::close(fd);
  notify_systemd("WATCHDOG=1");  // nobody there any more
  for (const std::string& odd : {std::string(), std::string(200, 'x'), folder.file("none")}) {
    ::setenv("NOTIFY_SOCKET", odd.c_str(), 1);
    notify_systemd("READY=1");
  }
  ::unsetenv("NOTIFY_SOCKET");
  notify_systemd("READY=1");
}

TEST_CASE("vital signs carry the program's name") {
  Registry registry;
  sqlite::WriterStats writer;
  const Reserve reserve("/nowhere", 1);
  Vitals vitals("tillhub", registry, writer, reserve);
  writer.jobs = 7;
  http::DoorStats door;
  door.refused[3].add(2);
  door.refused[8].add();
  vitals.update(door);
  const std::string text = registry.render();
  CHECK(text.find("\ntillhub_writer_jobs 7\n") != std::string::npos);
  CHECK(text.find("\ntillhub_requests_malformed 3\n") != std::string::npos);
  CHECK(text.find("\ntillhub_disk_reserve_held 0\n") != std::string::npos);
  CHECK(text.find("tilld_") == std::string::npos);
}
