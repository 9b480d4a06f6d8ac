#include "sync/core/merge.h"

#include <algorithm>

namespace till::core {
namespace {

constexpr std::string_view kNothing = "null";                 // the value of a field that a row does not have
constexpr size_t kMaxValues = kMaxImage - size_t{64} * 1024;  // of a row in bytes; the rest is for names and tags

using Elements = std::vector<std::string>;  // of a set, each as JSON text

Elements elements_of(std::string_view list) {
  Elements found;
  const auto json = parse_json(list);
  if (!json || !json->array()) return found;
  for (const Json& element : *json->array()) {
    std::string text;
    JsonWriter(text).value(element);
    found.push_back(std::move(text));
  }
  return found;
}

std::string list_of(const Elements& elements) {
  std::string text;
  JsonWriter out(text);
  out.begin_array();
  for (const std::string& element : elements) out.raw(element);
  out.end_array();
  return text;
}

bool contains(const Elements& elements, const std::string& element) {
  return std::find(elements.begin(), elements.end(), element) != elements.end();
}

bool is_empty_key(std::string_view value) { return value == "\"\"" || value == kNothing || value == "[]"; }

bool any_in(const std::vector<Tag>& some, const std::vector<Tag>& others) {
  return std::any_of(some.begin(), some.end(),
                     [&](const Tag& tag) { return std::find(others.begin(), others.end(), tag) != others.end(); });
}

// One edit being merged into one row.
class Merging {
 public:
  Merging(Merged& result, const RowEdit& edit, const Uuid& uid, const MergeRules& rules)
      : result_(result), row_(result.row), edit_(edit), tag_(tag_of(uid)), rules_(rules) {}

  void create() {
    row_.entity = edit_.entity;
    row_.id = edit_.id;
    for (const FieldEdit& field : edit_.fields) change(field);
    result_.changed = true;
  }

  void change() {
    if (row_.removed) revive();
    for (const FieldEdit& field : edit_.fields) change(field);
  }

  void remove() {
    if (row_.removed) return;
    for (const RowField& field : row_.fields) {
      const auto seen = std::find_if(edit_.fields.begin(), edit_.fields.end(),
                                     [&](const FieldEdit& shown) { return shown.name == field.name; });
      const bool unseen = seen == edit_.fields.end() || !any_in(field.tags, seen->base);
      if (!field.tags.empty() && unseen) {
        note({.kind = ClashKind::edit_won,
              .field = field.name,
              .base = seen == edit_.fields.end() ? std::string(kNothing) : seen->before,
              .ours = field.value,
              .theirs = std::string(kNothing)});
        return;
      }
    }
    row_.removed = true;
    result_.changed = true;
  }

 private:
  void note(Clash clash) { result_.clashes.push_back(std::move(clash)); }
  [[nodiscard]] FieldPolicy policy(std::string_view field) const { return rules_.policy(edit_.entity, field); }
  [[nodiscard]] bool held(std::string_view field, std::string_view value) const {
    return rules_.key_held(edit_.entity, field, value, row_.id);
  }

  void set(const FieldEdit& edit, std::string value) {
    RowField* field = row_.find(edit.name);
    if (!has_room(edit.name, value))
      return note({.field = edit.name,
                   .base = edit.before,
                   .ours = field ? field->value : std::string(kNothing),
                   .theirs = edit.after});
    if (!field) field = &row_.fields.emplace_back(RowField{edit.name, {}, {}});
    field->value = std::move(value);
    field->tags = {tag_};
    result_.changed = true;
  }

  // A row that no page can carry would stop every node: what makes it one is not taken.
  [[nodiscard]] bool has_room(const std::string& name, const std::string& value) const {
    size_t fields = 1, bytes = value.size();
    for (const RowField& other : row_.fields) {
      if (other.name == name) continue;
      ++fields;
      bytes += other.value.size();
    }
    return fields <= kMaxEditFields && value.size() <= kMaxFieldValue && bytes <= kMaxValues;
  }

  // Two wrote the same: an edit over either of them has seen what is there (B2).
  void alias(RowField& field) {
    if (std::find(field.tags.begin(), field.tags.end(), tag_) != field.tags.end()) return;
    if (field.tags.size() == kMaxTags) field.tags.erase(field.tags.begin());
    field.tags.push_back(tag_);
    result_.changed = true;
  }

