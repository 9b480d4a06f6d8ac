#include "sync/hub/resolving.h"

namespace till::hub {
namespace {

using core::ClashKind;
using core::Winner;

Result<ConflictRow> get_conflict(sqlite::Connection& db, const Uuid& id) {
  TILL_TRY(auto found, find_conflict(db, id));
  if (!found) return Error{.code = Code::not_found, .message = "There is no such conflict"};
  return std::move(*found);
}

// "[1,2]" and "3" → "[1,2,3]"
std::string with_element(const std::string& list, const std::string& element) {
  const bool empty = list == "[]";
  return list.substr(0, list.size() - 1) + (empty ? "" : ",") + element + "]";
}

// The row takes the key that it lost, if nobody has it any more.
Status give_key(Tx& tx, const Catalogue& catalogue, const core::Conflict& entry, const Uuid& user) {
  const core::Clash& c = entry.clash;
  TILL_TRY(const bool held, key_held(tx.db, entry.entity, c.field, c.theirs, entry.row));
  if (held) return Error{.code = Code::conflict, .message = "Another row still has this key", .reason = "taken"};
  if (c.policy != Merge::set)
    return catalogue.set_field(tx, entry.entity, entry.row, c.field, c.theirs, entry.id, user);
  TILL_TRY(const auto row, find_row(tx.db, entry.entity, entry.row));
  const core::RowField* now = row ? row->image.find(c.field) : nullptr;
  const std::string list = with_element(now ? now->value : "[]", c.theirs);
  return catalogue.set_field(tx, entry.entity, entry.row, c.field, list, entry.id, user);
}

Status carry_out(Tx& tx, const Catalogue& catalogue, const core::Conflict& entry, Winner winner, const Uuid& user) {
  const core::Clash& c = entry.clash;
  const bool theirs = winner == Winner::theirs;
  switch (c.kind) {
    case ClashKind::field:
      return catalogue.set_field(tx, entry.entity, entry.row, c.field, theirs ? c.theirs : c.ours, entry.id, user);
    case ClashKind::key_lost:
      return theirs ? give_key(tx, catalogue, entry, user) : Status();
    case ClashKind::edit_won:  // theirs is the removal
      return catalogue.set_removed(tx, entry.entity, entry.row, theirs, entry.id, user);
    case ClashKind::row_back:  // ours is
      return catalogue.set_removed(tx, entry.entity, entry.row, !theirs, entry.id, user);
    case ClashKind::oversold:
    case ClashKind::receipt_twice:
      return {};  // it happened: somebody has looked into it
  }
  return {};
}

Result<ConflictRow> settle(Tx& tx, const Catalogue& catalogue, const ConflictRow& found, Winner winner,
                           std::optional<Merge> policy, const Uuid& user) {
  tx.revs.begin(tx.ids.next(), core::Kind::edit);
  TILL_CHECK(carry_out(tx, catalogue, found.entry, winner, user));
  TILL_CHECK(settle_conflict(tx, found.row, winner, policy));
  TILL_CHECK(tx.revs.save());
  return get_conflict(tx.db, found.entry.id);
}

}  // namespace

Result<ConflictRow> resolve_conflict(Tx& tx, const Catalogue& catalogue, const Uuid& id, Winner winner,
                                     const Uuid& user) {
  TILL_TRY(const ConflictRow found, get_conflict(tx.db, id));
  return settle(tx, catalogue, found, winner, {}, user);
}

Result<ConflictRow> replay_conflict(Tx& tx, const Catalogue& catalogue, const Uuid& id, Merge policy,
                                    const Uuid& user) {
  TILL_TRY(const ConflictRow found, get_conflict(tx.db, id));
  if (found.entry.clash.kind != ClashKind::field)
    return Error{.code = Code::conflict, .message = "No policy decides this", .reason = "no_policy"};
  return settle(tx, catalogue, found, core::winner_by(policy, found.entry.clash.theirs), policy, user);
}

}  // namespace till::hub
