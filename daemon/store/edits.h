// Edits and images of shared rows by their field lists (D7): which fields travel, their values as JSON text, and what
// an edit makes of a row. Between table.h and shared.h above and sync/outbox below.
#pragma once

#include <algorithm>

#include "sqlite/columns.h"
#include "store/history.h"
#include "sync/core/row_fields.h"

namespace till::store {

using core::json_text;
using core::travels;

/// The fields that differ; of a row that is made or removed (the other is null) all.
template <Described Row>
std::vector<core::FieldEdit> field_edits(const Row* before, const Row* after) {
  std::vector<core::FieldEdit> edits;
  for_each_field<Row>([&](const auto& f, size_t) {
    if (!travels(f) || (before && after && before->*f.member == after->*f.member)) return;
    edits.push_back({.name = std::string(f.name),
                     .before = before ? json_text(before->*f.member) : std::string(),
                     .after = after ? json_text(after->*f.member) : std::string()});
  });
  return edits;
}

/// Appends the edit to the outbox, if somebody here made it and there is a hub to hear of it.
template <Described Row>
Status pass_on(sqlite::Connection& db, Entity entity, core::Action action, const Row* before, const Row* after,
               const Stamp& stamp) {
  if (!stamp.author) return {};
  TILL_TRY(const bool attached, outbox::is_attached(db));
  if (!attached) return {};
  return outbox::append(db,
                        {.entity = entity,
                         .action = action,
                         .id = after ? after->id : before->id,
                         .at = stamp.now,
                         .fields = field_edits(before, after)},
                        *stamp.author);
}

// A key that another row took is empty (30-sync, Unique keys), whatever its field's bounds say.
template <class F, class T>
void read_value(const F& field, const std::string& json, T& value, Faults& faults) {
  if (field.unique && json == "\"\"") {
    value = T{};
    return;
  }
  const std::string pointer = "/" + std::string(field.name);
  const auto parsed = parse_json(json);
  if (!parsed) return faults.add(pointer, "json", "is no JSON");
  Codec<T>::read(*parsed, value, field.bounds, pointer, faults);
}

// What the author added and took away, done to what is there (B10).
template <class T>
void change_set(std::vector<T>& set, const std::vector<T>& before, const std::vector<T>& after) {
  const auto has = [](const std::vector<T>& list, const T& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
  };
  std::erase_if(set, [&](const T& item) { return has(before, item) && !has(after, item); });
  for (const T& item : after)
    if (!has(before, item) && !has(set, item)) set.push_back(item);
}
template <class T>
void change_set(T& value, const T&, const T& after) {  // no list: a field with another policy
  value = after;
}

/// A field as the hub has it. One that this node does not know is left to the raw image.
template <Described Row>
void set_field(Row& row, const core::RowField& field, Faults& faults) {
  for_each_field<Row>([&](const auto& f, size_t) {
    if (travels(f) && f.name == field.name) read_value(f, field.value, row.*f.member, faults);
  });
}

/// A field as an own edit wants it.
template <Described Row>
void set_field(Row& row, const core::FieldEdit& edit, Faults& faults) {
  for_each_field<Row>([&](const auto& f, size_t) {
    if (!travels(f) || f.name != edit.name) return;
    using T = typename std::decay_t<decltype(f)>::Type;
    T before{}, after{};
    if (f.merge == Merge::set && !edit.before.empty()) read_value(f, edit.before, before, faults);
    read_value(f, edit.after, after, faults);
    f.merge == Merge::set ? change_set(row.*f.member, before, after) : static_cast<void>(row.*f.member = after);
  });
}

}  // namespace till::store
