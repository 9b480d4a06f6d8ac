#include "crypto/certificate.h"

#include <arpa/inet.h>
#include <mbedtls/asn1.h>
#include <mbedtls/ecp.h>
#include <mbedtls/oid.h>
#include <mbedtls/platform_util.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>

#include "crypto/hash.h"
#include "crypto/mbedtls_compat.h"

namespace till::crypto {
namespace {

constexpr std::string_view kNotBefore = "20250101000000";
constexpr Time kNotBeforeTime{1'735'689'600'000};
constexpr std::string_view kLast = "20491231235959";
constexpr Time kLastTime{2'524'607'999'000};
constexpr int64_t kTenYearsMs = int64_t{3652} * 86'400'000;
constexpr size_t kPemBytes = 4096;

// GeneralName of RFC 5280 §4.2.1.6, context-specific and primitive
constexpr uint8_t kDnsName = 0x82;
constexpr uint8_t kIpAddress = 0x87;
// ExtKeyUsage { serverAuth 1.3.6.1.5.5.7.3.1 }
constexpr uint8_t kServerAuth[] = {0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01};

struct Key {
  mbedtls_pk_context context;
  Key() { mbedtls_pk_init(&context); }
  ~Key() { mbedtls_pk_free(&context); }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
};

struct Draft {
  mbedtls_x509write_cert context;
  Draft() { mbedtls_x509write_crt_init(&context); }
  ~Draft() { mbedtls_x509write_crt_free(&context); }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
};

struct Certificate {
  mbedtls_x509_crt context;
  Certificate() { mbedtls_x509_crt_init(&context); }
  ~Certificate() { mbedtls_x509_crt_free(&context); }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  Status parse(std::string_view pem) {
    const std::string text(pem);  // with a NUL behind it, which mbedTLS wants counted
    if (mbedtls_x509_crt_parse(&context, reinterpret_cast<const unsigned char*>(text.c_str()), text.size() + 1) == 0)
      return {};
    return Error{.code = Code::invalid, .message = "Not a certificate"};
  }
};

Time time_of(const mbedtls_x509_time& at) {
  using namespace std::chrono;
  const sys_days day =
      year(at.year) / month(static_cast<unsigned>(at.mon)) / std::chrono::day(static_cast<unsigned>(at.day));
  const auto in_day = hours(at.hour) + minutes(at.min) + seconds(at.sec);
  return {duration_cast<milliseconds>(day.time_since_epoch() + in_day).count()};
}

Error internal(const char* step, int error) {
  return {.code = Code::internal,
          .message = std::string("The device certificate cannot be made: ") + step + " " + std::to_string(error)};
}

Error invalid(const std::string& name) {
  return {.code = Code::invalid, .message = "No name or address for a certificate: " + name};
}

bool is_dns_name(std::string_view name, size_t most) {
  return !name.empty() && name.size() <= most && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  });
}

/// 4 or 16 bytes in network order; empty if the text is no address.
Bytes address_bytes(const std::string& text) {
  Bytes bytes(16);
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return bytes;
  bytes.resize(4);
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return bytes;
  return {};
}

/// Tag, length and content (X.690 §8.1.3), for content below 64 KiB.
void append_der(Bytes& out, uint8_t tag, ByteView content) {
  out.push_back(tag);
  size_t size = content.size();
  if (size >= 256) {
    out.insert(out.end(), {0x82, static_cast<uint8_t>(size >> 8)});
  } else if (size >= 128) {
    out.push_back(0x81);
  }
  out.push_back(static_cast<uint8_t>(size));
  out.insert(out.end(), content.begin(), content.end());
}

Result<Bytes> alternative_names(const DeviceNames& names) {
  Bytes list;
  for (const std::string& name : names.dns_names) {
    if (!is_dns_name(name, 253)) return invalid(name);
    append_der(list, kDnsName, as_bytes(name));
  }
  for (const std::string& address : names.addresses) {
    Bytes bytes = address_bytes(address);
    if (bytes.empty()) return invalid(address);
    append_der(list, kIpAddress, bytes);
  }
  if (list.empty()) return invalid("none given");
  if (list.size() > kPemBytes / 4) return invalid("too many given");
  Bytes out;
  append_der(out, MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE, list);
  return out;
}

/// "20351231235959", as mbedTLS wants it.
std::string not_after(Time now) {
  Time from = std::clamp(now, kNotBeforeTime, kLastTime);
  std::string text = to_rfc3339({from.ms + kTenYearsMs}).substr(0, 19);
  std::erase_if(text, [](char c) { return c < '0' || c > '9'; });
  return std::min(text, std::string(kLast));
}

