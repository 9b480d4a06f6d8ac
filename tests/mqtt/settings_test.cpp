// URLs of a broker: what is taken, and in which form Paho gets it.
#include "sync/mqtt/settings.h"

#include <doctest/doctest.h>

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
