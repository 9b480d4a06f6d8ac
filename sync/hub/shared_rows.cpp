#include "sync/hub/shared_rows.h"

#include <set>

#include "sync/hub/shared_fields.h"

namespace till::hub {
namespace {

using core::Entity;
using RowKey = std::pair<std::string, std::string>;  // field and value

/// A field of an entity, without its type.
struct FieldRule {
  std::string_view name;
  core::FieldPolicy policy;
  Bounds bounds;
  bool (*is_good)(const Json& value, const Bounds& bounds);
  bool must;  // a row has to be made with it
};

template <class T>
bool is_good(const Json& json, const Bounds& bounds) {
  T value{};
  Faults faults;
  return Codec<T>::read(json, value, bounds, "", faults);
}

template <Described Row>
std::vector<FieldRule> rules_of() {
  std::vector<FieldRule> rules;
  for_each_field<Row>([&](const auto& f, size_t) {
    if (!travels(f)) return;
    rules.push_back({f.name,
                     {.merge = f.merge, .unique = f.unique},
                     f.bounds,
                     &is_good<typename std::decay_t<decltype(f)>::Type>,
                     f.must});
  });
  return rules;
}

const std::vector<FieldRule>& rules_of(Entity entity) {
  static const std::vector<FieldRule> products = rules_of<domain::Product>();
  static const std::vector<FieldRule> categories = rules_of<domain::Category>();
  return entity == Entity::product ? products : categories;
}

const FieldRule* find_rule(Entity entity, std::string_view name) {
  for (const FieldRule& rule : rules_of(entity))
    if (rule.name == name) return &rule;
  return nullptr;
}

core::FieldPolicy policy_of(Entity entity, std::string_view name) {
  const FieldRule* rule = find_rule(entity, name);
  return rule ? rule->policy : core::FieldPolicy{};
}

void add_key(std::set<RowKey>& keys, std::string_view field, std::string value) {
  if (value != "\"\"" && value != "null") keys.emplace(field, std::move(value));
}

std::set<RowKey> keys_of(const core::RowImage& image) {
  std::set<RowKey> keys;
  if (image.removed) return keys;
  for (const core::RowField& field : image.fields) {
    const core::FieldPolicy policy = policy_of(image.entity, field.name);
    if (!policy.unique) continue;
    if (policy.merge != Merge::set) {
      add_key(keys, field.name, field.value);
      continue;
    }
    const auto list = parse_json(field.value);
    if (!list || !list->array()) continue;
    for (const Json& element : *list->array()) {
      std::string text;
      JsonWriter(text).value(element);
      add_key(keys, field.name, std::move(text));
    }
  }
  return keys;
}

Status put_keys(sqlite::Connection& db, int64_t row, Entity entity, const std::set<RowKey>& before,
                const std::set<RowKey>& after) {
  for (const RowKey& key : before)
    if (!after.contains(key))
      TILL_CHECK(db.run("DELETE FROM row_keys WHERE entity = ? AND field = ? AND value = ? AND row = ?", entity,
                        key.first, key.second, row));
  for (const RowKey& key : after)
    if (!before.contains(key))
      TILL_CHECK(db.run("INSERT INTO row_keys (entity, field, value, row) VALUES (?, ?, ?, ?)", entity, key.first,
                        key.second, row));
  return {};
}

Result<std::vector<SharedRow>> read_rows(sqlite::Query query) {
  std::vector<SharedRow> rows;
  while (query.next()) {
    SharedRow& found = rows.emplace_back();
    query.read(found.row, found.created_at, found.updated_at, found.bytes);
    TILL_TRY(found.image, core::read_image(found.bytes));
  }
  TILL_CHECK(query.status());
  return rows;
}

}  // namespace

Result<std::optional<SharedRow>> find_row(sqlite::Connection& db, Entity entity, const Uuid& id) {
  TILL_TRY(auto rows, read_rows(db.query("SELECT row, created_at, updated_at, image FROM shared_rows"
                                         " WHERE entity = ? AND id = ?",
                                         entity, id.bytes)));
  return rows.empty() ? std::optional<SharedRow>{} : std::optional(std::move(rows.front()));
}

Result<std::vector<SharedRow>> live_rows(sqlite::Connection& db, Entity entity, int64_t after_row, int64_t limit) {
  return read_rows(
      db.query("SELECT row, created_at, updated_at, image FROM shared_rows"
               " WHERE entity = ? AND removed = 0 AND row > ? ORDER BY row LIMIT ?",
               entity, after_row, limit));
}

Result<std::optional<Uuid>> find_by_key(sqlite::Connection& db, Entity entity, std::string_view field,
                                        std::string_view value) {
  return db.value<Uuid>(
      "SELECT r.id FROM row_keys k JOIN shared_rows r ON r.row = k.row"
      " WHERE k.entity = ? AND k.field = ? AND k.value = ? LIMIT 1",
      entity, field, value);
}

Status put_row(Tx& tx, const SharedRow* before, core::RowImage image, Time at) {
  TILL_TRY(image.rev, tx.revs.take(kTenant));
  const Bytes bytes = core::write_image(image);
  TILL_TRY(core::SetHash * digest, tx.revs.digest());
  digest->add(bytes);
  if (!before) {
    TILL_CHECK(
        tx.db.run("INSERT INTO shared_rows (entity, id, rev, removed, created_at, updated_at, image) VALUES (?, ?, ?, "
                  "?, ?6, ?6, ?5)",
                  image.entity, image.id.bytes, image.rev, image.removed, bytes, at));
    TILL_TRY(const auto row, (tx.db.value<int64_t>("SELECT last_insert_rowid()")));
    return put_keys(tx.db, row.value_or(0), image.entity, {}, keys_of(image));
  }
  digest->remove(before->bytes);
  TILL_CHECK(tx.db.run("UPDATE shared_rows SET rev = ?, removed = ?, updated_at = ?, image = ? WHERE row = ?",
                       image.rev, image.removed, at, bytes, before->row));
  return put_keys(tx.db, before->row, image.entity, keys_of(before->image), keys_of(image));
}

Result<bool> key_held(sqlite::Connection& db, Entity entity, std::string_view field, std::string_view value,
                      const Uuid& id) {
  TILL_TRY(const auto found,
           (db.value<int64_t>("SELECT 1 FROM row_keys k JOIN shared_rows r ON r.row = k.row"
                              " WHERE k.entity = ? AND k.field = ? AND k.value = ? AND r.id <> ? LIMIT 1",
                              entity, field, value, id.bytes)));
  return found.has_value();
}

core::MergeRules merge_rules(sqlite::Connection& db, Status& failed) {
  return {.policy = policy_of,
          .key_held = [&db, &failed](Entity entity, std::string_view field, std::string_view value, const Uuid& id) {
            const auto held = key_held(db, entity, field, value, id);
            if (!held) failed = held.error();
            return held.ok() && *held;
          }};
}

namespace {

bool names(const core::RowEdit& edit, std::string_view field) {
  return std::any_of(edit.fields.begin(), edit.fields.end(), [&](const auto& f) { return f.name == field; });
}

}  // namespace

std::string fault_of(const core::RowEdit& edit) {
  if (edit.action == core::Action::remove) return {};
  if (edit.action == core::Action::create)
    for (const FieldRule& rule : rules_of(edit.entity))
      if (rule.must && !names(edit, rule.name)) return std::string(rule.name) + " is missing";
  for (const core::FieldEdit& field : edit.fields) {
    const auto json = parse_json(field.after);
    if (!json) return field.name + " is no JSON";
    const FieldRule* rule = find_rule(edit.entity, field.name);
    const bool lost_key = rule && rule->policy.unique && field.after == "\"\"";
    if (rule && !lost_key && !rule->is_good(*json, rule->bounds)) return field.name + " has a value it cannot have";
  }
  return {};
}

}  // namespace till::hub
