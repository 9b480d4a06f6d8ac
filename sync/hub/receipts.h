// The journal chain of receipts as the hub sees it (domain/journal.h): each receipt's hash covers the one before it on
// its till. The hub computes every hash again, notes what it finds, and refuses no sale for it: the money was taken.
#pragma once

#include "sqlite/connection.h"
#include "sync/core/envelope.h"

namespace till::hub {

// Stored as its number: append only.
enum class Link : uint8_t {
  follows,   // its hash is that of its body and the receipt before it
  first,     // number 1 of an epoch whose former one is not known here: nothing to compare with
  unproven,  // the receipt before it is not here
  broken,    // its hash is another one
};

/// The parts of an order's envelope: the journal's body, and the hash behind it. Nullopt if it is too short.
struct Receipt {
  ByteView body;
  core::Hash hash{};
};
std::optional<Receipt> split_receipt(ByteView envelope_body);

/// `former`: the hash of the receipt that came before it in its stream. `number`: "<node code>-<epoch tag>-<n>".
Result<Link> link_of(sqlite::Connection& db, const Receipt& receipt, const core::Hash& former, int64_t store,
                     const std::string& number);

/// The uid of another order of the store that bears this number.
Result<std::optional<Uuid>> find_twin(sqlite::Connection& db, int64_t store, const std::string& number,
                                      const Uuid& uid);

/// What a check of all receipts found; `fault` names the first that is broken.
struct ReceiptsReport {
  int64_t receipts = 0;
  int64_t unproven = 0;
  int64_t broken = 0;
  int64_t twice = 0;
  std::string fault{};
};
Result<ReceiptsReport> verify_receipts(sqlite::Connection& db);

}  // namespace till::hub

template <>
struct till::EnumNames<till::hub::Link> {
  static constexpr std::array<std::string_view, 4> names{"follows", "first", "unproven", "broken"};
};
