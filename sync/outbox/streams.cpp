#include "sync/outbox/streams.h"

#include "sync/core/message.h"

namespace till::outbox {

Result<StreamMarks> get_marks(sqlite::Connection& db, core::Stream stream) {
  auto query = db.query(
      "SELECT head, acked, acked_hash, backed, backed_hash, landed, landed_hash FROM sync_streams WHERE stream = ?",
      stream);
  StreamMarks marks;
  if (query.next())
    query.read(marks.head, marks.acked.seq, marks.acked.hash, marks.backed.seq, marks.backed.hash, marks.landed.seq,
               marks.landed.hash);
  TILL_CHECK(query.status());
  return marks;
}

Status save_marks(sqlite::Connection& db, core::Stream stream, const StreamMarks& marks) {
  return db.run(
      "UPDATE sync_streams SET acked = ?, acked_hash = ?, backed = ?, backed_hash = ?, landed = ?, landed_hash = ?"
      " WHERE stream = ?",
      marks.acked.seq, marks.acked.hash, marks.backed.seq, marks.backed.hash, marks.landed.seq, marks.landed.hash,
      stream);
}

bool Batch::add(core::Envelope&& envelope) {
  bytes_ += core::wire_size(envelope);
  const bool full = envelopes_.size() == core::kMaxBatchEnvelopes || bytes_ > core::kMaxBatchBytes;
  if (full && !envelopes_.empty()) return false;
  envelopes_.push_back(std::move(envelope));
  return true;
}

}  // namespace till::outbox
