// The bytes of a receipt that its hash covers (D18, D19). A receipt is chained to the one before it by
// hash = SHA-256(previous hash ‖ body); the first of an epoch follows the last of the former epoch, or 32 zero bytes.
//
// Body, schema 1 (integers are 8 bytes little-endian two's complement; text is its length as an integer, then UTF-8;
// an id is 16 bytes, nil if there is none):
//   u8 schema = 1 | u8 kind | u8 fulfilment | id order | text receipt number | i at_ms | i business date | id cashier
//   | text currency | id of_order | text reason | i subtotal | i discount | i tax | i total | text idempotency key
//   | i lines    { id product | text name | i quantity | i unit price | i list price or -1 | i discount | i tax rate
//                  | i tax | i total | i moved | i price version | id of_line | text reason }
//   | i payments { u8 method | i amount | i tendered }
// Only ids stand in it, no personal data: a person's row can be erased and the chain still verifies (30-sync).
// This encoder is frozen: a change of the body is a new schema number with an encoder of its own.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "domain/order.h"

namespace till::domain {

inline constexpr uint8_t kJournalSchema = 1;

/// The body of an order as sold. `once_key`: the idempotency key it was made with, empty if none.
Bytes journal_body(const Order& order, std::string_view once_key);

/// What a body says. Not in a body and so not here: versions, row ids, what became of the order later.
struct JournalBody {
  Order order;
  std::string once_key;
};

/// The inverse of journal_body(): its result has these very bytes as its body. Ids of lines and payments are numbered,
/// change and the state of payments computed, as the shop that sold it does. Bytes from a wire: whatever no shop could
/// have written (a longer text, a date that is none, an amount that could overflow a sum) is refused.
/// Error: invalid.
Result<JournalBody> read_journal_body(ByteView body);

/// The hash of an order that follows a receipt with the hash `former`.
std::array<uint8_t, 32> journal_hash(const std::array<uint8_t, 32>& former, const Order& order,
                                     std::string_view once_key);

/// Why lines and payments cannot be those of this order; empty if they can: they are numbered from 1, and add up.
std::string wrong_parts(const Order& order);

/// Four letters of RFC 4648's base 32 alphabet that tell an epoch from others on paper (D18).
std::string epoch_tag(ByteView epoch);

/// The first four bytes of an epoch with this tag: all that a receipt tells of it. Nullopt: this is no tag.
std::optional<Bytes> epoch_of_tag(std::string_view tag);

/// "<node code>-<epoch tag>-<n>".
std::string receipt_number(std::string_view node_code, std::string_view tag, int64_t n);

/// The inverse, for numbers of this node.
struct ReceiptNumber {
  std::string tag;
  int64_t n = 0;
};
std::optional<ReceiptNumber> read_receipt_number(std::string_view node_code, std::string_view number);

}  // namespace till::domain
