#include "api/dialects/keys.h"

#include <algorithm>

namespace till::dialects {
namespace {

Json read_each(const Json& theirs, const Key& key, const Manner& manner, const std::string& pointer, Faults& faults) {
  if (const Json::Object* object = theirs.object())
    return Json(read_members(*object, key.of, manner, pointer, faults).body);
  const Json::Array* list = theirs.array();
  if (!list) return theirs;
  Json::Array ours;
  ours.reserve(list->size());
  for (size_t i = 0; i < list->size(); ++i) {
    const Json& item = (*list)[i];
    ours.push_back(item.object() ? read_each(item, key, manner, pointer + "/" + std::to_string(i), faults) : item);
  }
  return Json(std::move(ours));
}

Json read_value(const Json& theirs, const Key& key, const Manner& manner, const std::string& pointer, Faults& faults) {
  if (!key.of.empty()) return read_each(theirs, key, manner, pointer, faults);
  if (!key.form || theirs.is_null()) return theirs;
  Json ours;
  return key.form->read(theirs, ours, pointer, manner, faults) ? ours : Json(true);
}

void write_value(const Json& ours, const Key& key, const Manner& manner, JsonWriter& out) {
  if (!key.of.empty() && ours.object()) {
    write_row(ours, key.of, manner, out);
  } else if (!key.of.empty() && ours.array()) {
    out.begin_array();
    for (const Json& item : *ours.array()) write_row(item, key.of, manner, out);
    out.end_array();
  } else if (key.form && !ours.is_null()) {
    key.form->write(ours, out, manner);
  } else {
    out.value(ours);
  }
}

/// The key by which the client gave this member, or could have given it.
const Key* key_of(std::string_view ours, const Keys& keys, const Json* theirs) {
  const Key* known = nullptr;
  for (const Key& key : keys) {
    if (key.ours != ours) continue;
    if (theirs && theirs->find(key.theirs)) return &key;
    if (!known) known = &key;
  }
  return known;
}

/// Cuts "/a" off "/a/b".
std::string_view take_token(std::string_view& pointer) {
  const size_t end = std::min(pointer.find('/', 1), pointer.size());
  const std::string_view token = pointer.substr(1, end - 1);
  pointer.remove_prefix(end);
  return token;
}

}  // namespace

const Json* find(const Json::Object& members, std::string_view name) {
  for (const auto& member : members)
    if (member.first == name) return &member.second;
  return nullptr;
}

Members read_members(const Json::Object& theirs, const Keys& keys, const Manner& manner, const std::string& pointer,
                     Faults& faults) {
  Members ours;
  for (const Key& key : keys) {
    const Json* value = find(theirs, key.theirs);
    Json::Object& there = ours.in(key.place);
    if (!value || find(there, key.ours)) continue;
    const std::string where = pointer + "/" + std::string(key.theirs);
    there.emplace_back(key.ours, read_value(*value, key, manner, where, faults));
  }
  return ours;
}

void write_row(const Json& ours, const Keys& keys, const Manner& manner, JsonWriter& out) {
  out.begin_object();
  for (const Key& key : keys) {
    const Json* value = ours.find(key.ours);
    if (!value) continue;
    if (manner.is_v1 && key.theirs == "id") out.key("_id").value(*value);
    out.key(key.theirs);
    write_value(*value, key, manner, out);
  }
  out.end_object();
}

std::string their_pointer(std::string_view ours, const Keys& keys, const Json* theirs) {
  if (!ours.starts_with('/')) return std::string(ours);  // the whole body, or a parameter of the query
  std::string_view rest = ours;
  const Key* key = key_of(take_token(rest), keys, theirs);
  if (!key) return std::string(ours);
  std::string pointer = "/" + std::string(key->theirs);
  // What was made of it has parts that the client never wrote.
  if (key->form || key->place == Place::aside) return pointer;
  if (key->of.empty()) return pointer.append(rest);
  const Json* inside = theirs ? theirs->find(key->theirs) : nullptr;
  size_t index = 0;
  if (rest.size() > 1 && rest[1] >= '0' && rest[1] <= '9') {
    const std::string token(take_token(rest));
    for (const char c : token) index = index * 10 + static_cast<size_t>(c - '0');
    pointer.append("/").append(token);
    inside = inside && inside->array() && index < inside->array()->size() ? &(*inside->array())[index] : nullptr;
  }
  return pointer + their_pointer(rest, key->of, inside);
}

}  // namespace till::dialects
