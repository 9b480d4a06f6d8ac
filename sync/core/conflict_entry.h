// An entry of the conflict journal as the APIs of node and hub show it: one description, one shape.
#pragma once

#include "base/fields.h"
#include "sync/core/message.h"

namespace till::core {

struct ConflictEntry {
  Uuid id{};
  ConflictStatus status{};
  ClashKind kind{};
  std::string entity;
  Uuid row_id{};
  std::string field_name;
  JsonText base, ours, theirs;
  Merge policy{};
  Winner winner{};
  std::string node;
  Uuid user_id{};
  Time at{};
  Uuid envelope_id{};

  static constexpr std::string_view kName = "SyncConflict";
  static constexpr auto fields() {
    return std::tuple(
        field("id", &ConflictEntry::id), field("status", &ConflictEntry::status), field("kind", &ConflictEntry::kind),
        field("entity", &ConflictEntry::entity), field("row_id", &ConflictEntry::row_id),
        field("field", &ConflictEntry::field_name), field("base", &ConflictEntry::base).doc("what the author saw"),
        field("ours", &ConflictEntry::ours).doc("what headquarters had"),
        field("theirs", &ConflictEntry::theirs).doc("what the edit wanted"), field("policy", &ConflictEntry::policy),
        field("winner", &ConflictEntry::winner), field("node", &ConflictEntry::node).doc("that made the edit"),
        field("user_id", &ConflictEntry::user_id), field("at", &ConflictEntry::at),
        field("envelope_id", &ConflictEntry::envelope_id).doc("the edit, order or movement that clashed"));
  }
};

ConflictEntry entry_of(const Conflict& conflict);

}  // namespace till::core