Status make_key(Key& key, Random& random) {
  int error = mbedtls_pk_setup(&key.context, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
  if (error == 0) {
    error = mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(key.context), fill_random, &random);
  }
  if (error != 0) return internal("key", error);
  return {};
}

Status fill_draft(Draft& draft, Key& key, const DeviceNames& names, ByteView alternatives, Time now, Random& random) {
  auto serial = random_bytes<16>(random);
  serial[0] = static_cast<uint8_t>((serial[0] & 0x7f) | 0x40);  // positive and of full length (RFC 5280 §4.1.2.2)
  std::string subject = "CN=" + names.common_name;
  auto* crt = &draft.context;
  mbedtls_x509write_crt_set_version(crt, MBEDTLS_X509_CRT_VERSION_3);
  mbedtls_x509write_crt_set_md_alg(crt, MBEDTLS_MD_SHA256);
  mbedtls_x509write_crt_set_subject_key(crt, &key.context);
  mbedtls_x509write_crt_set_issuer_key(crt, &key.context);
  int error = set_serial(crt, serial);
  if (error == 0) error = mbedtls_x509write_crt_set_subject_name(crt, subject.c_str());
  if (error == 0) error = mbedtls_x509write_crt_set_issuer_name(crt, subject.c_str());
  if (error == 0) error = mbedtls_x509write_crt_set_validity(crt, kNotBefore.data(), not_after(now).c_str());
  if (error == 0) error = mbedtls_x509write_crt_set_basic_constraints(crt, 0, -1);
  if (error == 0) error = mbedtls_x509write_crt_set_key_usage(crt, MBEDTLS_X509_KU_DIGITAL_SIGNATURE);
  if (error == 0) {
    error = mbedtls_x509write_crt_set_extension(crt, MBEDTLS_OID_EXTENDED_KEY_USAGE,
                                                MBEDTLS_OID_SIZE(MBEDTLS_OID_EXTENDED_KEY_USAGE), 0, kServerAuth,
                                                sizeof(kServerAuth));
  }
  if (error == 0) {
    error = mbedtls_x509write_crt_set_extension(crt, MBEDTLS_OID_SUBJECT_ALT_NAME,
                                                MBEDTLS_OID_SIZE(MBEDTLS_OID_SUBJECT_ALT_NAME), 0, alternatives.data(),
                                                alternatives.size());
  }
  if (error != 0) return internal("fields", error);
  return {};
}

std::string text_of(const std::array<unsigned char, kPemBytes>& pem) {
  return reinterpret_cast<const char*>(pem.data());  // mbedTLS ends it with NUL
}

}  // namespace

Result<DeviceCertificate> make_device_certificate(const DeviceNames& names, Time now, Random& random) {
  if (!is_dns_name(names.common_name, 64)) return invalid(names.common_name);
  TILL_TRY(Bytes alternatives, alternative_names(names));
  Key key;
  TILL_CHECK(make_key(key, random));
  Draft draft;
  TILL_CHECK(fill_draft(draft, key, names, alternatives, now, random));

  std::array<unsigned char, kPemBytes> pem;
  DeviceCertificate made;
  int error = mbedtls_x509write_crt_pem(&draft.context, pem.data(), pem.size(), fill_random, &random);
  if (error != 0) return internal("signature", error);
  made.certificate_pem = text_of(pem);
  error = mbedtls_pk_write_key_pem(&key.context, pem.data(), pem.size());
  if (error != 0) return internal("key text", error);
  made.key_pem = text_of(pem);
  mbedtls_platform_zeroize(pem.data(), pem.size());
  return made;
}

Result<std::string> certificate_fingerprint(std::string_view certificate_pem) {
  Certificate certificate;
  TILL_CHECK(certificate.parse(certificate_pem));
  const std::string hex = to_hex(sha256({certificate.context.raw.p, certificate.context.raw.len}));
  std::string out;
  for (size_t i = 0; i < hex.size(); i += 2) {
    if (i > 0) out += ':';
    out += static_cast<char>(std::toupper(hex[i]));
    out += static_cast<char>(std::toupper(hex[i + 1]));
  }
  return out;
}

Result<CertificateLife> certificate_life(std::string_view certificate_pem) {
  Certificate certificate;
  TILL_CHECK(certificate.parse(certificate_pem));
  return CertificateLife{time_of(certificate.context.valid_from), time_of(certificate.context.valid_to)};
}

}  // namespace till::crypto
