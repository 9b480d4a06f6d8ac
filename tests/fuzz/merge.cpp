// Merging of edits into the hub's row: nobody's edit is lost without a word in the journal, an edit that comes twice
// changes nothing more, edits of different fields come to the same in either order, and no row outgrows a page.
//
//   input = u8 what other rows hold | edits { u8 action | u8 fields { u8 field | u8 base | u8 before | u8 after } }
#include "sync/core/merge.h"

#include <bitset>
#include <map>

#include "fuzz/fuzz.h"

namespace till::core {
namespace {

constexpr size_t kMaxEdits = 40;
constexpr std::string_view kFields[] = {"name", "price", "low_stock", "consent", "tax", "tags", "codes", "sku"};
constexpr std::string_view kTexts[] = {"null",         "\"\"",   "1",          "2",
                                       "false",        "[]",     "[\"a\"]",    R"(["a","b"])",
                                       R"(["b","c"])", "\"S1\"", "[1e2,-0.0]", "not JSON"};

FieldPolicy policy_of(std::string_view field) {
  if (field == "price") return {Merge::hub_wins};
  if (field == "low_stock") return {Merge::store_wins};
  if (field == "consent") return {Merge::strictest};
  if (field == "tax") return {Merge::manual};
  if (field == "tags") return {Merge::set};
  if (field == "codes") return {Merge::set, true};
  if (field == "sku") return {Merge::latest, true};
  return {};
}

Uuid uid_of(size_t n) {
  Uuid id;
  id.bytes.fill(static_cast<uint8_t>(n));
  return id;
}

MergeRules rules_with(std::bitset<8> held) {
  return {.policy = [](Entity, std::string_view field) { return policy_of(field); },
          .key_held = [held](Entity, std::string_view, std::string_view value,
                             const Uuid&) { return held.test(value.size() % 8); }};
}

/// The tags that an author saw who had the row as it was `ago` edits before, or a wrong idea of it.
std::vector<Tag> base_of(const std::vector<RowImage>& past, std::string_view field, uint8_t ago) {
  if (past.empty() || ago == 0xFF) return {};
  if (ago >= 0xF0) return {tag_of(uid_of(ago))};
  const RowField* seen = past[past.size() - 1 - ago % past.size()].find(field);
  return seen ? seen->tags : std::vector<Tag>{};
}

RowEdit edit_of(fuzz::Input& in, const std::vector<RowImage>& past) {
  RowEdit edit{.action = static_cast<Action>(in.below(4)), .id = uid_of(0xAA)};
  const size_t count = in.below(5);
  for (size_t i = 0; i < count; ++i) {
    FieldEdit field;
    field.name = kFields[in.below(std::size(kFields))];
    field.base = base_of(past, field.name, in.byte());
    field.before = kTexts[in.below(std::size(kTexts))];
    field.after = kTexts[in.below(std::size(kTexts))];
    const bool twice = std::any_of(edit.fields.begin(), edit.fields.end(),
                                   [&](const FieldEdit& other) { return other.name == field.name; });
    if (!twice) edit.fields.push_back(std::move(field));
  }
  return edit;
}

std::map<std::string, std::string> values_of(const RowImage& row) {
  std::map<std::string, std::string> values;
  for (const RowField& field : row.fields) values[field.name] = field.value;
  return values;
}

bool in_journal(const Merged& merged, const FieldEdit& field) {
  return std::any_of(merged.clashes.begin(), merged.clashes.end(), [&](const Clash& clash) {
    return clash.field == field.name && (clash.theirs == field.after || policy_of(field.name).merge == Merge::set);
  });
}

void check_nothing_lost(const RowImage* before, const RowEdit& edit, const Merged& merged) {
  if (before && edit.action == Action::remove) {
    return TILL_ASSERT(merged.row.removed || !merged.clashes.empty());
  }
  TILL_ASSERT(!merged.row.removed);
  for (const FieldEdit& field : edit.fields) {
    const RowField* now = merged.row.find(field.name);
    const bool is_set = policy_of(field.name).merge == Merge::set;
    TILL_ASSERT(in_journal(merged, field) || (now && (is_set || now->value == field.after)));
    // What was written over was seen by the author, equal, or stands in the journal.
    const RowField* former = before ? before->find(field.name) : nullptr;
    if (is_set || !former || !now || now->value == former->value || former->tags.empty()) continue;
    const bool seen = std::any_of(field.base.begin(), field.base.end(), [&](const Tag& tag) {
      return std::find(former->tags.begin(), former->tags.end(), tag) != former->tags.end();
    });
    TILL_ASSERT(seen || in_journal(merged, field) || before->removed);
  }
}

void check_bounds(const Merged& merged) {
  TILL_ASSERT(merged.row.fields.size() <= kMaxEditFields);
  const Bytes image = write_image(merged.row);
  const auto back = read_image(image);
  TILL_ASSERT(image.size() <= kMaxImage && back.ok() && *back == merged.row);
}

void check_order_of_two(const RowImage& row, const RowEdit& a, const RowEdit& b, const MergeRules& rules) {
  const bool both_change = a.action == Action::change && b.action == Action::change && !row.removed;
  const bool apart = std::none_of(a.fields.begin(), a.fields.end(), [&](const FieldEdit& field) {
    return std::any_of(b.fields.begin(), b.fields.end(), [&](const FieldEdit& f) { return f.name == field.name; });
  });
  if (!both_change || !apart) return;
  const Merged first_a = merge(&row, a, uid_of(0xB0), rules);
  const Merged first_b = merge(&row, b, uid_of(0xB1), rules);
  TILL_ASSERT(values_of(merge(&first_a.row, b, uid_of(0xB1), rules).row) ==
              values_of(merge(&first_b.row, a, uid_of(0xB0), rules).row));
}

void check_one(const std::vector<RowImage>& past, const RowEdit& edit, const Merged& merged, const MergeRules& rules) {
  const RowImage* before = past.empty() ? nullptr : &past.back();
  TILL_ASSERT(merged.waits == (!before && edit.action != Action::create));
  if (merged.waits) return;
  if (before) TILL_ASSERT(merged.changed == !(merged.row == *before));
  check_nothing_lost(before, edit, merged);
  check_bounds(merged);
  const Merged again = merge(&merged.row, edit, uid_of(past.size() + 1), rules);
  TILL_ASSERT(values_of(again.row) == values_of(merged.row) && again.row.removed == merged.row.removed);
}

}  // namespace
}  // namespace till::core

namespace till::fuzz {

void run(Input in) {
  const core::MergeRules rules = core::rules_with(in.byte());
  std::vector<core::RowImage> past;
  core::RowEdit former;
  for (size_t n = 1; !in.empty() && n < core::kMaxEdits; ++n) {
    const core::RowEdit edit = core::edit_of(in, past);
    const core::RowImage* row = past.empty() ? nullptr : &past.back();
    const core::Merged merged = core::merge(row, edit, core::uid_of(past.size() + 1), rules);
    core::check_one(past, edit, merged, rules);
    if (row && n > 1) core::check_order_of_two(*row, former, edit, rules);
    former = edit;
    if (!merged.waits) past.push_back(merged.row);
  }
}

}  // namespace till::fuzz
