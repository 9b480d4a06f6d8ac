#include "sync/node/streams.h"

#include "store/facts.h"
#include "sync/outbox/edits.h"

namespace till::node {

using core::Stream;

core::Epoch epoch_of(const store::Identity& identity) {
  core::Epoch epoch{};
  std::copy_n(identity.epoch.begin(), std::min(identity.epoch.size(), epoch.size()), epoch.begin());
  return epoch;
}

Result<int64_t> head_of(sqlite::Connection& db, const store::Identity& identity, Stream stream) {
  if (stream == Stream::sale) {
    TILL_TRY(const int64_t newest, store::newest_fact(db));
    return newest - identity.sale_base;
  }
  TILL_TRY(const auto marks, outbox::get_marks(db, stream));
  return marks.head;
}

Result<core::StreamState> stream_state(sqlite::Connection& db, const store::Identity& identity, Stream stream) {
  TILL_TRY(const auto marks, outbox::get_marks(db, stream));
  TILL_TRY(const int64_t head, head_of(db, identity, stream));
  return core::StreamState{.head = head,
                           .acked = marks.acked.seq,
                           .backed = marks.backed.seq,
                           .landed = marks.landed.seq,
                           .lost = stream == Stream::sale ? 0 : marks.backed.seq};  // facts are never forgotten
}

Result<std::vector<core::Envelope>> load_batch(sqlite::Connection& db, const store::Identity& identity, Stream stream,
                                               int64_t first, int64_t most) {
  return stream == Stream::sale ? store::load_facts(db, identity, first, most)
                                : outbox::load_edits(db, stream, first, most);
}

}  // namespace till::node
