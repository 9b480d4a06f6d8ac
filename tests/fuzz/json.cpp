// The JSON gate against nlohmann's own DOM: what the gate takes both read as the same value, what it refuses beyond
// that has one of the reasons that base/json.h names; what is written reads back as what was written.
#include "base/json.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "fuzz/fuzz.h"

namespace till::fuzz {
namespace {

using Theirs = nlohmann::json;

bool same(const Json& ours, const Theirs& theirs) {
  if (const auto* truth = ours.boolean()) return theirs.is_boolean() && theirs.get<bool>() == *truth;
  if (const auto* number = ours.integer()) return theirs.is_number() && theirs == *number;
  if (const auto* number = ours.real()) return theirs.is_number() && theirs.get<double>() == *number;
  if (const auto* text = ours.string()) return theirs.is_string() && theirs.get_ref<const std::string&>() == *text;
  if (const auto* array = ours.array()) {
    return theirs.is_array() && std::equal(array->begin(), array->end(), theirs.begin(), theirs.end(), same);
  }
  if (const auto* object = ours.object()) {
    return theirs.is_object() && theirs.size() == object->size() &&
           std::all_of(object->begin(), object->end(), [&](const auto& member) {
             const auto found = theirs.find(member.first);
             return found != theirs.end() && same(member.second, *found);
           });
  }
  return theirs.is_null();
}

/// What nlohmann saw on its way that the gate does not take.
struct Seen {
  size_t depth = 0;
  size_t values = 0;
  bool key_twice = false;
  bool nul = false;
};

std::optional<Theirs> read_by_nlohmann(std::string_view text, bool comments, Seen& seen) {
  std::vector<std::vector<std::string>> keys;
  auto watch = [&](int depth, Theirs::parse_event_t event, Theirs& value) {
    using Event = Theirs::parse_event_t;
    const bool opens = event == Event::object_start || event == Event::array_start;
    if (opens) seen.depth = std::max(seen.depth, static_cast<size_t>(depth) + 1), ++seen.values;
    if (event == Event::value) ++seen.values;
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key || (event == Event::value && value.is_string())) {
      seen.nul |= value.get_ref<const std::string&>().find('\0') != std::string::npos;
    }
    if (event == Event::key) {
      auto& names = keys.back();
      const auto& name = value.get_ref<const std::string&>();
      seen.key_twice |= std::find(names.begin(), names.end(), name) != names.end();
      names.push_back(name);
    }
    return true;
  };
  Theirs value = Theirs::parse(text.begin(), text.end(), watch, false, comments);
  if (value.is_discarded()) return std::nullopt;
  return value;
}

void check_written(const Json& value) {
  std::string text;
  JsonWriter(text).value(value);
  const auto again = parse_json(text);
  TILL_ASSERT(again.ok());
  TILL_ASSERT(same(*again, Theirs::parse(text)));
  std::string twice;
  JsonWriter(twice).value(*again);
  TILL_ASSERT(twice == text);
}

}  // namespace

void run(Input in) {
  const bool comments = in.flag();
  const std::string_view text = in.text();
  const auto ours = parse_json(text, comments);
  Seen seen;
  const auto theirs = read_by_nlohmann(text, comments, seen);
  if (ours.ok()) {
    TILL_ASSERT(theirs && same(*ours, *theirs));
    TILL_ASSERT(seen.depth <= kMaxJsonDepth && seen.values <= kMaxJsonValues && !seen.key_twice && !seen.nul);
    return check_written(*ours);
  }
  TILL_ASSERT(ours.error().code == Code::invalid && ours.error().reason == "invalid_json");
  const bool has_reason =
      !is_utf8(text) || seen.depth > kMaxJsonDepth || seen.values > kMaxJsonValues || seen.key_twice || seen.nul;
  TILL_ASSERT(has_reason || !theirs);
}

}  // namespace till::fuzz
