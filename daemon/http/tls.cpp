// TLS 1.2 by mbedTLS (http/tls.h).
#include "http/tls.h"

#include <mbedtls/ecp.h>
#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/x509_crt.h>

#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

#include "http/tls_compat.h"

namespace till::http {
namespace {

constexpr uint32_t kTicketLifetimeS = 8 * 3600;  // a shift

constexpr int kAesFirst[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                             MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
                             MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, 0};
constexpr int kChaChaFirst[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
                                MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                                MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, 0};

/// True if mbedTLS computes AES in hardware here: 2.28 can on x86 only, 3.6 on 64-bit ARM too.
bool has_fast_aes() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("aes") != 0;
#elif defined(__aarch64__) && MBEDTLS_VERSION_MAJOR >= 3
  return (::getauxval(AT_HWCAP) & HWCAP_AES) != 0;
#else
  return false;
#endif
}

int send_bytes(void* socket, const unsigned char* bytes, size_t size) {
  const Moved moved = send_some(*static_cast<int*>(socket), {reinterpret_cast<const char*>(bytes), size});
  if (moved.state == Moved::State::later) return MBEDTLS_ERR_SSL_WANT_WRITE;
  return moved.state == Moved::State::fine ? static_cast<int>(moved.bytes) : MBEDTLS_ERR_NET_CONN_RESET;
}

int receive_bytes(void* socket, unsigned char* into, size_t size) {
  const Moved moved = receive_some(*static_cast<int*>(socket), {reinterpret_cast<char*>(into), size});
  if (moved.state == Moved::State::later) return MBEDTLS_ERR_SSL_WANT_READ;
  if (moved.state == Moved::State::ended) return 0;
  return moved.state == Moved::State::fine ? static_cast<int>(moved.bytes) : MBEDTLS_ERR_NET_CONN_RESET;
}

bool wants_more(int result) { return result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE; }

Moved as_moved(int result) {
  if (result > 0) return {Moved::State::fine, static_cast<size_t>(result)};
  if (wants_more(result)) return {Moved::State::later};
  const bool ended = result == 0 || result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY || result == MBEDTLS_ERR_SSL_CONN_EOF;
  return {ended ? Moved::State::ended : Moved::State::broken};
}

Error unusable(const std::string& what, int cause) {
  char text[128] = "";
  mbedtls_strerror(cause, text, sizeof(text));
  return {Code::invalid, "TLS: " + what + ": " + text};
}

}  // namespace

struct TlsServer::Parts {
  explicit Parts(Random& source) : random(source) {
    mbedtls_x509_crt_init(&chain);
    mbedtls_pk_init(&key);
    mbedtls_ssl_ticket_init(&tickets);
    mbedtls_ssl_config_init(&config);
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  ~Parts() {
    mbedtls_ssl_config_free(&config);
    mbedtls_ssl_ticket_free(&tickets);
    mbedtls_pk_free(&key);
    mbedtls_x509_crt_free(&chain);
  }

  Status read_files(const std::string& certificate_file, const std::string& key_file);
  Status configure();

  Random& random;
  mbedtls_x509_crt chain;
  mbedtls_pk_context key;
  mbedtls_ssl_ticket_context tickets;
  mbedtls_ssl_config config;
};

Status TlsServer::Parts::read_files(const std::string& certificate_file, const std::string& key_file) {
  if (int failed = mbedtls_x509_crt_parse_file(&chain, certificate_file.c_str())) {
    return unusable("certificate " + certificate_file, failed);
  }
  if (int failed = compat::parse_key_file(&key, key_file.c_str(), random)) {
    return unusable("key " + key_file, failed);
  }
  if (!mbedtls_pk_can_do(&key, MBEDTLS_PK_ECDSA) || mbedtls_pk_get_bitlen(&key) != 256) {
    return Error{Code::invalid, "TLS: key " + key_file + ": it must be an elliptic-curve key (P-256)"};
  }
  if (int failed = compat::check_pair(&chain.pk, &key, random)) {
    return unusable("key " + key_file + " does not belong to certificate " + certificate_file, failed);
  }
  // The first signature fills the key's table of multiples (2.28); handshakes on several workers then only read it.
  const std::array<uint8_t, 32> anything{};
  compat::Signature signature;
  if (int failed = compat::sign(&key, anything, signature, random)) return unusable("key " + key_file, failed);
  return {};
}

Status TlsServer::Parts::configure() {
  int failed = mbedtls_ssl_config_defaults(&config, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM,
                                           MBEDTLS_SSL_PRESET_DEFAULT);
  if (failed == 0) failed = mbedtls_ssl_conf_own_cert(&config, &chain, &key);
  if (failed == 0) {
    failed =
        mbedtls_ssl_ticket_setup(&tickets, crypto::fill_random, &random, MBEDTLS_CIPHER_AES_256_GCM, kTicketLifetimeS);
  }
  if (failed != 0) return unusable("setup", failed);
  mbedtls_ssl_conf_rng(&config, crypto::fill_random, &random);
  compat::use_only_tls_1_2(&config);
  compat::use_curves(&config);
  mbedtls_ssl_conf_ciphersuites(&config, has_fast_aes() ? kAesFirst : kChaChaFirst);
  mbedtls_ssl_conf_renegotiation(&config, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
  mbedtls_ssl_conf_session_tickets_cb(&config, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse, &tickets);
  return {};
}

TlsServer::TlsServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
TlsServer::~TlsServer() = default;

Result<std::unique_ptr<TlsServer>> TlsServer::load(const std::string& certificate_file, const std::string& key_file,
                                                   Random& random) {
  auto parts = std::make_unique<Parts>(random);
  TILL_CHECK(parts->read_files(certificate_file, key_file));
  TILL_CHECK(parts->configure());
  return std::unique_ptr<TlsServer>(new TlsServer(std::move(parts)));
}

struct TlsSession::Parts {
  explicit Parts(int opened) : socket(opened) { mbedtls_ssl_init(&ssl); }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  ~Parts() { mbedtls_ssl_free(&ssl); }

  mbedtls_ssl_context ssl;
  int socket;
};

TlsSession::TlsSession(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
TlsSession::~TlsSession() = default;

std::unique_ptr<TlsSession> TlsSession::create(const TlsServer& server, int socket) {
  auto parts = std::make_unique<Parts>(socket);
  if (mbedtls_ssl_setup(&parts->ssl, &server.parts_->config) != 0) return nullptr;
  mbedtls_ssl_set_bio(&parts->ssl, &parts->socket, send_bytes, receive_bytes, nullptr);
  return std::unique_ptr<TlsSession>(new TlsSession(std::move(parts)));
}

void TlsSession::shake_hands() {
  const int result = mbedtls_ssl_handshake(&parts_->ssl);
  handshake_ = result == 0 ? Handshake::done : wants_more(result) ? Handshake::wants_more : Handshake::failed;
}

Moved TlsSession::receive(std::span<char> into) {
  return as_moved(mbedtls_ssl_read(&parts_->ssl, reinterpret_cast<unsigned char*>(into.data()), into.size()));
}

Moved TlsSession::send(std::string_view bytes) {
  return as_moved(mbedtls_ssl_write(&parts_->ssl, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

void TlsSession::say_goodbye() { mbedtls_ssl_close_notify(&parts_->ssl); }

}  // namespace till::http
