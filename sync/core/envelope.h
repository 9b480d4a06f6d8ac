// One business fact with all its rows, on its way from a node to the hub (30-sync, Streams and envelopes): applied
// whole or not at all. Pure; node, hub and simulator share it.
//
// Each (node, epoch, stream) has a gap-free seq from 1 and a chain of hashes:
//   start = SHA-256("till stream" ‖ epoch ‖ u8 stream)
//   hash  = SHA-256(former hash ‖ envelope without its hash, as written by write_envelope())
// Two nodes that made different facts under one seq have different hashes there: that is how a copy is found (A1).
#pragma once

#include "base/bytes.h"
#include "base/codec.h"
#include "base/id.h"
#include "base/wire.h"

namespace till::core {

using Hash = std::array<uint8_t, 32>;
using Epoch = std::array<uint8_t, 8>;
using Trace = std::array<uint8_t, 16>;  // W3C trace id of the request that made the fact; zero: none

// All sent and stored as their numbers: append only.
enum class Stream : uint8_t {
  sale,  // orders, stock movements, counts: facts of this node
  shop,  // edits of rows that others edit too
  bulk,  // such edits by the thousand (imports): a lane of their own, so that they delay no sale
};
inline constexpr std::array<Stream, 3> kStreams{Stream::sale, Stream::shop, Stream::bulk};
inline constexpr size_t kStreamCount = kStreams.size();
using Seqs = std::array<int64_t, kStreamCount>;  // one of each stream
constexpr size_t index_of(Stream stream) { return static_cast<size_t>(stream); }

enum class Kind : uint8_t {
  order,  // body: domain/journal.h, then the 32 bytes of its journal hash; uid: the order's id
  stock,  // body: domain/stock_fact.h; uid: the entry's id
  edit,   // body: core/edit.h; uid: the edit's own
};

/// As large as the largest order can be, and then some: 2,000 lines with long names.
inline constexpr size_t kMaxBody = size_t{3} << 20;
inline constexpr uint8_t kBodySchema = 1;

struct Envelope {
  int64_t seq = 0;
  Uuid uid{};
  Kind kind = Kind::order;
  uint8_t schema = kBodySchema;  // of the body: old ones stay readable for ever
  int64_t hlc = 0;               // core/hlc.h
  int64_t business_date = 0;
  Trace trace{};
  Bytes body{};
  Hash hash{};
};

/// Everything but seq and hash, which the place in a batch tells.
void write_envelope(ByteWriter& out, const Envelope& envelope);
Envelope read_envelope(ByteReader& in);

Hash stream_start(const Epoch& epoch, Stream stream);
/// The hash of an envelope that follows `former`.
Hash chained(const Hash& former, const Envelope& envelope);

}  // namespace till::core

template <>
struct till::EnumNames<till::core::Stream> {
  static constexpr std::array<std::string_view, 3> names{"sale", "shop", "bulk"};
};
template <>
struct till::EnumNames<till::core::Kind> {
  static constexpr std::array<std::string_view, 3> names{"order", "stock", "edit"};
};
