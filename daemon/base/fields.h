// One description of a row (D7): a struct and its list of fields. JSON in and out, OpenAPI schemas (here), SQL columns
// (sqlite/columns.h) and the sync payload all come from it, so that a new column is one migration line, one field line
// and one test.
//
//   struct Category {
//     std::string name;
//     static constexpr std::string_view kName = "Category";
//     static constexpr auto fields() {
//       return std::tuple(field("name", &Category::name).text(1, 200).required().doc("as shown to customers"));
//     }
//   };
#pragma once

#include <bitset>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "base/codec.h"
#include "base/schema.h"

namespace till {

/// Who may set a field through the API.
enum class Edit : uint8_t {
  client,  // at creation and by a change
  create,  // at creation only
  input,   // at creation only, and it is not shown: it says how to make the row, not what it is
  server,  // nobody: it is computed or counted
  hidden,  // nobody, and it never leaves the process either
};

/// What wins when hub and node changed the same field (30-sync, Merging).
/// Sent and stored as its number: append only.
enum class Merge : uint8_t {
  latest,      // the edit that the hub receives last
  hub_wins,    // what the hub has
  store_wins,  // what the store wants
  strictest,   // false before true: consent
  manual,      // what the hub has, until somebody decides
  set,         // a list whose elements are added and removed one by one: nothing clashes
};

template <class Row, class T>
struct Field {
  using Type = T;
  std::string_view name;  // JSON key = SQL column = member
  T Row::*member;
  Bounds bounds{};
  Edit edit = Edit::client;
  Merge merge = Merge::latest;
  bool must = false;   // has to be given at creation
  bool column = true;  // stored in the row's table; false: joined or computed
  std::string_view help{};
  bool unique = false;  // a key: no two rows that are not removed should have the same

  constexpr Field range(int64_t min, int64_t max) const {
    return with([&](Field& f) { f.bounds.min = min, f.bounds.max = max; });
  }
  constexpr Field text(int64_t min, int64_t max) const { return range(min, max); }
  constexpr Field code(int64_t min, int64_t max) const {
    return range(min, max).with([](Field& f) { f.bounds.opaque = true; });
  }
  constexpr Field items(size_t most) const {
    return with([&](Field& f) { f.bounds.items = most; });
  }
  constexpr Field required() const {
    return with([](Field& f) { f.must = true; });
  }
  constexpr Field at_creation() const {
    return with([](Field& f) { f.edit = Edit::create; });
  }
  constexpr Field read_only() const {
    return with([](Field& f) { f.edit = Edit::server; });
  }
  constexpr Field hidden() const {
    return with([](Field& f) { f.edit = Edit::hidden; });
  }
  constexpr Field computed() const {
    return read_only().with([](Field& f) { f.column = false; });
  }
  constexpr Field input_only() const {
    return with([](Field& f) { f.edit = Edit::input, f.column = false; });
  }
  constexpr Field merged(Merge policy) const {
    return with([&](Field& f) { f.merge = policy; });
  }
  constexpr Field unique_key() const {
    return with([](Field& f) { f.unique = true; });
  }
  constexpr Field doc(std::string_view words) const {
    return with([&](Field& f) { f.help = words; });
  }

 private:
  template <class F>
  constexpr Field with(F change) const {
    Field copy = *this;
    change(copy);
    return copy;
  }
  template <class R2, class T2>
  friend struct Field;
};

template <class Row, class T>
constexpr Field<Row, T> field(std::string_view name, T Row::*member) {
  return {.name = name, .member = member};
}

template <class Row>
concept Described = requires {
  Row::fields();
};

/// Calls visit(field, index) for each field of the row, in order.
template <Described Row, class F>
constexpr void for_each_field(F&& visit) {
  constexpr auto all = Row::fields();
  [&]<size_t... I>(std::index_sequence<I...>) { (visit(std::get<I>(all), I), ...); }
  (std::make_index_sequence<std::tuple_size_v<decltype(all)>>{});
}

template <Described Row>
inline constexpr size_t kFieldCount = std::tuple_size_v<decltype(Row::fields())>;

inline constexpr size_t kMaxFields = 64;
using FieldMask = std::bitset<kMaxFields>;

constexpr bool is_shown(Edit edit) { return edit != Edit::hidden && edit != Edit::input; }
constexpr bool is_for_creation_only(Edit edit) { return edit == Edit::create || edit == Edit::input; }

/// Writes the row as a JSON object, hidden fields left out.
template <Described Row>
void write_row(JsonWriter& out, const Row& row) {
  out.begin_object();
  for_each_field<Row>([&](const auto& f, size_t) {
    if (!is_shown(f.edit)) return;
    out.key(f.name);
    Codec<typename std::decay_t<decltype(f)>::Type>::write(out, row.*f.member);
  });
  out.end_object();
}

template <Described Row>
std::string to_json(const Row& row) {
  std::string text;
  JsonWriter out(text);
  write_row(out, row);
  return text;
}

/// Reads the members that a client may set; `given` tells which were there. For a creation required fields must be
/// there; for a change (`creating` false) any may be left out and fields fixed at creation are refused. A key that the
/// row does not have, or that the client may not set, is a fault. Null is a value for optional members only.
template <Described Row>
bool read_row(const Json& json, Row& row, bool creating, FieldMask& given, const std::string& pointer, Faults& faults) {
  static_assert(kFieldCount<Row> <= kMaxFields);
  const Json::Object* object = json.object();
  if (!object) {
    faults.add(pointer, "type", "must be an object, not " + std::string(json.type_name()));
    return false;
  }
  bool fine = true;
  for (const auto& member : *object) {
    const std::string& key = member.first;  // named one by one: clang 14 cannot capture structured bindings
    const Json& value = member.second;
    bool known = false;
    for_each_field<Row>([&](const auto& f, size_t index) {
      if (f.name != key || f.edit == Edit::hidden) return;
      known = true;
      const std::string where = pointer + "/" + key;
      if (f.edit == Edit::server || (is_for_creation_only(f.edit) && !creating)) {
        faults.add(where, "read_only", "cannot be set here");
        fine = false;
        return;
      }
      given.set(index);
      fine &= Codec<typename std::decay_t<decltype(f)>::Type>::read(value, row.*f.member, f.bounds, where, faults);
    });
    if (!known) {
      faults.add(pointer + "/" + key, "unknown", "is not a field of this request");
      fine = false;
    }
  }
  if (creating) {
    for_each_field<Row>([&](const auto& f, size_t index) {
      if (!f.must || given.test(index)) return;
      faults.add(pointer + "/" + std::string(f.name), "required", "is missing");
      fine = false;
    });
  }
  return fine;
}

/// A whole body as a new row.
template <Described Row>
Result<Row> row_from_json(const Json& json) {
  Row row;
  FieldMask given;
  Faults faults;
  if (!read_row(json, row, true, given, "", faults)) return std::move(faults).error();
  return row;
}

/// A change of some fields: apply() copies just these.
template <Described Row>
struct Patch {
  Row values;
  FieldMask given;

