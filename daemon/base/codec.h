// How one value of a row's member type is written as JSON, read from JSON and described as JSON Schema. A new member
// type is one specialisation of Codec here and one pair of functions in sqlite/columns.h.
#pragma once

#include <array>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/card_number.h"
#include "base/json.h"

namespace till {

/// Bounds of a field. Integers: the value. Text: characters (code points). Lists: `items`, each item by min and max.
struct Bounds {
  int64_t min = std::numeric_limits<int64_t>::min();
  int64_t max = std::numeric_limits<int64_t>::max();
  size_t items = 64;
  bool opaque = false;  // text: a code or number that may look like a card's (D17 exempts it); printable ASCII only
};

/// Collects all faults of one body, each with the JSON pointer where it is (20-api: all of them at once).
class Faults {
 public:
  void add(const std::string& pointer, std::string code, std::string detail) {
    if (found_.size() < kMax) found_.push_back({pointer, std::move(code), std::move(detail)});
  }
  [[nodiscard]] bool empty() const { return found_.empty(); }
  /// The Error that carries them. Only when not empty().
  [[nodiscard]] Error error() &&;

 private:
  static constexpr size_t kMax = 100;  // a hostile body must not make a larger answer
  std::vector<FieldError> found_;
};

/// An enum shown as text: specialise with `static constexpr std::array<std::string_view, N> names` in value order.
template <class E>
struct EnumNames;

template <class E>
concept NamedEnum = requires {
  EnumNames<E>::names;
};

template <NamedEnum E>
constexpr std::string_view to_string(E value) {
  return EnumNames<E>::names[static_cast<size_t>(value)];
}
template <NamedEnum E>
constexpr std::optional<E> parse_enum(std::string_view text) {
  for (size_t i = 0; i < EnumNames<E>::names.size(); ++i)
    if (EnumNames<E>::names[i] == text) return static_cast<E>(i);
  return std::nullopt;
}

template <class T>
struct Codec;

template <>
struct Codec<bool> {
  static void write(JsonWriter& out, bool value) { out.value(value); }
  static bool read(const Json& json, bool& value, const Bounds&, const std::string& pointer, Faults& faults);
  static void schema(JsonWriter& out, const Bounds&);
};
template <>
struct Codec<int64_t> {
  static void write(JsonWriter& out, int64_t value) { out.value(value); }
  static bool read(const Json& json, int64_t& value, const Bounds&, const std::string& pointer, Faults& faults);
  static void schema(JsonWriter& out, const Bounds&);
};
template <>
struct Codec<std::string> {
  static void write(JsonWriter& out, const std::string& value) { out.value(value); }
  static bool read(const Json& json, std::string& value, const Bounds&, const std::string& pointer, Faults& faults);
  static void schema(JsonWriter& out, const Bounds&);
};
template <>
struct Codec<Uuid> {
  static void write(JsonWriter& out, const Uuid& value) { out.value(value); }
  static bool read(const Json& json, Uuid& value, const Bounds&, const std::string& pointer, Faults& faults);
  static void schema(JsonWriter& out, const Bounds&);
};
template <>
struct Codec<Time> {
  static void write(JsonWriter& out, const Time& value) { out.value(value); }
  static bool read(const Json& json, Time& value, const Bounds&, const std::string& pointer, Faults& faults);
  static void schema(JsonWriter& out, const Bounds&);
};

/// An object that is JSON text already and goes out as it is.
struct JsonText {
  std::string text{"{}"};
};
template <>
struct Codec<JsonText> {
  static void write(JsonWriter& out, const JsonText& value) { out.raw(value.text); }
  static void schema(JsonWriter& out, const Bounds&);
};

/// Reads one of `names`; shared by all enums so that each adds no code of its own.
bool read_name(const Json& json, const std::string_view* names, size_t count, size_t& index, const std::string& pointer,
               Faults& faults);
void name_schema(JsonWriter& out, const std::string_view* names, size_t count);

template <NamedEnum E>
struct Codec<E> {
  static void write(JsonWriter& out, E value) { out.value(to_string(value)); }
  static bool read(const Json& json, E& value, const Bounds&, const std::string& pointer, Faults& faults) {
    size_t index = 0;
    if (!read_name(json, EnumNames<E>::names.data(), EnumNames<E>::names.size(), index, pointer, faults)) return false;
    value = static_cast<E>(index);
    return true;
  }
  static void schema(JsonWriter& out, const Bounds&) {
    name_schema(out, EnumNames<E>::names.data(), EnumNames<E>::names.size());
  }
};

/// null and absent are the same: nothing.
template <class T>
struct Codec<std::optional<T>> {
  static void write(JsonWriter& out, const std::optional<T>& value) {
    value ? Codec<T>::write(out, *value) : static_cast<void>(out.null());
  }
  static bool read(const Json& json, std::optional<T>& value, const Bounds& bounds, const std::string& pointer,
                   Faults& faults) {
    value.reset();
    if (json.is_null()) return true;
    return Codec<T>::read(json, value.emplace(), bounds, pointer, faults);
  }
  static void schema(JsonWriter& out, const Bounds& bounds) {
    out.begin_object().key("anyOf").begin_array();
    Codec<T>::schema(out, bounds);
    out.begin_object().member("type", "null").end_object().end_array().end_object();
  }
};

template <class T>
struct Codec<std::vector<T>> {
  static void write(JsonWriter& out, const std::vector<T>& values) {
    out.begin_array();
    for (const T& value : values) Codec<T>::write(out, value);
    out.end_array();
  }
  static bool read(const Json& json, std::vector<T>& values, const Bounds& bounds, const std::string& pointer,
                   Faults& faults) {
    const Json::Array* array = json.array();
    if (!array) return faults.add(pointer, "type", "must be a list, not " + std::string(json.type_name())), false;
    if (array->size() > bounds.items)
      return faults.add(pointer, "too_many", "at most " + std::to_string(bounds.items) + " items"), false;
    values.clear();
    values.reserve(array->size());
    bool fine = true;
    for (size_t i = 0; i < array->size(); ++i)
      fine &= Codec<T>::read((*array)[i], values.emplace_back(), bounds, pointer + "/" + std::to_string(i), faults);
    return fine;
  }
  static void schema(JsonWriter& out, const Bounds& bounds) {
    out.begin_object().member("type", "array").member("maxItems", static_cast<int64_t>(bounds.items)).key("items");
    Codec<T>::schema(out, bounds);
    out.end_object();
  }
};

}  // namespace till
