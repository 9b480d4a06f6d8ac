// What a damaged database of this node still tells, for the new one that takes its place (daemon/cli): headquarters
// gives back what it has, but what it does not have is only here. Reads the old file, of which any row may be
// unreadable; writes the new one, whose names and epoch are made (create_identity()) and which nobody serves yet.
// Refuses what contradicts itself: a receipt whose parts do not add up, or whose hash is not that of its content after
// the receipt before it. The pages of the file vouch for the rest.
#pragma once

#include "store/former.h"

namespace till::store {

struct SoundFact {
  int64_t fact = 0;           // its number in the old database
  bool acknowledged = false;  // headquarters had it
  core::Envelope envelope;
  std::optional<FormerOrder> order;  // if it is one
};

/// Of the numbers that were given out.
struct Salvaged {
  int64_t sound = 0, lost = 0;
};

/// The old database's own facts that can be read and trusted, from the oldest to the newest. It needs this version's
/// tables. Errors are visit's.
Result<Salvaged> for_each_sound_fact(sqlite::Connection& old, const Identity& identity,
                                     const std::function<Status(const SoundFact&)>& visit);

/// Brings the old database's facts into the new one: those that headquarters acknowledged as they would come from
/// there, the others so that they are sent (former.h). Inside a transaction of the new one, after its users are there;
/// goods may come later.
Result<Salvaged> carry_over_facts(sqlite::Connection& old, sqlite::Connection& fresh, const Identity& identity,
                                  const Stamp& stamp);

/// Likewise the edits of shared rows that headquarters may not have. Before the new database has any.
Status carry_over_edits(sqlite::Connection& old, sqlite::Connection& fresh, const Identity& identity,
                        const Stamp& stamp);

}  // namespace till::store