  void apply(Row& row) const {
    for_each_field<Row>([&](const auto& f, size_t index) {
      if (given.test(index)) row.*f.member = values.*f.member;
    });
  }
};

template <Described Row>
Result<Patch<Row>> patch_from_json(const Json& json) {
  Patch<Row> patch;
  Faults faults;
  if (!read_row(json, patch.values, false, patch.given, "", faults)) return std::move(faults).error();
  return patch;
}

template <Described Row>
void write_nested_schema(JsonWriter& out);

/// A described struct inside another: lines of an order, for example.
template <Described Row>
struct Codec<Row> {
  static void write(JsonWriter& out, const Row& row) { write_row(out, row); }
  static bool read(const Json& json, Row& row, const Bounds&, const std::string& pointer, Faults& faults) {
    FieldMask given;
    return read_row(json, row, true, given, pointer, faults);
  }
  // In place: bodies are shallow, and a component of its own would need a second name.
  static void schema(JsonWriter& out, const Bounds&) { write_nested_schema<Row>(out); }
};

/// Which side of a row a schema shows: what the server answers, what creates it, what changes it, or a part of another.
enum class Side : uint8_t { answer, creation, change, nested };

template <Described Row, Side side>
void write_schema(JsonWriter& out) {
  auto shown = [](const auto& f) {
    if (f.edit == Edit::hidden) return false;
    if (side == Side::answer || side == Side::nested) return is_shown(f.edit);
    return f.edit == Edit::client || (side == Side::creation && is_for_creation_only(f.edit));
  };
  out.begin_object().member("type", "object").member("additionalProperties", false).key("properties").begin_object();
  for_each_field<Row>([&](const auto& f, size_t) {
    if (!shown(f)) return;
    out.key(f.name);
    std::string text;
    JsonWriter inner(text);
    Codec<typename std::decay_t<decltype(f)>::Type>::schema(inner, f.bounds);
    if (f.help.empty()) {
      out.raw(text);
    } else {  // `allOf` keeps the description beside a $ref or a type alike
      out.begin_object().member("description", f.help).key("allOf").begin_array().raw(text).end_array().end_object();
    }
  });
  out.end_object();
  std::string required;
  JsonWriter list(required);
  list.begin_array();
  bool any = false;
  for_each_field<Row>([&](const auto& f, size_t) {
    if (!shown(f) || !(side == Side::answer || (side != Side::change && f.must))) return;
    list.value(f.name);
    any = true;
  });
  list.end_array();
  if (any) out.key("required").raw(required);
  out.end_object();
}

template <Described Row>
void write_nested_schema(JsonWriter& out) {
  write_schema<Row, Side::nested>(out);
}

/// The schemas of a row: Row::kName names the answer, "New…" the body that makes one, "…Change" the body of a PATCH.
template <Described Row>
const Schema* answer_schema() {
  static const Schema schema{std::string(Row::kName), &write_schema<Row, Side::answer>};
  return &schema;
}
template <Described Row>
const Schema* creation_schema() {
  static const Schema schema{"New" + std::string(Row::kName), &write_schema<Row, Side::creation>};
  return &schema;
}
template <Described Row>
const Schema* change_schema() {
  static const Schema schema{std::string(Row::kName) + "Change", &write_schema<Row, Side::change>};
  return &schema;
}

}  // namespace till
