// Own facts (orders and stock entries) as envelopes of the sale stream. They are never kept as such: a fact is written
// once, so its envelope is built from its rows whenever it is sent (D19), and seq = fact - Identity::sale_base. So are
// those of a former life that were carried over (store/former.h): under a number of this life, else as they were.
// Called by sync/node on any thread's connection.
#pragma once

#include "store/identity.h"
#include "sync/outbox/streams.h"

namespace till::store {

/// The newest fact's number, 0: none.
Result<int64_t> newest_fact(sqlite::Connection& db);

/// How many facts have a number: as many as the newest's, if none is missing.
Result<int64_t> count_facts(sqlite::Connection& db);

/// The fact's place among the ticks of former orders (former_row()); one that is still to come is behind them all.
Result<int64_t> row_of_tick(sqlite::Connection& db, int64_t fact);

/// The fact as it travels, without seq and hash.
Result<std::optional<core::Envelope>> find_fact(sqlite::Connection& db, const Identity& identity, int64_t fact);

/// One batch of the sale stream from `first` on, of at most `most` envelopes, without hashes. It ends before a fact
/// that is not there.
Result<std::vector<core::Envelope>> load_facts(sqlite::Connection& db, const Identity& identity, int64_t first,
                                               int64_t most);

}  // namespace till::store
