// What nodes send, applied: each batch whole, in one job of the writer, with its stream's cursor (30-sync, Up). Nothing
// is kept in memory between jobs, so a job that is rolled back leaves nothing behind.
//
// A batch is applied in two jobs: note() counts the try in a commit of its own, then apply() makes it. So a batch that
// brings the hub down is known by its tries: the third time it is taken apart, and an envelope that fails alone as
// often is quarantined unseen (C6). Errors that are the machine's (full disk, busy file) forget their try: they never
// file a good sale as poison.
#pragma once

#include "sync/hub/edits.h"
#include "sync/hub/identity.h"
#include "sync/hub/nodes.h"
#include "sync/hub/quarantine.h"

namespace till::hub {

inline constexpr int64_t kMaxTries = 3;

/// How batches are to be applied.
enum class Way : uint8_t {
  whole,
  apart,   // as one batch per envelope, each noted alone
  unseen,  // not at all: its one envelope goes into quarantine
};

class Applier {
 public:
  Applier(Clock& clock, IdSource& ids, const Identity& identity) : clock_(clock), ids_(ids), identity_(identity) {}

  /// A hello: the node and its epoch are known from now on; what it lost is skipped (A7). A revoked node is told so.
  Result<core::Welcome> welcome(sqlite::Connection& db, const core::NodeName& name, const core::Hello& hello) const;

  /// Counts a try of this batch and those that were sent behind it. `alone`: it is one envelope and nothing is behind.
  Result<Way> note(sqlite::Connection& db, const core::NodeName& name, const core::Up& up, bool alone) const;
  /// Applies what follows on what is here, and says how far the hub is. `gap`: it does not follow, or another history
  /// stands under these seqs (the mark's hash tells which, A1). `rehello`: from another hub's time, or never greeted.
  /// Errors are not the batch's fault: it may come again.
  Result<core::Ack> apply(sqlite::Connection& db, const core::NodeName& name, const core::Up& up, Way way) const;
  /// The try does not count: the batch failed by the machine's fault, or was not tried.
  Status forget_try(sqlite::Connection& db, const core::NodeName& name, const core::Up& up) const;

  /// Quarantine by hand. Errors: not_found, conflict (it does not wait any more).
  /// Applies it again; it may be refused again, with another reason.
  Result<Held> retry(sqlite::Connection& db, const Uuid& uid) const;
  /// Books it and its counter-booking, so that node and hub have the same (A8); what cannot be read is only put aside.
  Result<Held> ignore(sqlite::Connection& db, const Uuid& uid, const std::string& reason) const;

 private:
  Result<std::optional<StreamRow>> stream_of(sqlite::Connection& db, const core::NodeName& name,
                                             const core::Session& session, core::Stream stream) const;
  Status apply_new(Tx& tx, const core::NodeName& name, StreamRow& stream, const core::Up& up, Way way) const;

  Clock& clock_;
  IdSource& ids_;
  const Identity& identity_;
};

/// The batch's envelopes as batches of one.
std::vector<core::Up> taken_apart(const core::Up& up);

}  // namespace till::hub
