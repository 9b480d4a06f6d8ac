// Merging an edit into the hub's row (30-sync, Merging; B2, B4, B6, B10). Pure: what other rows hold is asked through a
// function. The hub calls it inside the transaction that applies the envelope; its order is everybody's order.
#pragma once

#include <functional>
#include <optional>

#include "base/fields.h"
#include "sync/core/edit.h"

namespace till::core {

/// How one field of an entity merges; from the field lists (D7).
struct FieldPolicy {
  Merge merge = Merge::latest;
  bool unique = false;  // of all rows of its entity that are not removed: the later row loses the key
};

struct MergeRules {
  /// Unknown fields merge as `latest`.
  std::function<FieldPolicy(Entity, std::string_view field)> policy;
  /// True if another row than `id` that is not removed holds this value (of a set: this element). JSON text.
  std::function<bool(Entity, std::string_view field, std::string_view value, const Uuid& id)> key_held;
};

// Stored as its number: append only.
enum class Winner : uint8_t { ours, theirs };  // seen from the hub: what it had, what came

// Why it stands in the journal. Stored as its number: append only.
enum class ClashKind : uint8_t {
  field,         // both changed it
  key_lost,      // another row has this key: the row lives without it
  edit_won,      // a removal lost against an edit that its author had not seen
  row_back,      // an edit brought a removed row back
  oversold,      // the store sold more than it had (made by the hub, not by merge())
  receipt_twice  // two receipts bear one number: a copy, or a restored node (made by the hub)
};

/// Both versions of what clashed: nobody's edit vanishes in silence.
struct Clash {
  ClashKind kind = ClashKind::field;
  std::string field{};
  std::string base{};    // what the edit's author saw; JSON text
  std::string ours{};    // what the hub had
  std::string theirs{};  // what the edit wanted
  Merge policy = Merge::latest;
  Winner winner = Winner::ours;
};

struct Merged {
  bool waits = false;    // the row is not there yet: keep the edit until it is (B6)
  bool changed = false;  // the image differs from before (its value, or its tags): it gets a new rev
  RowImage row{};
  std::vector<Clash> clashes{};
};

/// Who wins where hub and node changed the same field. `theirs`: the edit's value, JSON text.
Winner winner_by(Merge policy, std::string_view theirs);

/// `current`: null if the hub has never had the row. The result's rev is still the former one.
Merged merge(const RowImage* current, const RowEdit& edit, const Uuid& uid, const MergeRules& rules);

}  // namespace till::core

template <>
struct till::EnumNames<till::Merge> {
  static constexpr std::array<std::string_view, 6> names{"latest",    "hub_wins", "store_wins",
                                                         "strictest", "manual",   "set"};
};
template <>
struct till::EnumNames<till::core::Winner> {
  static constexpr std::array<std::string_view, 2> names{"ours", "theirs"};
};
template <>
struct till::EnumNames<till::core::ClashKind> {
  static constexpr std::array<std::string_view, 6> names{"field",    "key_lost", "edit_won",
                                                         "row_back", "oversold", "receipt_twice"};
};