  void change(const FieldEdit& edit) {
    const FieldPolicy rule = policy(edit.name);
    if (rule.merge == Merge::set) return change_set(edit, rule);
    RowField* field = row_.find(edit.name);
    if (field && field->value == edit.after) return alias(*field);
    const bool clash = field && !field->tags.empty() && !any_in(field->tags, edit.base);
    Winner winner = Winner::theirs;
    if (clash) {
      winner = winner_by(rule.merge, edit.after);
      note({.field = edit.name,
            .base = edit.before,
            .ours = field->value,
            .theirs = edit.after,
            .policy = rule.merge,
            .winner = winner});
    }
    if (winner == Winner::ours) return;
    if (rule.unique && !is_empty_key(edit.after) && held(edit.name, edit.after)) return lose_key(edit);
    set(edit, edit.after);
  }

  // The row lives without the key that another one has; what it had before it keeps.
  void lose_key(const FieldEdit& edit) {
    const RowField* field = row_.find(edit.name);
    note({.kind = ClashKind::key_lost,
          .field = edit.name,
          .base = edit.before,
          .ours = field ? field->value : std::string(kNothing),
          .theirs = edit.after});
    if (!field) set(edit, "\"\"");
  }

  // What the author added and took away, done to what is there (B10).
  void change_set(const FieldEdit& edit, const FieldPolicy& rule) {
    const Elements before = elements_of(edit.before);
    const Elements wanted = elements_of(edit.after);
    RowField* field = row_.find(edit.name);
    const Elements current = field ? elements_of(field->value) : Elements{};
    Elements merged;
    for (const std::string& element : current)
      if (contains(wanted, element) || !contains(before, element)) merged.push_back(element);
    for (const std::string& element : wanted)
      if (!contains(merged, element) && !contains(before, element)) add_element(edit, rule, merged, element);
    const std::string value = list_of(merged);
    if (field && field->value == value) return alias(*field);
    set(edit, value);
  }

  void add_element(const FieldEdit& edit, const FieldPolicy& rule, Elements& merged, const std::string& element) {
    if (!rule.unique || !held(edit.name, element)) return merged.push_back(element);
    note({.kind = ClashKind::key_lost,
          .field = edit.name,
          .base = edit.before,
          .ours = list_of(merged),
          .theirs = element,
          .policy = Merge::set});
  }

  // The row comes back; keys that others took meanwhile stay theirs (B11).
  void revive() {
    note({.kind = ClashKind::row_back, .ours = "true", .theirs = "false", .winner = Winner::theirs});
    row_.removed = false;
    result_.changed = true;
    for (RowField& field : row_.fields) {
      const FieldPolicy rule = policy(field.name);
      if (rule.unique) give_up_held_keys(field, rule);
    }
  }

  void give_up_held_keys(RowField& field, const FieldPolicy& rule) {
    const bool is_set = rule.merge == Merge::set;
    Elements kept;
    for (const std::string& key : is_set ? elements_of(field.value) : Elements{field.value}) {
      if (is_empty_key(key) || !held(field.name, key)) {
        kept.push_back(key);
        continue;
      }
      note({.kind = ClashKind::key_lost, .field = field.name, .base = key, .ours = "\"\"", .theirs = key});
    }
    std::string value = is_set ? list_of(kept) : kept.empty() ? "\"\"" : kept.front();
    if (value == field.value) return;
    field.value = std::move(value);
    field.tags = {tag_};
  }

  Merged& result_;
  RowImage& row_;
  const RowEdit& edit_;
  const Tag tag_;
  const MergeRules& rules_;
};

}  // namespace

Winner winner_by(Merge policy, std::string_view theirs) {
  switch (policy) {
    case Merge::latest:
    case Merge::store_wins:
    case Merge::set:
      return Winner::theirs;
    case Merge::strictest:
      return theirs == "false" ? Winner::theirs : Winner::ours;
    case Merge::hub_wins:
    case Merge::manual:
      return Winner::ours;
  }
  return Winner::ours;
}

Merged merge(const RowImage* current, const RowEdit& edit, const Uuid& uid, const MergeRules& rules) {
  Merged result;
  if (current) result.row = *current;
  Merging merging(result, edit, uid, rules);
  if (!current) {
    if (edit.action == Action::create)
      merging.create();
    else
      result.waits = true;
  } else if (edit.action == Action::remove) {
    merging.remove();
  } else {
    merging.change();
  }
  return result;
}

}  // namespace till::core
