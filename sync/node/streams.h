// The three streams of a node's database read alike: sales from their rows, edits from the outbox. Any thread's
// connection.
#pragma once

#include "store/identity.h"
#include "sync/core/session.h"
#include "sync/outbox/streams.h"

namespace till::node {

core::Epoch epoch_of(const store::Identity& identity);

/// The newest seq.
Result<int64_t> head_of(sqlite::Connection& db, const store::Identity& identity, core::Stream stream);
Result<core::StreamState> stream_state(sqlite::Connection& db, const store::Identity& identity, core::Stream stream);

/// One batch from `first` on, without hashes, of at most `most` envelopes.
Result<std::vector<core::Envelope>> load_batch(sqlite::Connection& db, const store::Identity& identity,
                                               core::Stream stream, int64_t first,
                                               int64_t most = core::kMaxBatchEnvelopes);

}  // namespace till::node
