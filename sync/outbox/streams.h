// How far each stream of this node is (sync_streams). A mark comes with the chain's hash there, so that a hash further
// on is computed from the nearest mark before it and none needs to be kept beside each fact (D19).
// Called inside a write for what changes, on any thread's connection for what reads.
#pragma once

#include "sqlite/connection.h"
#include "sync/core/envelope.h"

namespace till::outbox {

/// A place in a stream and the chain's hash there; at 0 the hash is the epoch's start and is not kept.
struct Anchor {
  int64_t seq = 0;
  core::Hash hash{};
};

struct StreamMarks {
  int64_t head = 0;  // shop and bulk; the sale stream's head is the newest fact
  Anchor acked{};    // the hub has it
  Anchor backed{};   // it is in every backup of the hub's: it may be forgotten here (A7)
  Anchor landed{};   // the newest page kept was read when the hub had it (B1)
};

Result<StreamMarks> get_marks(sqlite::Connection& db, core::Stream stream);
/// All but the head, which only append() moves.
Status save_marks(sqlite::Connection& db, core::Stream stream, const StreamMarks& marks);

/// One batch being filled (core/message.h): whole envelopes, at least one.
class Batch {
 public:
  /// False, and nothing taken, if it is full.
  bool add(core::Envelope&& envelope);
  [[nodiscard]] std::vector<core::Envelope> take() && { return std::move(envelopes_); }

 private:
  std::vector<core::Envelope> envelopes_;
  size_t bytes_ = 0;
};

}  // namespace till::outbox
