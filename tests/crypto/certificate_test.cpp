// The device certificate as a client sees it: parsed back by mbedTLS and verified against itself.
#include "crypto/certificate.h"

#include <doctest/doctest.h>

#include "crypto/mbedtls_compat.h"
#include "support/fake_random.h"

using namespace till;
using namespace till::crypto;

namespace {

constexpr Time kNow{1'767'603'600'000};  // 2026-01-05

const DeviceNames kNames = {
    .common_name = "till1.local", .dns_names = {"till1.local", "localhost"}, .addresses = {"192.168.1.7", "::1"}};

struct Parsed {
  explicit Parsed(const std::string& pem) {
    mbedtls_x509_crt_init(&crt);
    ok = mbedtls_x509_crt_parse(&crt, reinterpret_cast<const unsigned char*>(pem.c_str()), pem.size() + 1) == 0;
  }
  ~Parsed() { mbedtls_x509_crt_free(&crt); }

  /// What a client finds wrong that trusts exactly this certificate; clock errors aside, the test's clock is not ours.
  uint32_t faults(const char* host) {
    uint32_t flags = 0;
    mbedtls_x509_crt_verify(&crt, &crt, nullptr, host, &flags, nullptr, nullptr);
    return flags & ~static_cast<uint32_t>(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
  }
  std::string raw() { return {reinterpret_cast<const char*>(crt.raw.p), crt.raw.len}; }

  mbedtls_x509_crt crt;
  bool ok = false;
};

DeviceCertificate make(const DeviceNames& names = kNames, Time now = kNow, uint64_t seed = 1) {
  test::FakeRandom random(seed);
  auto made = make_device_certificate(names, now, random);
  REQUIRE(made.ok());
  return *made;
}

}  // namespace

TEST_CASE("a client that trusts it accepts its names and no others") {
  Parsed parsed(make().certificate_pem);
  REQUIRE(parsed.ok);
  CHECK(parsed.faults("till1.local") == 0);
  CHECK(parsed.faults("localhost") == 0);
  CHECK(parsed.faults("evil.example") == MBEDTLS_X509_BADCERT_CN_MISMATCH);
  CHECK(parsed.raw().find(std::string("\x87\x04\xc0\xa8\x01\x07", 6)) != std::string::npos);
  CHECK(parsed.raw().find(std::string("\x87\x10", 2) + std::string(15, '\0') + '\x01') != std::string::npos);
}

TEST_CASE("the key is P-256 and belongs to the certificate") {
  auto made = make();
  test::FakeRandom random;
  mbedtls_pk_context key;
  mbedtls_pk_init(&key);
  std::string pem = made.key_pem + '\0';
  CHECK(parse_private_key(&key, as_bytes(pem), random) == 0);
  CHECK(mbedtls_pk_get_bitlen(&key) == 256);
  CHECK(mbedtls_pk_get_type(&key) == MBEDTLS_PK_ECKEY);
  Parsed parsed(made.certificate_pem);
  std::array<unsigned char, 200> own{}, certified{};
  int size = mbedtls_pk_write_pubkey_der(&key, own.data(), own.size());
  CHECK(size > 0);
  CHECK(mbedtls_pk_write_pubkey_der(&parsed.crt.pk, certified.data(), certified.size()) == size);
  CHECK(own == certified);
  mbedtls_pk_free(&key);
}

TEST_CASE("whatever the clock says, it is valid now") {
  const std::pair<Time, int> kEnds[] = {
      {{INT64_MIN}, 2035},         {{0}, 2035},        {kNow, 2036}, {{2'000'000'000'000}, 2043},
      {{4'102'444'800'000}, 2049}, {{INT64_MAX}, 2049}};
  for (auto [now, year] : kEnds) {
    Parsed parsed(make(kNames, now).certificate_pem);
    REQUIRE(parsed.ok);
    CHECK(parsed.crt.valid_from.year == 2025);
    CHECK(parsed.crt.valid_from.mon == 1);
    CHECK(parsed.crt.valid_to.year == year);
  }
}

TEST_CASE("serial and key are random, the serial positive and of full length") {
  for (uint64_t seed = 0; seed < 8; ++seed) {
    auto made = make(kNames, kNow, seed);
    Parsed parsed(made.certificate_pem);
    REQUIRE(parsed.crt.serial.len == 16);
    CHECK((parsed.crt.serial.p[0] & 0xc0) == 0x40);
    CHECK(made.key_pem != make(kNames, kNow, seed + 100).key_pem);
  }
}

TEST_CASE("names that are none are refused, not written into a certificate") {
  test::FakeRandom random;
  for (const std::string& bad : {std::string(), std::string("a b"), std::string("till,O=Bank"), std::string("a\0b", 3),
                                 std::string("*"), std::string("caf\xc3\xa9"), std::string(300, 'a')}) {
    CAPTURE(bad);
    CHECK_FALSE(make_device_certificate({.common_name = bad}, kNow, random).ok());
    CHECK_FALSE(make_device_certificate({.common_name = "a", .dns_names = {bad}}, kNow, random).ok());
    CHECK_FALSE(make_device_certificate({.common_name = "a", .addresses = {bad}}, kNow, random).ok());
  }
  for (const char* bad : {"192.168.1", "192.168.1.256", "::g", "fe80::1%eth0", "1.2.3.4/24"}) {
    CHECK_FALSE(make_device_certificate({.common_name = "a", .addresses = {bad}}, kNow, random).ok());
  }
  CHECK_FALSE(make_device_certificate({.common_name = "a"}, kNow, random).ok());
  CHECK_FALSE(make_device_certificate({.common_name = "a", .dns_names = std::vector<std::string>(500, "host.example")},
                                      kNow, random)
                  .ok());
}

TEST_CASE("many names need longer DER lengths") {
  DeviceNames names{.common_name = "a"};
  for (int count : {1, 9, 12, 20, 60}) {  // list sizes around 128 and 256 bytes
    names.dns_names.assign(static_cast<size_t>(count), "host.example");
    Parsed parsed(make(names).certificate_pem);
    REQUIRE(parsed.ok);
    CHECK(parsed.faults("host.example") == 0);
  }
}

TEST_CASE("the fingerprint is that of the DER, and of nothing else") {
  auto made = make();
  auto fingerprint = certificate_fingerprint(made.certificate_pem);
  REQUIRE(fingerprint.ok());
  CHECK(fingerprint->size() == 95);
  CHECK(fingerprint->find_first_not_of("0123456789ABCDEF:") == std::string::npos);
  CHECK(*fingerprint != *certificate_fingerprint(make(kNames, kNow, 2).certificate_pem));
  CHECK_FALSE(certificate_fingerprint("").ok());
  CHECK_FALSE(certificate_fingerprint("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").ok());
  CHECK_FALSE(certificate_fingerprint(made.key_pem).ok());
}

TEST_CASE("its days can be read back, and of what is no certificate none") {
  const auto life = certificate_life(make().certificate_pem);
  REQUIRE(life.ok());
  CHECK(to_rfc3339(life->begins) == "2025-01-01T00:00:00.000Z");
  CHECK(life->ends.ms == kNow.ms + int64_t{3652} * 86'400'000);
  CHECK(certificate_life("hello").error().code == Code::invalid);
}
