// TLS at the door, with OpenSSL (through cpp-httplib) as the stranger at the other end.
#include "http/tls.h"

#include <doctest/doctest.h>
#include <httplib.h>

#include <atomic>
#include <fstream>

#include "crypto/certificate.h"
#include "support/door_fixture.h"

using namespace till;
using namespace till::http;
using namespace till::test;

namespace {

DoorSettings patient() {
  DoorSettings settings = quick_settings();
  settings.head_ms = settings.body_ms = settings.idle_ms = settings.write_ms = 10'000;
  return settings;
}

/// A client that believes in the door's certificate and in no other.
std::unique_ptr<httplib::SSLClient> trusting(const DoorFixture& fixture) {
  auto client = std::make_unique<httplib::SSLClient>("localhost", fixture.tls_port());
  client->set_ca_cert_path((fixture.folder + "/cert.pem").c_str());
  client->enable_server_certificate_verification(true);
  client->set_keep_alive(true);
  return client;
}

}  // namespace

TEST_CASE("a client that trusts the device certificate speaks through TLS, many requests on one connection") {
  DoorFixture fixture(patient());
  auto client = trusting(fixture);
  for (int i = 0; i < 5; ++i) {
    const auto reply = client->Get("/hello");
    REQUIRE(reply);
    CHECK(reply->body == "hello");
  }
  const auto later = client->Get("/last");
  REQUIRE(later);
  CHECK(later->body == "last");
  CHECK(fixture.door->stats().accepted.value() == 1);
  CHECK(fixture.door->stats().bad_handshakes.value() == 0);
}

TEST_CASE("bodies larger than a record come through whole, both ways") {
  DoorFixture fixture(patient());
  auto client = trusting(fixture);
  std::string body(900'000, 'a');
  for (size_t i = 0; i < body.size(); i += 3) body[i] = static_cast<char>('a' + i % 26);
  const auto echo = client->Post("/echo", body, "text/plain");
  REQUIRE(echo);
  CHECK((echo->body == body));
  const auto big = client->Get("/big?bytes=9000000");
  REQUIRE(big);
  CHECK(big->body.size() == 9'000'000);
}

TEST_CASE("many handshakes at once, on two workers") {
  DoorFixture fixture(patient());
  std::atomic<int> answered{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 5; ++round) {
        const auto reply = trusting(fixture)->Get("/hello");
        if (reply && reply->status == 200) ++answered;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(answered == 40);
}

TEST_CASE("a stranger's certificate is not believed") {
  DoorFixture fixture(patient());
  DoorFixture other(patient());
  httplib::SSLClient client("localhost", fixture.tls_port());
  client.set_ca_cert_path((other.folder + "/cert.pem").c_str());
  CHECK_FALSE(client.Get("/hello"));
}

TEST_CASE("what is no TLS hello is shut out, and costs nobody else anything") {
  DoorFixture fixture(patient());
  for (const std::string& hello : {std::string("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"), std::string(600, '\0'),
                                   std::string("\x16\x03\x01\xff\xff\x01", 6) + std::string(600, 'x'),
                                   std::string("\x16\x03\x01\x00\x04\x01\x00\xff\xff", 9)}) {
    RawClient client = fixture.tls_client();
    CHECK(client.send(hello).is_closed());
  }
  CHECK(fixture.comes_to(fixture.door->stats().open, 0));
  CHECK(fixture.door->stats().bad_handshakes.value() == 4);
  CHECK(trusting(fixture)->Get("/hello"));
}

TEST_CASE("a handshake that does not go on is cut off by the head's deadline") {
  DoorFixture fixture;
  RawClient silent = fixture.tls_client();
  RawClient half = fixture.tls_client();
  half.send(std::string("\x16\x03\x01\x00\xff\x01", 6));
  CHECK(silent.is_closed(2'000));
  CHECK(half.is_closed(2'000));
  CHECK(fixture.comes_to(fixture.door->stats().timed_out, 2));
  CHECK(fixture.comes_to(fixture.door->stats().open, 0));
}

TEST_CASE("an idle connection is closed, and the client finds its way back") {
  DoorFixture fixture;
  auto client = trusting(fixture);
  CHECK(client->Get("/hello"));
  CHECK(fixture.comes_to(fixture.door->stats().open, 0));
  CHECK(client->Get("/hello"));
}

TEST_CASE("files that cannot serve are named") {
  DoorFixture fixture;
  SystemRandom random;
  const std::string cert = fixture.folder + "/cert.pem";
  const std::string key = fixture.folder + "/key.pem";
  const std::string missing = fixture.folder + "/missing.pem";
  const std::string broken = fixture.folder + "/broken.pem";
  const std::string foreign = fixture.folder + "/foreign.pem";
  std::ofstream(broken) << "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n";
  const auto made = crypto::make_device_certificate({"other", {"localhost"}}, {1'800'000'000'000}, random);
  REQUIRE(made.ok());
  std::ofstream(foreign) << made->key_pem;
  for (const auto& [certificate_file, key_file, named] :
       std::vector<std::array<std::string, 3>>{{missing, key, missing},
                                               {broken, key, broken},
                                               {cert, missing, missing},
                                               {cert, broken, broken},
                                               {cert, foreign, foreign}}) {
    CAPTURE(named);
    const auto loaded = TlsServer::load(certificate_file, key_file, random);
    REQUIRE_FALSE(loaded.ok());
    CHECK(loaded.error().message.find(named) != std::string::npos);
  }
}
