// Own facts (orders and stock entries) as envelopes of the sale stream. They are never kept as such: a fact is written
// once, so its envelope is built from its rows whenever it is sent (D19), and seq = fact - Identity::sale_base.
// Called by sync/node on any thread's connection.
#pragma once

#include "store/identity.h"
#include "sync/outbox/streams.h"

namespace till::store {

/// The newest fact's number, 0: none.
Result<int64_t> newest_fact(sqlite::Connection& db);

/// One batch of the sale stream from `first` on, of at most `most` envelopes, without hashes. It ends before a fact
/// that is not there.
Result<std::vector<core::Envelope>> load_facts(sqlite::Connection& db, const Identity& identity, int64_t first,
                                               int64_t most);

}  // namespace till::store
