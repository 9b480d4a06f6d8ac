// The device certificate: self-signed, ECDSA P-256, made once by `init` on the main thread, so that a till on the LAN
// speaks TLS without an authority; who pairs a till compares the fingerprint.
// It refuses to believe the clock: a terminal without a battery makes its certificate in 1970, and clients whose clocks
// are right must take it all the same. So it is valid from a fixed day before this program was written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"

namespace till::crypto {

struct DeviceNames {
  std::string common_name;               // shown by browsers; letters, digits, dots and dashes, at most 64
  std::vector<std::string> dns_names{};  // "till1.local"; subjectAltName is all that clients check:
  std::vector<std::string> addresses{};  // so one name or address at least; "192.168.1.7", "::1"
};

struct DeviceCertificate {
  std::string key_pem;  // SEC 1 private key: a secret, to be written with mode 0600
  std::string certificate_pem;
};

/// Valid from 2025 to ten years after `now`, but at most to the end of 2049 (RFC 5280 §4.1.2.5 changes the form of
/// dates there). Serial number and key are random. Errors: invalid if a name or address is none; internal.
Result<DeviceCertificate> make_device_certificate(const DeviceNames& names, Time now, Random& random);

/// SHA-256 of the certificate's DER as browsers show it: "AA:BB:…", 95 characters. Errors: invalid if it is none.
Result<std::string> certificate_fingerprint(std::string_view certificate_pem);

/// The days for which it is valid.
struct CertificateLife {
  Time begins, ends;
};
/// Errors: invalid if it is none.
Result<CertificateLife> certificate_life(std::string_view certificate_pem);

}  // namespace till::crypto
