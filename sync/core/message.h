// The messages between a node and the hub (30-sync, Topics): one encoding, one decoder. Pure.
//
//   content = u8 type | fields in the order of the structs below (base/wire.h)
//
// A hello has a nonce; up and pull carry it with the hub's epoch; every answer echoes both, and whatever echoes
// something else is ignored (C1).
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "sync/core/edit.h"
#include "sync/core/envelope.h"
#include "sync/core/merge.h"

namespace till::core {

using Nonce = std::array<uint8_t, 8>;
using Chain = std::array<uint8_t, 16>;  // the hub's chain over its revs (A5)
using Key = std::array<uint8_t, 32>;    // of a node, for HMAC
/// A random number made with the hub's database and anew at each restore; zero: none known yet.
using HubEpoch = Epoch;

// What a node receives. Sent and stored as their numbers: append only.
enum class Scope : uint8_t { tenant, store };
inline constexpr std::array<Scope, 2> kScopes{Scope::tenant, Scope::store};
inline constexpr size_t kScopeCount = kScopes.size();
constexpr size_t index_of(Scope scope) { return static_cast<size_t>(scope); }

/// A place in a scope: a rev and the hub's chain there.
struct Position {
  int64_t rev = 0;
  Chain chain{};
  bool operator==(const Position&) const = default;
};

/// How far the hub is with a stream of this node's epoch.
struct Mark {
  Stream stream = Stream::sale;
  int64_t applied = 0;
  int64_t at = 0;      // min(applied, the highest seq the node named): where `hash` is (A1)
  Hash hash{};         // the hub's hash there
  int64_t backed = 0;  // this and all before it are in every backup that may be restored: the node may forget them (A7)
};

struct Session {
  Nonce nonce{};
  HubEpoch hub_epoch{};
  Epoch epoch{};
};

struct Hello {
  Session session;
  uint8_t schema = kBodySchema;
  std::string build{};
  Time clock{};
  Seqs heads{};
  Seqs acked{};
  Seqs lost{};  // this and all before it are gone here: the hub must not ask for them (A7)
  std::array<int64_t, kScopeCount> revs{};
  std::optional<Key> key{};  // the first time, on loopback only
};

enum class Verdict : uint8_t { resume, wait, revoked };
struct Welcome {
  Session session;
  Verdict verdict = Verdict::resume;
  int64_t wait_s = 0;
  int64_t credit = 8;  // batches that may be unanswered
  std::vector<Mark> marks{};
};

inline constexpr size_t kMaxBatchEnvelopes = 1000;
inline constexpr size_t kMaxBatchBytes = 128 * 1024;  // before deflating; one envelope alone may be larger
struct Up {
  Session session;
  Stream stream = Stream::sale;
  Hash former{};  // the hash before the first
  int64_t first = 1;
  std::vector<Envelope> envelopes{};  // seq and hash are set by the decoder
};

struct Ack {
  Session session;
  Mark mark{};
  bool gap = false;      // the batch did not follow what is applied
  bool rehello = false;  // another hub epoch: greet again
};

struct Pull {
  Session session;
  Scope scope = Scope::tenant;
  int64_t id = 0;  // echoed by the page
  Position from{};
  Position head{};     // of the page before: what the node believes the hub had (A5)
  int64_t gc_rev = 0;  // a pull from 0 on names the mark it began under (B9)
  Seqs heads{};
};

/// A fact of the store, passed on as it came.
struct Fact {
  std::string node;
  Epoch epoch{};  // that it came under
  Envelope envelope;
};

/// Own envelopes of the asking epoch come back as a reference: the highest of each stream in this page (A3).
struct Own {
  Stream stream = Stream::sale;
  int64_t seq = 0;
  Hash hash{};
};

// Stored as its number: append only.
enum class ConflictStatus : uint8_t { open, settled };  // settled: by a policy, by hand, or because it passed

/// An entry of the conflict journal.
struct Conflict {
  Uuid id{};
  ConflictStatus status = ConflictStatus::settled;
  Clash clash{};
  Entity entity = Entity::product;
  Uuid row{};
  Uuid uid{};  // of the envelope that clashed
  std::string node{};
  Uuid user{};
  Time at{};  // by the hub's clock
};

using Item = std::variant<RowImage, Fact, Own, Conflict>;

struct Page {
  Session session;
  Scope scope = Scope::tenant;
  int64_t id = 0;
  bool rehello = false;
  bool resync = false;  // the node's position or belief is of another past: start over from 0
  Position from{};
  Position to{};
  Position head{};
  int64_t gc_rev = 0;
  std::vector<Item> items{};
  /// In the page that reaches the head: how far the hub was with this node's streams when it read the page, the uids of
  /// this node's envelopes that wait in quarantine, and (tenant scope) the digest of its rows.
  bool last = false;
  std::vector<Mark> marks{};
  std::vector<Uuid> held{};
  std::optional<SetHash> digest{};
};

using Message = std::variant<Hello, Welcome, Up, Ack, Pull, Page>;

Bytes encode(const Message& message);
/// Error: invalid, with a reason for the log.
Result<Message> decode(ByteView content);

/// Bytes an envelope takes in a batch, about: for closing a batch in time.
size_t wire_size(const Envelope& envelope);

}  // namespace till::core

template <>
struct till::EnumNames<till::core::ConflictStatus> {
  static constexpr std::array<std::string_view, 2> names{"open", "settled"};
};
