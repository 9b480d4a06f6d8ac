// TLS 1.2 for the door by mbedTLS: one TlsServer per certificate, one TlsSession per connection. Handshakes cost
// milliseconds and so run on workers; reading and writing afterwards is the door's. Forward secrecy and AEAD suites
// only, X25519 and P-256 only, no renegotiation; tickets instead of a session cache, for they cost no memory.
#pragma once

#include <memory>
#include <string>

#include "base/random.h"
#include "base/result.h"
#include "http/fd.h"

namespace till::http {

class TlsServer {
 public:
  /// Certificate chain and its ECDSA P-256 key, as PEM files. Errors name the file and what is wrong with it.
  static Result<std::unique_ptr<TlsServer>> load(const std::string& certificate_file, const std::string& key_file,
                                                 Random& random);
  ~TlsServer();

 private:
  friend class TlsSession;
  struct Parts;
  explicit TlsServer(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

class TlsSession {
 public:
  enum class Handshake : uint8_t { wants_more, done, failed };

  /// `server` and `socket` must outlive the session. Null if there is no memory for it.
  static std::unique_ptr<TlsSession> create(const TlsServer& server, int socket);
  ~TlsSession();

  /// Goes on with the handshake as far as the bytes that are there allow. One thread at a time, not the door's.
  void shake_hands();
  [[nodiscard]] Handshake handshake() const { return handshake_; }

  Moved receive(std::span<char> into);
  /// After `later` it must be called again with the same bytes at the front.
  Moved send(std::string_view bytes);
  void say_goodbye();

 private:
  struct Parts;
  explicit TlsSession(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
  Handshake handshake_ = Handshake::wants_more;
};

}  // namespace till::http
