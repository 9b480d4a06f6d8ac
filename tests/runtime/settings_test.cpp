// What the settings of a Host allow only together.
#include "runtime/settings.h"

#include <doctest/doctest.h>

using namespace till;
using namespace till::runtime;

namespace {

Status checked(const std::string& listen, const std::string& open_roles) {
  const Settings table = with_host_settings({}, "127.0.0.1:8080");
  ConfigSources sources;
  sources.flags = {{"http.listen", listen}, {"auth.open_roles", open_roles}};
  auto config = Config::load(table, sources);
  REQUIRE(config.ok());
  return check_host_settings(*config);
}

}  // namespace

TEST_CASE("loopback is this machine by its address or as localhost, and no name that begins like it") {
  for (const char* address : {"127.0.0.1:80", "127.8.9.10:0", "localhost:8080", "[::1]:443"})
    CHECK(is_loopback(address));
  for (const char* address :
       {"0.0.0.0:80", "[::]:80", "192.168.1.7:80", "127.evil.test:80", "127.0.0.1.evil.test:80",
        "localhost.evil.test:80", "[::1].evil.test:80", "[::1:2]:80", "1270.0.0.1:80", "", ":80", "127", "x"})
    CHECK_FALSE(is_loopback(address));
}

TEST_CASE("roles are open to all only where nobody from elsewhere can ask for one") {
  CHECK(checked("127.0.0.1:8080,[::1]:8080", "true").ok());
  CHECK(checked("0.0.0.0:8080", "false").ok());
  const Status refused = checked("127.0.0.1:8080,192.168.1.7:8080", "true");
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Code::invalid);
  CHECK(refused.error().message.find("auth.open_roles") != std::string::npos);
}
