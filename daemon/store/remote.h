// Facts of the store's other nodes, as far as they concern this one: what they moved (30-sync). Also own facts of a
// lost life that the hub gives back. Each counts once, by its uid. Inside a write, on the writer's thread.
//
// The rule of counts, the same in every replica and at the hub, whatever the order facts arrive in:
//   on_hand = N of the newest count (by hlc, then by uid) + all movements with a later hlc
// A movement's `moved` is what it did to the stock here, so that the ledger's sum is always on_hand: nothing if a newer
// count was here already; a count that is the newest does what is left to the rule's sum.
#pragma once

#include "domain/order.h"
#include "store/stock.h"

namespace till::store {

struct RemoteMovement {
  Uuid product_id{};
  int64_t quantity = 0;  // what its node booked; a count: by what its book was off, which does not matter here
  std::optional<int64_t> counted{};
};

struct RemoteFact {
  Uuid uid{};
  std::string node;
  std::optional<domain::OrderKind> order_kind{};
  std::optional<domain::StockEntryKind> entry_kind{};
  Time at{};
  int64_t business_date = 0;
  std::string reason{};
  int64_t hlc = 0;
  Bytes unread{};  // the body, if this tilld cannot read it: kept raw, it moves nothing
  std::vector<RemoteMovement> movements{};

  [[nodiscard]] bool is_read() const { return order_kind || entry_kind; }
};

/// Reads a fact that came in a page; one whose body is not understood, or whose hlc no clock can have, has neither
/// kind.
RemoteFact read_fact(const std::string& node, const core::Envelope& envelope);

/// Books a fact, unless it is known: as an own one or because it came before.
Status book_fact(sqlite::Connection& db, const RemoteFact& fact, int64_t version_base);

/// Books what came before its product did (C8).
Status book_waiting(sqlite::Connection& db, const Uuid& product_id, int64_t version_base);

/// Facts that could not be read.
Result<int64_t> count_unread_facts(sqlite::Connection& db);

}  // namespace till::store
