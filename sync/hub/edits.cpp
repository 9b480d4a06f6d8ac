#include "sync/hub/edits.h"

#include "sync/hub/quarantine.h"

namespace till::hub {
namespace {

Status note_clashes(Tx& tx, const Source& source, const core::RowEdit& edit, const Uuid& uid,
                    const std::vector<core::Clash>& clashes) {
  const Occasion occasion{.scope = source.store, .node = source.node, .uid = uid, .user = edit.user};
  for (const core::Clash& clash : clashes) TILL_CHECK(add_conflict(tx, occasion, edit.entity, edit.id, clash));
  return {};
}

Status apply_waiting(Tx& tx, const Uuid& row) {
  TILL_TRY(const auto waiting, held_for_row(tx.db, row));
  for (Held held : waiting) {
    TILL_TRY(const auto store, (tx.db.value<int64_t>("SELECT row FROM stores WHERE name = ?", held.store)));
    tx.revs.begin(held.envelope.uid, held.envelope.kind);
    const Source source{.stream = held.stream, .store = store.value_or(kTenant), .node = held.node};
    TILL_TRY(const Applied applied, apply_edit_envelope(tx, source, held.envelope));
    held.status = applied.refused.empty() ? HeldStatus::applied : HeldStatus::waiting;
    held.reason = applied.refused;
    held.waits_for = applied.waits_for;
    TILL_CHECK(change_held(tx.db, held));
  }
  return {};
}

}  // namespace

Result<Applied> apply_edit(Tx& tx, const Source& source, const core::RowEdit& edit, const Uuid& uid) {
  if (std::string fault = fault_of(edit); !fault.empty()) return Applied{.refused = std::move(fault)};
  TILL_TRY(const auto current, find_row(tx.db, edit.entity, edit.id));
  Status looked_up;
  core::Merged merged = core::merge(current ? &current->image : nullptr, edit, uid, merge_rules(tx.db, looked_up));
  TILL_CHECK(looked_up);
  if (merged.waits) return Applied{.refused = std::string(kWaitsForRow), .waits_for = edit.id};
  if (merged.changed) TILL_CHECK(put_row(tx, current ? &*current : nullptr, std::move(merged.row), edit.at));
  TILL_CHECK(note_clashes(tx, source, edit, uid, merged.clashes));
  if (!current) TILL_CHECK(apply_waiting(tx, edit.id));
  return Applied{};
}

Result<Applied> apply_edit_envelope(Tx& tx, const Source& source, const core::Envelope& envelope) {
  const auto edit = core::read_edit(envelope.body);
  if (!edit) return Applied{.refused = "malformed"};
  return apply_edit(tx, source, *edit, envelope.uid);
}

}  // namespace till::hub
