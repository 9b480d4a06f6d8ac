// The few calls of TLS that differ between mbedTLS 2.28 (Debian 12) and 3.6 (Debian 13). Included by tls.cpp alone.
#pragma once

#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>

#include <array>
#include <cstdint>

#include "crypto/mbedtls_compat.h"

namespace till::http::compat {

using Signature = std::array<uint8_t, MBEDTLS_PK_SIGNATURE_MAX_SIZE>;

#if MBEDTLS_VERSION_MAJOR >= 3

inline int parse_key_file(mbedtls_pk_context* key, const char* path, Random& random) {
  return mbedtls_pk_parse_keyfile(key, path, nullptr, crypto::fill_random, &random);
}
inline int check_pair(const mbedtls_pk_context* certified, const mbedtls_pk_context* key, Random& random) {
  return mbedtls_pk_check_pair(certified, key, crypto::fill_random, &random);
}
inline int sign(mbedtls_pk_context* key, ByteView sha256, Signature& signature, Random& random) {
  size_t size = 0;
  return mbedtls_pk_sign(key, MBEDTLS_MD_SHA256, sha256.data(), sha256.size(), signature.data(), signature.size(),
                         &size, crypto::fill_random, &random);
}
inline void use_only_tls_1_2(mbedtls_ssl_config* config) {
  mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
  mbedtls_ssl_conf_max_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
}
inline void use_curves(mbedtls_ssl_config* config) {
  static constexpr uint16_t kGroups[] = {MBEDTLS_SSL_IANA_TLS_GROUP_X25519, MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
                                         MBEDTLS_SSL_IANA_TLS_GROUP_NONE};
  mbedtls_ssl_conf_groups(config, kGroups);
}

#else

inline int parse_key_file(mbedtls_pk_context* key, const char* path, Random&) {
  return mbedtls_pk_parse_keyfile(key, path, nullptr);
}
inline int check_pair(const mbedtls_pk_context* certified, const mbedtls_pk_context* key, Random&) {
  return mbedtls_pk_check_pair(certified, key);
}
inline int sign(mbedtls_pk_context* key, ByteView sha256, Signature& signature, Random& random) {
  size_t size = 0;
  return mbedtls_pk_sign(key, MBEDTLS_MD_SHA256, sha256.data(), sha256.size(), signature.data(), &size,
                         crypto::fill_random, &random);
}
inline void use_only_tls_1_2(mbedtls_ssl_config* config) {
  mbedtls_ssl_conf_min_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
  mbedtls_ssl_conf_max_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
}
inline void use_curves(mbedtls_ssl_config* config) {
  static constexpr mbedtls_ecp_group_id kCurves[] = {MBEDTLS_ECP_DP_CURVE25519, MBEDTLS_ECP_DP_SECP256R1,
                                                     MBEDTLS_ECP_DP_NONE};
  mbedtls_ssl_conf_curves(config, kCurves);
}

#endif

}  // namespace till::http::compat
