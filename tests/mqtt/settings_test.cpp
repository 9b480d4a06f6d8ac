// URLs of a broker: what is taken, and in which form Paho gets it.
#include "sync/mqtt/settings.h"

#include <doctest/doctest.h>

#include "sync/mqtt/config.h"

using namespace till;

TEST_CASE("URLs of a broker become Paho's, with the port written out") {
  const std::pair<const char*, const char*> fine[] = {
      {"mqtt://127.0.0.1:1883", "tcp://127.0.0.1:1883"},
      {"mqtt://hub.shop.test", "tcp://hub.shop.test:1883"},
      {"mqtts://hub", "ssl://hub:8883"},
      {"mqtts://hub:443", "ssl://hub:443"},
      {"mqtt://[::1]:99", "tcp://[::1]:99"},
      {"mqtts://[fe80::1]", "ssl://[fe80::1]:8883"},
  };
  for (const auto& [url, uri] : fine) {
    CAPTURE(url);
    auto got = mqtt::server_uri(url);
    REQUIRE(got);
    CHECK(*got == uri);
  }
}

TEST_CASE("what is no URL of a broker is refused") {
  for (const char* url : {"",
                          "hub",
                          "tcp://hub:1883",
                          "mqtt://",
                          "mqtt://:1883",
                          "mqtt://hub:",
                          "mqtt://hub:0",
                          "mqtt://hub:65536",
                          "mqtt://hub:18x",
                          "mqtt://hub:1883/",
                          "mqtt://hub/path",
                          "mqtt://u:p@hub",
                          "mqtt://[::1",
                          "mqtt://[]:1",
                          "mqtt://[hub]:1",
                          "mqtt://::1",
                          "mqtt://hub name",
                          "MQTT://hub",
                          "mqtts:/hub",
                          "mqtt://[::1]x:1"}) {
    CAPTURE(url);
    auto got = mqtt::server_uri(url);
    REQUIRE_FALSE(got);
    CHECK(got.error().code == Code::invalid);
  }
}

TEST_CASE("only what is on this machine by its address or as localhost is loopback") {
  for (const char* url : {"mqtt://127.0.0.1:1883", "mqtt://127.1.2.3", "mqtt://localhost", "mqtt://localhost:99",
                          "mqtt://[::1]:1883", "mqtts://[::1]"}) {
    CAPTURE(url);
    CHECK(mqtt::is_loopback(url));
  }
  for (const char* url : {"", "localhost", "mqtt://127.0.0.1.shop.test", "mqtt://127.hub:1883", "mqtt://localhost.test",
                          "mqtt://[::1", "mqtt://[::11]", "mqtt://10.127.0.1", "mqtt://hub.shop.test:1883"}) {
    CAPTURE(url);
    CHECK_FALSE(mqtt::is_loopback(url));
  }
}
