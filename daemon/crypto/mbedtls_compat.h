// Where mbedTLS 2.28 (Debian 12) and 3.6 (Debian 13) differ, and our randomness in its shape. Included by crypto/*.cpp
// and http/tls*.cpp only; nobody else sees mbedTLS.
#pragma once

#include <mbedtls/pk.h>
#include <mbedtls/sha256.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>

#include "base/bytes.h"
#include "base/random.h"

namespace till::crypto {

/// mbedTLS's f_rng; p_rng is a till::Random*.
inline int fill_random(void* random, unsigned char* out, size_t size) {
  static_cast<Random*>(random)->fill({out, size});
  return 0;
}

#if MBEDTLS_VERSION_NUMBER >= 0x03000000

inline int sha256_starts(mbedtls_sha256_context* context) { return mbedtls_sha256_starts(context, 0); }
inline int sha256_update(mbedtls_sha256_context* context, ByteView data) {
  return mbedtls_sha256_update(context, data.data(), data.size());
}
inline int sha256_finish(mbedtls_sha256_context* context, unsigned char* out) {
  return mbedtls_sha256_finish(context, out);
}
/// `pem` ends with NUL, which its size counts.
inline int parse_private_key(mbedtls_pk_context* key, ByteView pem, Random& random) {
  return mbedtls_pk_parse_key(key, pem.data(), pem.size(), nullptr, 0, fill_random, &random);
}
inline int set_serial(mbedtls_x509write_cert* certificate, std::span<uint8_t> serial) {
  return mbedtls_x509write_crt_set_serial_raw(certificate, serial.data(), serial.size());
}

#else

inline int sha256_starts(mbedtls_sha256_context* context) { return mbedtls_sha256_starts_ret(context, 0); }
inline int sha256_update(mbedtls_sha256_context* context, ByteView data) {
  return mbedtls_sha256_update_ret(context, data.data(), data.size());
}
inline int sha256_finish(mbedtls_sha256_context* context, unsigned char* out) {
  return mbedtls_sha256_finish_ret(context, out);
}
/// `pem` ends with NUL, which its size counts.
inline int parse_private_key(mbedtls_pk_context* key, ByteView pem, Random&) {
  return mbedtls_pk_parse_key(key, pem.data(), pem.size(), nullptr, 0);
}
inline int set_serial(mbedtls_x509write_cert* certificate, std::span<uint8_t> serial) {
  mbedtls_mpi number;
  mbedtls_mpi_init(&number);
  int error = mbedtls_mpi_read_binary(&number, serial.data(), serial.size());
  if (error == 0) error = mbedtls_x509write_crt_set_serial(certificate, &number);
  mbedtls_mpi_free(&number);
  return error;
}

#endif

}  // namespace till::crypto
