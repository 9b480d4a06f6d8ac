// One client's connection as the door keeps it: a few hundred bytes, for thousands may stand idle. Buffers hold
// memory only while bytes wait in them. Belongs to the Roster, used by the door's thread only; while a ticket for it
// is out (`lent`) it stays, even closed.
#pragma once

#include <memory>
#include <string>

#include "http/chain.h"
#include "http/dispatcher.h"
#include "http/fd.h"
#include "http/spool.h"
#include "http/tls.h"

namespace till::http {

enum class Phase : uint8_t {
  handshake,  // TLS; while lent a worker has the session
  head,       // between requests, or part of a head is here
  body,       // the head was admitted
  work,       // the pipeline has the exchange
  answer,     // part of the answer could not be sent yet
  stream,     // a stream has nothing to say at the moment
  linger,     // answered for the last time: whatever comes is thrown away, so that the answer is not reset
  closed,
};

/// What a connection is allowed to wait for, each with its own patience.
enum class Wait : uint8_t { head, body, idle, write, linger, nothing };
inline constexpr size_t kWaits = static_cast<size_t>(Wait::nothing);

struct ByWait {};
struct ByPeer {};
struct Connection;

/// All connections of one address, the one that has not moved for longest first.
struct Peer {
  std::string address;
  size_t count = 0;
  Chain<Connection, ByPeer> connections{};
};

struct Connection : Knot<ByWait>, Knot<ByPeer> {
  Connection(Fd opened, Peer& from) : socket(std::move(opened)), peer(&from) {}

  [[nodiscard]] Moved receive(std::span<char> into) const {
    return tls ? tls->receive(into) : receive_some(socket.get(), into);
  }
  [[nodiscard]] Moved send(std::string_view bytes) const {
    return tls ? tls->send(bytes) : send_some(socket.get(), bytes);
  }
  /// Nobody works on it, and it is no stream, which are few: it may be closed to make room.
  [[nodiscard]] bool is_waiting() const { return !lent && !stream && phase != Phase::closed; }

  Fd socket;
  Peer* peer;
  const TlsServer* tls_server = nullptr;
  std::unique_ptr<TlsSession> tls{};  // from the first byte on: it costs over 30 KB
  Phase phase = Phase::head;
  Wait wait = Wait::nothing;
  bool lent = false;       // a ticket is out
  bool readable = false;   // epoll said so (edge-triggered), and no read has come back empty since
  bool keep_alive = true;  // after the answer to the request at hand
  bool head_only = false;  // the request at hand is a HEAD
  bool greeted = false;    // has had an answer: from now on it may idle
  bool restart = false;    // it moved on: its patience begins anew
  uint32_t index = 0;      // in the roster
  int64_t waiting_since_us = 0;
  int64_t first_byte_us = 0;             // of the request at hand; 0: none yet
  std::string in{};                      // received, not consumed
  size_t scanned = 0;                    // of `in`, by scan_head()
  std::string out{};                     // of an answer that did not leave at once
  size_t sent = 0;                       // of `out`
  uint64_t left = 0;                     // bytes of the body to come, or to be thrown away while lingering
  uint64_t mark = 0;                     // of `left` or `sent`: when the patience last began anew
  std::unique_ptr<Exchange> exchange{};  // from head to work
  std::unique_ptr<Spool> spool{};        // until the answer
  std::shared_ptr<Stream> stream{};      // from the head of its answer on
};

}  // namespace till::http
