// The strict JSON gate and the writer. Reading: nlohmann's SAX parser behind one function that checks depth,
// duplicate keys, number ranges and UTF-8 before anything is kept (50-faults: its own DOM keeps the last of two equal
// keys, recurses on dump, narrows silently). Writing: straight into a string, for answers are built on the hot path.
// The only place that includes nlohmann/json.hpp is json.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"

namespace till {

class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;  // in the order of the text; keys are unique
  using Value = std::variant<std::nullptr_t, bool, int64_t, double, std::string, Array, Object>;

  Json() : value_(nullptr) {}
  explicit Json(Value value) : value_(std::move(value)) {}

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
  [[nodiscard]] const bool* boolean() const { return std::get_if<bool>(&value_); }
  [[nodiscard]] const int64_t* integer() const { return std::get_if<int64_t>(&value_); }
  /// A number with a fraction or exponent, or too large for int64.
  [[nodiscard]] const double* real() const { return std::get_if<double>(&value_); }
  [[nodiscard]] const std::string* string() const { return std::get_if<std::string>(&value_); }
  [[nodiscard]] const Array* array() const { return std::get_if<Array>(&value_); }
  [[nodiscard]] const Object* object() const { return std::get_if<Object>(&value_); }
  Array* array() { return std::get_if<Array>(&value_); }
  Object* object() { return std::get_if<Object>(&value_); }
  /// The member of an object, or null if there is none or this is no object.
  [[nodiscard]] const Json* find(std::string_view key) const;
  /// "string", "integer", …: for error texts.
  [[nodiscard]] std::string_view type_name() const;

 private:
  Value value_;
};

inline constexpr size_t kMaxJsonDepth = 32;
inline constexpr size_t kMaxJsonValues = 100'000;  // a value costs 40 bytes here but may cost 2 in the text

/// Parses one JSON text (RFC 8259). Refuses depth over 32, more than 100,000 values, duplicate keys, bad UTF-8, NUL in
/// strings, numbers outside double, trailing text. Errors: invalid ("invalid_json"), with byte offset and line in the
/// message; what is wrong with a whole object (a key twice) is reported where it ends.
/// `comments` allows // and /* */ (configuration files only).
Result<Json> parse_json(std::string_view text, bool comments = false);

/// Appends `text` as a JSON string with its quotes. The text must be UTF-8.
void append_json_string(std::string& out, std::string_view text);

/// Writes JSON front to back into a string; commas come by themselves. Misuse (a key outside an object) is not
/// checked: it is for code, not for data.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(int64_t number);
  JsonWriter& value(int number) { return value(int64_t{number}); }
  JsonWriter& value(uint64_t number);
  /// The shortest text that reads back as the same number; null for infinities and NaN, which JSON does not have.
  JsonWriter& value(double number);
  JsonWriter& value(bool truth);
  JsonWriter& value(Time time);
  JsonWriter& value(const Uuid& id);
  JsonWriter& value(const Json& json);
  JsonWriter& null();
  /// Text that is JSON already.
  JsonWriter& raw(std::string_view json);

  template <class T>
  JsonWriter& member(std::string_view name, const T& v) {
    key(name);
    return value(v);
  }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void comma();

  std::string& out_;
  bool first_ = true;  // nothing written yet at this level
};

}  // namespace till
